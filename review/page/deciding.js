// What people choose, and what they take back: how it goes to the server, and what is then shown.

import { askName } from "./dialogs.js";
import { number } from "./dom.js";
import { idOf } from "./ids.js";
import { runWaiting } from "./keyboard.js";
import { say } from "./messages.js";
import { takeNote } from "./note.js";

// choose returns the decision and the label for a row
export function decide(page, rows, choose) {
  const { model } = page;
  if (!rows.length) return;
  if (!model.reviewer) {
    askName(page, () => decide(page, rows, choose));
    return;
  }
  const note = page.view === "focus" ? takeNote(rows[0]) : "";
  const chosen = rows.map((row) => ({ id: row.id, given: row.given_label, ...choose(row), settles: settled(model, row) }));
  const choice = { reviewer: model.reviewer, note, blind: rows.some(page.isBlind), run: model.stamp, rows: chosen };
  make(page, choice, model.outbox.make(choice));
}

export function toChoice(row, label) {
  return label === row.given_label ? { decision: "keep", label: "" } : { decision: "relabel", label };
}

// whose disagreement a decision on a row settles
export function settled(model, row) {
  return model.status(row) === "conflict" ? model.sure(row).map((said) => said.reviewer).join("; ") : "";
}

// goes on to the next row at once, so that the next key is meant for that one
export function make(page, choice, sent) {
  const { model } = page;
  model.selected.clear();
  if (choice.card) model.cards.judge(choice);
  // who decided blind now sees what the model thinks
  else if (page.view === "focus" && !choice.blind) model.current = model.nextToDecide();
  settle(page, choice, sent);
  page.draw();
}

// the row on the screen stays, whatever the answer is: the next key is meant for it
async function settle(page, choice, sent) {
  const { model } = page;
  const answer = await sent;
  if (answer) {
    model.update(answer);
    model.cards?.settle(choice);
    say(page, whatWasDone(page, choice));
    page.renewForecast();
  }
  page.draw();
  page.renewCards();
}

function whatWasDone(page, { card, rows }) {
  if (rows.length > 1) return `${number(rows.length)} rows decided`;
  const [{ id, given, decision, label }] = rows;
  const row = { id, given_label: given };
  return [idOf(page.model, row, card || page.isBlind(row)), `: ${card ? wording({ decision, label }, "right") : page.model.verdict(row)}`];
}

export const wording = ({ decision, label }, keep) => ({ keep, relabel: `now ${label}`, remove: "removed", unsure: "not sure" })[decision];

export function tryAgain(page) {
  const { model } = page;
  for (const [choice, sent] of model.outbox.tryAgain((id) => model.labelOf(id), model.stamp)) settle(page, choice, sent);
  page.draw();
}

export function dropUnsaved(page) {
  const { outbox, cards } = page.model;
  for (const choice of outbox.unsaved) {
    outbox.drop(choice);
    cards?.settle(choice);
  }
  page.draw();
  page.renewCards();
}

export async function undo(page) {
  const { model } = page;
  const { outbox } = model;
  if (!model.reviewer) {
    askName(page, () => undo(page));
    return;
  }
  outbox.undoing += 1;
  say(page, "taking back…", { undo: false });
  const asked = outbox.undo(model.reviewer);
  page.draw();
  const undone = await asked;
  if (undone) takeBack(page, undone);
  else say(page, "nothing is taken back", { undo: false });
  page.draw();
  // in the tab of drawn rows, it may come with the next ones
  await page.renewCards();
  outbox.undoing -= 1;
  runWaiting(page, undone?.ids);
}

function takeBack(page, { ids, choice, answer }) {
  const { model } = page;
  model.outbox.undone.push(...(choice ? [choice] : rememberWhat(page, ids)));
  if (answer) model.update(answer);
  const row = model.rows.find((each) => each.id === ids[0]);
  if (page.view === "focus") model.current = row ?? model.current;
  model.cards?.takeBack(ids[0], choice);
  page.renewForecast();
  say(page, ids.length > 1 ? `taken back on ${ids.length} rows` : ["taken back: ", idOf(model, { id: ids[0] }, page.isBlindId(ids[0]))], { redo: true });
}

// what the reviewer had said of rows, by what stood until now
function rememberWhat({ isCertifying, model: { standing, reviewer, blind, stamp } }, ids) {
  const said = ids.flatMap((id) => (standing[id] ?? []).filter((each) => each.reviewer === reviewer).map((each) => ({ id, ...each })));
  const rows = said.map(({ id, given_label: given, decision, label }) => ({ id, given, decision, label, settles: "" }));
  return rows.length ? [{ reviewer, note: said[0].note, blind: isCertifying || blind, run: stamp, rows }] : [];
}

// does again what was taken back last
export function redo(page) {
  const { model } = page;
  const choice = model.outbox.undone.at(-1);
  if (!choice) return;
  if (choice.card && !(page.isCertifying && model.cards.hold(choice))) {
    say(page, [idOf(model, choice.rows[0], true), " is not shown now"], { undo: false });
    return;
  }
  if (page.view === "focus") model.current = model.rows.find((each) => each.id === choice.rows[0].id) ?? model.current;
  make(page, choice, model.outbox.redo(choice));
}
