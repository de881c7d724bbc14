// What could not be saved, or taken back: it stays above the page until it is, with the choice to try again.

import { byId, el, number } from "./dom.js";
import { shownId } from "./ids.js";
import { keyButton } from "./keyboard.js";
import { wording } from "./deciding.js";

const NAMED = 3;
let drawn = "";

export function drawUnsaved(page) {
  const { unsaved, refused } = page.model.outbox;
  const text = unsaved.length ? `Not saved: ${list(page.model, unsaved)}. ${unsaved.at(-1).said}` : refused && `Not taken back: ${refused}`;
  // said once
  if (text === drawn) return;
  drawn = text;
  byId("unsaved").hidden = !text;
  const buttons = unsaved.length ? [keyButton(page, "try-again"), el("button", { id: "drop", onclick: () => page.dropUnsaved() }, "Drop")] : [];
  byId("unsaved").replaceChildren(text, " ", ...buttons);
}

function list(model, unsaved) {
  const rows = unsaved.flatMap(({ rows, blind }) => rows.map((row) => ({ ...row, blind })));
  const named = rows.slice(0, NAMED).map((row) => `id ${shownId(model, row, row.blind)}: ${wording(row, "kept")}`);
  return [...named, ...(rows.length > NAMED ? [`${number(rows.length - NAMED)} more`] : [])].join("; ");
}
