// The note that is written for the next decision. It belongs to the row that it was begun on, wherever the view goes.

import { byId } from "./dom.js";
import { shownId } from "./ids.js";

const notes = new Map();
let shown = null;

export function connectNote() {
  const input = byId("note");
  input.onblur = () => {
    input.readOnly = false;
    input.placeholder = input.dataset.asks;
  };
  input.dataset.asks = input.placeholder;
}

// the note of the row that is shown now; where it is another row, that one's waits
export function drawNote(page) {
  const { current: row } = page.model;
  const input = byId("note");
  input.parentElement.hidden = !row;
  if (row?.id === shown?.id) return;
  if (shown) keep(shown, input.value);
  // whoever is at it has not seen that the view has moved: what they still type belongs to neither row
  if (shown && document.activeElement === input) {
    input.readOnly = true;
    input.placeholder = `another row is shown: the note waits at ${shownId(page.model, shown, page.isBlind(shown))}`;
  }
  input.value = notes.get(row?.id) ?? "";
  shown = row;
}

// a row's note, which then is no longer there
export function takeNote(row) {
  const note = row.id === shown?.id ? byId("note").value : notes.get(row.id) ?? "";
  giveNote(row, "");
  return note.trim();
}

export function giveNote(row, note) {
  keep(row, note);
  if (row.id === shown?.id) byId("note").value = note;
}

function keep(row, note) {
  if (note.trim()) notes.set(row.id, note);
  else notes.delete(row.id);
}
