// One drawn row at a time, and one question: is its label right? Nothing here shows what the model thinks.

import { readCard } from "./api.js";
import { drawCertificate, endOf } from "./certificate.js";
import { make, settled } from "./deciding.js";
import { askName } from "./dialogs.js";
import { byId, el, redraw } from "./dom.js";
import { classes, drawExample, drawExamples, loadPicture } from "./focus.js";
import { idOf } from "./ids.js";
import { barOf, keyButton } from "./keyboard.js";
import { fail } from "./messages.js";
import { drawNote, takeNote } from "./note.js";

export function drawCertify(page) {
  const { model } = page;
  const { cards } = model;
  model.current = cards.current;
  drawCertificate(model);
  drawNote(page);
  for (const name of ["set", "strip", "filtered"]) byId(name).replaceChildren();
  redraw(byId("opinion"), model.current ? question(model) : endOf(page));
  redraw(byId("actions"), bars(page).map((buttons, i) => el("div", { key: model.current?.card, class: i ? "row" : "row decide" }, buttons)));
  delete byId("compare").dataset.drawn;
  if (!model.current) {
    byId("example").replaceChildren();
    byId("compare").replaceChildren();
    return;
  }
  byId("example").dataset.kind = model.kind;
  drawExample(page, model.current);
  drawDetails(page, model.current);
  for (const card of cards.store.slice(1, 3)) {
    readCard(card.card).catch(() => {});
    if (model.kind === "picture") loadPicture(model, card);
  }
}

function question(model) {
  const { current, cards } = model;
  const asked = cards.isMending ? "Which label is right? Not " : "Is this label right? ";
  return [
    el("p", { class: "asked" }, asked, el("strong", {}, el("bdi", {}, current.given_label)), " ", idOf(model, current, true)),
    cards.opened === current ? el("p", { class: "muted" }, `You look at it again: ${differing(current)}.`) : "",
  ];
}

// of a row that is looked at a third time, since the second look differed
export const differing = ({ second }) => `the second look said ${{ keep: "right", relabel: `now ${second.label}`, remove: "remove", unsure: "not sure" }[second.decision]}`;

function bars(page) {
  const { current, cards } = page.model;
  const back = [keyButton(page, "undo"), keyButton(page, "redo")];
  if (!current) return [back];
  const wrong = keyButton(page, "wrong", { "aria-pressed": String(cards.isMending) });
  const verdicts = [keyButton(page, "keep", { label: "Right" }), wrong, keyButton(page, "unsure"), ...back];
  const mending = [...classes(page), ...barOf(page, "class"), keyButton(page, "remove", { label: "Remove the example" })];
  return cards.isMending ? [verdicts, mending] : [verdicts];
}

async function drawDetails(page, card) {
  const details = await readCard(card.card).catch(fail);
  if (!details || page.model.current !== card) return;
  const isCut = String(card.content) !== String(details.content);
  card.content = details.content;
  if (isCut) drawExample(page, card);
  drawExamples(page.model, [[`Typical ${card.given_label}`, details.typical], ["Looks most like", details.nearest]], true);
}

// choose returns the decision and the label for the row
export function judge(page, card, choose) {
  const { model } = page;
  const { cards } = model;
  if (!card) return;
  if (!model.reviewer) {
    askName(page);
    return;
  }
  const row = { id: card.id, given: card.given_label, ...choose(card), settles: cards.opened === card ? settled(model, card) : "" };
  const choice = { reviewer: model.reviewer, note: takeNote(card), blind: true, card: card.card, run: model.stamp, rows: [row] };
  make(page, choice, model.outbox.make(choice));
}
