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

// with a button that takes it back, or does it again
export function say(page, text, { undo = true, redo = false } = {}) {
  clearTimeout(end);
  const button = redo || undo ? keyButton(page, redo ? "redo" : "undo", { id: null, tabindex: -1 }) : "";
  byId("toast").replaceChildren(el("span", {}, text), button);
  end = setTimeout(() => byId("toast").replaceChildren(), SHOWN_MS);
}
