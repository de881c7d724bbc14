// What was chosen: sent in the order in which it was chosen, and kept, also by the browser, until it is saved or dropped.

import { sendChoice, sendUndo } from "./api.js";
import { labelText } from "./given.js";

// of what was chosen here
let count = 0;

// A choice has `rows` (id, given, decision, label, settles), reviewer, note, blind, the run of the results
// that it was made on, and the card if its row was handed out.
export class Outbox {
  // to be saved, of this tab and others
  unsaved = [];
  // chosen here, and not taken back
  made = [];
  // taken back, to be done again
  undone = [];
  // undos whose row is not shown yet
  undoing = 0;
  // why the last undo was refused
  refused = "";
  #sent = new Set();
  #jobs = 0;
  #turn = Promise.resolve();

  constructor(dataset) {
    this.prefix = `review:${dataset}:unsaved:`;
    const names = Object.keys(localStorage).filter((name) => name.startsWith(this.prefix));
    this.unsaved = names.sort().map((name) => ({ ...JSON.parse(localStorage.getItem(name)), order: 0 }));
    this.made = [...this.unsaved];
  }

  isSent(row) {
    return isAbout(this.#sent, row);
  }

  isUnsaved(row) {
    return isAbout(this.unsaved, row);
  }

  // how many wait for the server's answer
  get waiting() { return this.#sent.size; }

  // where the page is left before the answers, the next one knows of them
  keepSent() {
    for (const choice of this.#sent) {
      choice.isLeft = true;
      choice.said = "The page was left before the server had answered.";
      this.#store(choice);
    }
  }

  // what was saved all the same after the page was left: `isSaved` tells of a reviewer's row and note
  dropSaved(isSaved) {
    const left = this.unsaved.filter(({ isLeft, reviewer, note, rows }) => isLeft && rows.every((row) => isSaved(reviewer, note, row)));
    left.forEach((choice) => this.drop(choice));
  }

  // once everything was sent
  async emptied() {
    while (this.#jobs) await this.#turn;
  }

  // returns the answer once it is saved, null if it is kept
  make(choice) {
    this.undone = [];
    this.refused = "";
    this.#leaveTo(choice, this.unsaved);
    return this.#send(choice);
  }

  // what was taken back last
  redo(choice) {
    const left = this.undone.filter((each) => each !== choice);
    // it is chosen anew, not sent again
    delete choice.name;
    const answer = this.make(choice);
    this.undone = left;
    return answer;
  }

  // all that is not saved, with what comes of it, but for what was about another label than `labelOf` knows of the row,
  // or about another run of the pipeline
  tryAgain(labelOf, run) {
    const waiting = this.unsaved.filter((choice) => !this.#sent.has(choice));
    return waiting.filter((choice) => isAsItWas(choice, labelOf, run)).map((choice) => [choice, this.#send(choice)]);
  }

  // takes back what the reviewer chose last until now: at the server, unless it was not saved; null if that is refused
  undo(reviewer) {
    const now = count;
    return this.#inTurn(() => this.#undo(reviewer, now));
  }

  drop(choice) {
    this.#forget(choice);
    this.made = this.made.filter((each) => each !== choice);
  }

  // what another tab keeps, or no longer does
  hear({ key, newValue }) {
    if (!key?.startsWith(this.prefix)) return;
    const name = key.slice(this.prefix.length);
    const kept = newValue === null ? [] : [JSON.parse(newValue)];
    this.unsaved = [...this.unsaved.filter((each) => each.name !== name), ...kept];
    this.made = this.made.flatMap((each) => (each.name === name ? kept : [each]));
  }

  #send(choice) {
    this.#sent.add(choice);
    choice.order = count += 1;
    choice.name ??= newName(choice);
    this.made = [...this.made.filter((each) => each !== choice), choice];
    return this.#inTurn(async () => {
      try {
        const answer = await sendChoice(toBody(choice));
        this.#sent.delete(choice);
        this.#forget(choice);
        return answer;
      } catch (error) {
        this.#sent.delete(choice);
        this.#keep(choice, error.message);
        return null;
      }
    });
  }

  async #undo(reviewer, until) {
    const last = this.made.findLast((choice) => choice.reviewer === reviewer && choice.order <= until);
    if (this.unsaved.includes(last)) {
      this.drop(last);
      return { ids: idsOf(last), choice: last, answer: null };
    }
    try {
      const answer = await sendUndo(reviewer);
      this.refused = "";
      const isLast = String(last && idsOf(last)) === String(answer.ids);
      if (isLast) this.drop(last);
      return { ids: answer.ids, choice: isLast ? last : null, answer };
    } catch (error) {
      this.refused = error.message;
      return null;
    }
  }

  #keep(choice, said) {
    choice.said = said;
    this.unsaved = [...this.unsaved.filter(({ name }) => name !== choice.name), choice];
    this.#store(choice);
    // what was chosen for its rows since, saved or not
    this.made.filter(({ order }) => order > choice.order).forEach((later) => this.#leaveTo(later, [choice]));
  }

  // what is chosen for a row takes the place of what was chosen for it before and is not saved
  #leaveTo({ rows }, before) {
    const ids = new Set(idsOf({ rows }));
    for (const choice of before.filter((each) => !this.#sent.has(each) && isAny(each, ids))) {
      choice.rows = choice.rows.filter(({ id }) => !ids.has(id));
      if (choice.rows.length) this.#store(choice);
      else this.drop(choice);
    }
  }

  // by its name: another tab may have changed it
  #forget({ name }) {
    this.unsaved = this.unsaved.filter((each) => each.name !== name);
    localStorage.removeItem(this.prefix + name);
  }

  #store(choice) {
    try {
      localStorage.setItem(this.prefix + choice.name, JSON.stringify(choice));
    } catch {
      // the browser has no room for it: this tab still has it
    }
  }

  // at once where nothing waits: before what the page then asks for to show the next row
  #inTurn(job) {
    const done = this.#jobs ? this.#turn.then(job) : job();
    this.#jobs += 1;
    this.#turn = done.finally(() => (this.#jobs -= 1));
    return done;
  }
}

// of a drawn row, the label that was shown may be another on purpose
function isAsItWas(choice, labelOf, run) {
  const other = !choice.card && choice.rows.find(({ id, given }) => (labelOf(id) ?? given) !== given);
  const isOfRun = !choice.run || choice.run === run;
  if (!isOfRun) choice.said = "The results were made anew since: choose again.";
  if (other) choice.said = `The given label was ${labelText(other.given)} then, and is ${labelText(labelOf(other.id))} now: choose again.`;
  return isOfRun && !other;
}

// they sort as the choices were made; the server writes no name twice
const newName = ({ order }) => `${Date.now()}-${String(order).padStart(6, "0")}-${Math.random().toString(36).slice(2)}`;

const idsOf = ({ rows }) => rows.map(({ id }) => id);
const isAny = ({ rows }, ids) => rows.some(({ id }) => ids.has(id));

function isAbout(choices, { id }) {
  for (const { rows } of choices) if (rows.some((row) => row.id === id)) return true;
  return false;
}

// without a card or a run, JSON leaves their keys out
function toBody({ name, reviewer, note, blind, card, run, rows }) {
  return { name, reviewer, note, blind, card, run, rows: rows.map(({ id, decision, label, settles }) => ({ id, decision, label, settles })) };
}
