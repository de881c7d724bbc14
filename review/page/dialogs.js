// The dialogs: who decides, and the help.

import { byId, el, key } from "./dom.js";
import { helpLines } from "./keyboard.js";

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

export function openHelp(dataset) {
  byId("help").replaceChildren(
    el("h2", {}, "Keys"), el("table", {}, el("tbody", {}, helpLines())),
    el("p", { class: "muted" }, `Every decision is a line in data/${dataset}/decisions.csv, on the disk before it shows here.`),
    el("form", { method: "dialog" }, el("button", { autofocus: true }, "Close ", key("Esc"))),
  );
  byId("help").showModal();
  // the focus is on the button below
  byId("help").scrollTop = 0;
}
