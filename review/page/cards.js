// The rows that the server handed out, in store and judged. It alone knows for what reason it did.

import { askCertificate } from "./api.js";
import { askName } from "./dialogs.js";
import { clearError, fail } from "./messages.js";

export class Cards {
  constructor({ rows, goal, goals }, unsaved) {
    Object.assign(this, { total: rows, goal, goals, beyond: false, isMending: false, shown: null });
    this.store = [];
    this.opened = null;
    this.judged = [];
    // those whose verdicts are on their way, or could not be saved
    this.pending = new Set(unsaved.map(({ card }) => card).filter(Boolean));
    this.isAsking = false;
    this.isStale = false;
  }

  get current() { return this.opened ?? this.store[0] ?? null; }

  // for rows that others have open
  get isWaiting() { return Boolean(this.shown?.end?.open && !this.shown.progress.reached); }

  // so that the next key is meant for the next row
  judge({ card: name }) {
    const card = [this.opened, ...this.store].find((each) => each?.card === name);
    this.pending.add(name);
    this.judged.push(card);
    this.isMending = false;
    if (this.opened === card) this.opened = null;
    this.store = this.store.filter((each) => each !== card);
  }

  putBack(card) {
    this.judged = this.judged.filter((each) => each !== card);
    this.store = [card, ...this.store.filter((each) => each.card !== card.card)];
  }

  // its verdict is saved, or dropped
  settle({ card: name }) {
    this.pending.delete(name);
  }

  // whether the row of a verdict that was taken back is here, so that it can be given again
  hold(choice) {
    const card = this.store.find((each) => isOf(choice, each));
    if (card) choice.card = card.card;
    return Boolean(card);
  }

  // if the undo was about the last one here, that one is asked again
  takeBack(id, choice) {
    if (choice) this.settle(choice);
    if (this.judged.at(-1)?.id === id) this.putBack(this.judged.at(-1));
  }

  // to decide on it openly
  open(card) {
    this.opened = card;
    this.isMending = false;
  }

  clear() {
    Object.assign(this, { store: [], judged: [], opened: null, isMending: false });
  }

  // what the server says of the cards that it was told of
  update({ cards, ...shown }, unsaved) {
    const known = new Map(this.store.map((card) => [card.card, card]));
    cards.forEach((card) => this.#rename(card, unsaved));
    // a verdict may have been given since it was asked
    this.store = cards.filter(({ card }) => !this.pending.has(card)).map((card) => known.get(card.card) ?? card);
    this.isStale ||= cards.length > 0 && !this.store.length;
    this.shown = shown;
  }

  // a server that was started anew hands out the row of a verdict that is not saved under another name
  #rename(card, unsaved) {
    const choice = unsaved.find((each) => each.card && isOf(each, card));
    if (!choice) return;
    this.settle(choice);
    choice.card = card.card;
    this.pending.add(card.card);
  }
}

const isOf = ({ rows: [row] }, card) => row.id === card.id && row.given === card.given_label;

// one request at a time; an answer to what is no longer so is not used
export async function renewCards(page) {
  const { cards, reviewer } = page.model;
  if (!cards || !page.isCertifying) return;
  if (!reviewer) {
    askName(page);
    return;
  }
  cards.isStale = true;
  if (cards.isAsking) return;
  cards.isAsking = true;
  try {
    while (cards.isStale) {
      cards.isStale = false;
      const names = { held: cards.store.map(({ card }) => card), judged: [...cards.pending] };
      const answer = await askCertificate({ reviewer: page.model.reviewer, goal: cards.goal, beyond: cards.beyond, ...names });
      if (!cards.isStale) cards.update(answer, page.model.outbox.unsaved);
    }
    clearError();
  } catch (error) {
    fail(error);
  } finally {
    cards.isAsking = false;
  }
  page.draw();
}
