// Sends decisions to the server, and shows what then stands.

import { change } from "./api.js";
import { askName } from "./dialogs.js";
import { number } from "./dom.js";
import { idOf } from "./ids.js";
import { clearError, fail, say } from "./messages.js";
import { giveNote, takeNote } from "./note.js";

// choose returns the decision and the label for a row
export async function decide(page, rows, choose) {
  if (!rows.length) return;
  if (!page.model.reviewer) {
    askName(page, () => decide(page, rows, choose));
    return;
  }
  const note = page.view === "focus" ? takeNote(rows[0]) : "";
  const blind = rows.some(page.isBlind);
  const chosen = rows.map((row) => ({ id: row.id, ...choose(row), settles: settled(page.model, row) }));
  const asked = change("/api/decisions", { reviewer: page.model.reviewer, note, blind, rows: chosen, run: page.model.stamp });
  showPending(page, rows, blind);
  const answer = await settle(page, asked, rows);
  if (answer) say(page, rows.length > 1 ? `${number(rows.length)} rows decided` : [idOf(page.model, rows[0], page.isBlind(rows[0])), `: ${page.model.verdict(rows[0])}`]);
  else if (note) giveNote(rows[0], note);
}

export function toChoice(row, label) {
  return label === row.given_label ? { decision: "keep", label: "" } : { decision: "relabel", label };
}

export async function undo(page) {
  const { model } = page;
  if (!model.reviewer) {
    askName(page, () => undo(page));
    return;
  }
  const answer = await settle(page, change("/api/undo", { reviewer: model.reviewer }), []);
  if (!answer) return;
  const row = model.rows.find((each) => each.id === answer.ids[0]);
  if (row && page.view === "focus") model.current = row;
  model.cards?.takeBack(answer.ids[0]);
  page.renewCards();
  page.draw();
  say(page, answer.ids.length > 1 ? `taken back on ${answer.ids.length} rows` : ["taken back: ", idOf(model, { id: answer.ids[0] }, page.isBlind(row))], { undo: false });
}

// whose disagreement a decision on a row settles
export function settled(model, row) {
  return model.status(row) === "conflict" ? model.sure(row).map((said) => said.reviewer).join("; ") : "";
}

// goes on to the next row at once, so that the next key is meant for that one
function showPending(page, rows, blind) {
  rows.forEach((row) => page.model.pending.add(row.id));
  page.model.selected.clear();
  if (page.view === "focus") {
    // who decided blind now sees what the model thinks
    if (!blind) page.model.current = page.model.nextToDecide();
  }
  page.draw();
}

async function settle(page, asked, rows) {
  let answer = null;
  try {
    answer = await asked;
    clearError();
    page.model.update(answer);
    page.renewForecast();
  } catch (error) {
    if (page.model.rows.includes(rows[0]) && page.view === "focus") [page.model.current] = rows;
    fail(error);
  }
  rows.forEach((row) => page.model.pending.delete(row.id));
  page.draw();
  return answer;
}
