// Where the buttons that decide stay at the bottom of the screen, the row that they are about comes into sight.

import { byId } from "./dom.js";

let shown;

// a row that was not there before; whoever has other buttons has scrolled to them
export function bringIntoSight({ view, model }) {
  const row = view === "focus" ? model.current : null;
  const isNew = shown !== undefined && row !== shown;
  shown = row;
  const buttons = document.querySelector("#focus .decide");
  if (!row || !isNew || !buttons || getComputedStyle(buttons).position !== "fixed") return;
  const { top, bottom } = byId("example").getBoundingClientRect();
  if (top < 0 || bottom > buttons.getBoundingClientRect().top) document.querySelector(".desk").scrollIntoView();
}
