// Says what happened: errors above the page until they are over, what was done below it for a moment.

import { byId, el } from "./dom.js";
import { keyButton } from "./keyboard.js";

const SHOWN_MS = 6000;
let end;

export function fail(error) {
  byId("banner").textContent = error.message;
  byId("banner").hidden = false;
}

export function clearError() {
  byId("banner").hidden = true;
}

export function say(page, text, { undo = true } = {}) {
  clearTimeout(end);
  const button = undo ? keyButton(page, "undo", { id: null, tabindex: -1 }) : "";
  byId("toast").replaceChildren(el("span", {}, text), button);
  end = setTimeout(() => byId("toast").replaceChildren(), SHOWN_MS);
}
