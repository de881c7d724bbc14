// One drawn row at a time, and one question: is its label right? Nothing here shows what the model thinks.

import { change, readCard } from "./api.js";
import { renewCards } from "./cards.js";
import { drawCertificate, endOf } from "./certificate.js";
import { settled } from "./deciding.js";
import { askName } from "./dialogs.js";
import { byId, el, redraw } from "./dom.js";
import { classes, drawExample, drawExamples, loadAhead } from "./focus.js";
import { idOf } from "./ids.js";
import { barOf, keyButton } from "./keyboard.js";
import { clearError, fail, say } from "./messages.js";
import { drawNote, giveNote, takeNote } from "./note.js";

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
  cards.store.slice(1, 3).forEach((card) => loadAhead(model, card, () => readCard(card.card)));
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
  if (!current) return [[keyButton(page, "undo")]];
  const wrong = keyButton(page, "wrong", { "aria-pressed": String(cards.isMending) });
  const verdicts = [keyButton(page, "keep", { label: "Right" }), wrong, keyButton(page, "unsure"), keyButton(page, "undo")];
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
export async function judge(page, choose) {
  const { model } = page;
  const { cards, current: card } = model;
  if (!card) return;
  if (!model.reviewer) {
    askName(page, () => judge(page, choose));
    return;
  }
  const note = takeNote(card);
  const said = choose(card);
  const row = { id: card.id, ...said, settles: cards.opened === card ? settled(model, card) : "" };
  const asked = change("/api/decisions", { reviewer: model.reviewer, note, blind: true, card: card.card, rows: [row] });
  cards.judge(card);
  page.draw();
  try {
    model.update(await asked);
    clearError();
    say(page, [idOf(model, card, true), `: ${{ keep: "right", relabel: `now ${said.label}`, remove: "removed", unsure: "not sure" }[said.decision]}`]);
    page.renewForecast();
  } catch (error) {
    cards.putBack(card);
    giveNote(card, note);
    fail(error);
  }
  cards.pending.delete(card.card);
  page.draw();
  renewCards(page);
}
