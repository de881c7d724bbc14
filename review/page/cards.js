// The rows that the server handed out, in store and judged. It alone knows for what reason it did.

import { askCertificate } from "./api.js";
import { askName } from "./dialogs.js";
import { clearError, fail } from "./messages.js";

export class Cards {
  constructor({ rows, goal, goals }) {
    Object.assign(this, { total: rows, goal, goals, beyond: false, isMending: false, shown: null });
    this.store = [];
    this.opened = null;
    this.judged = [];
    this.pending = new Set();
    this.isAsking = false;
    this.isStale = false;
  }

  get current() { return this.opened ?? this.store[0] ?? null; }

  // for rows that others have open
  get isWaiting() { return Boolean(this.shown?.end?.open && !this.shown.progress.reached); }

  // so that the next key is meant for the next row
  judge(card) {
    this.pending.add(card.card);
    this.judged.push(card);
    this.isMending = false;
    if (this.opened === card) this.opened = null;
    this.store = this.store.filter((each) => each !== card);
  }

  putBack(card) {
    this.judged = this.judged.filter((each) => each !== card);
    this.store = [card, ...this.store.filter((each) => each.card !== card.card)];
  }

  // if the undo was about the last one here, that one is asked again
  takeBack(id) {
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
  update({ cards, ...shown }) {
    const known = new Map(this.store.map((card) => [card.card, card]));
    this.store = cards.map((card) => known.get(card.card) ?? card);
    this.shown = shown;
  }
}

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
      if (!cards.isStale) cards.update(answer);
    }
    clearError();
  } catch (error) {
    fail(error);
  } finally {
    cards.isAsking = false;
  }
  page.draw();
}
