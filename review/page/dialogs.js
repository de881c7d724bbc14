// The dialog that asks who decides.

import { byId } from "./dom.js";

// goes on with `then` if a name was given
export function askName(page, then = () => {}) {
  byId("who-name").value = page.model.reviewer;
  byId("who").onclose = () => {
    const name = byId("who-name").value.trim().replace(/\s+/g, " ");
    if (!name) return;
    page.setReviewer(name);
    then();
  };
  byId("who").showModal();
}
