// What is known: the rows, what stands on each, and which of them are being looked at.

import { Cards } from "./cards.js";
import { Dealing } from "./dealing.js";
import { isLabelled } from "./given.js";
import { Outbox } from "./outbox.js";

export const DECIDED = ["kept", "relabelled", "labelled", "removed"];
const BREAK_MS = 120000;
const PACE_OVER = 30;

class Tab {
  constructor(name, total, all) {
    Object.assign(this, { name, total, all, listed: null, rows: null, list: [], current: null });
    this.filter = { given: "", suggested: "", status: "", from: "", to: "", sort: "rank" };
  }

  // of the rows that are listed, those are left aside that do not fit
  fill(listed, fits = () => true) {
    listed.forEach((row, place) => (row.place = place));
    this.listed = listed;
    // another's rows are none of this list
    this.dealt = listed.filter((row) => this.dealing.isMine(row));
    this.rows = this.list = this.dealt.filter(fits);
    this.all -= this.total - this.dealt.length;
    this.total = this.dealt.length;
  }

  get title() { return this.name[0].toUpperCase() + this.name.slice(1).replaceAll("_", " "); }

  // how many are left aside
  get further() { return this.dealt ? this.dealt.length - this.rows.length : 0; }
}

// its rows are picked: on the map, or as those that are most like one
class PickedTab extends Tab {
  constructor(name, total) {
    super(name, total, total);
    this.isPicked = true;
    this.pick([]);
  }

  // from one of them on; they have no place on a sheet of pictures
  pick(rows, current = null) {
    Object.assign(this, { listed: rows, dealt: rows, rows, list: rows, current });
  }

  // a row and those that are most like it, by some measure
  pickSimilar([row, ...others], measure) {
    this.pick([row, ...others], others[0] ?? row);
    this.total = this.all = others.length;
    Object.assign(this, { likened: row, measure });
  }
}

export class Model {
  constructor({ rows, found, ...session }) {
    Object.assign(this, session);
    this.dealing = new Dealing(session.dealing);
    this.outbox = new Outbox(this.dataset);
    this.outbox.dropSaved((...chosen) => this.#stands(...chosen));
    this.selected = new Set();
    this.tabs = { labels: new Tab("labels", rows.length, rows.length) };
    for (const [name, { shown, all }] of Object.entries(found)) this.tabs[name] = new Tab(name, shown, all);
    if (this.map) this.tabs.map = new PickedTab("map", this.total);
    if (this.similar) this.tabs.similar = new PickedTab("similar", 0);
    if (this.certify) {
      this.tabs.certify = new PickedTab("certify", this.certify.rows);
      this.cards = new Cards(this.certify, this.outbox.unsaved);
    }
    for (const tab of Object.values(this.tabs)) tab.dealing = this.dealing;
    this.tabs.labels.fill(rows, (row) => row.flagged || !row.queued || this.said(row).length);
    this.show("labels");
  }

  #stands(reviewer, note, { id, given, decision, label }) {
    const said = (this.standing[id] ?? []).find((each) => each.reviewer === reviewer);
    return Boolean(said) && said.given_label === given && said.decision === decision && said.label === label && said.note === note;
  }

  show(name) {
    this.tab = this.tabs[name];
    this.selected.clear();
    this.current ??= this.nextToDecide();
    // a row may have been decided on in another tab
    if (this.current && this.status(this.current) !== "undecided") this.current = this.nextToDecide() ?? this.current;
  }

  get rows() { return this.tab.rows; }
  get list() { return this.tab.list; }
  set list(rows) { this.tab.list = rows; }
  get current() { return this.tab.current; }
  set current(row) { this.tab.current = row; }
  get filter() { return this.tab.filter; }

  // with the rows of the queue that are not flagged
  goOn() {
    this.wentOn = true;
    this.tab.fill(this.tab.listed);
    this.applyFilter();
    if (!this.current || this.status(this.current) !== "undecided") this.current = this.nextToDecide();
  }

  // the rows that people are asked to decide on: the flagged ones, and if they go on, those that come next
  asked(tab = this.tab) {
    if (tab.name !== "labels") return tab.rows;
    return tab.rows.filter((row) => row.flagged || (row.queued && !tab.further));
  }

  // the ranking of a worthless model is no order to look at labels in
  get firstTab() { return this.trust.verdict === "worthless" && this.tabs.spread ? "spread" : "labels"; }

  // of the rows that people are asked for, those that are decided on, and which were errors, in rank order
  finds(tab = this.tab.name === "spread" ? this.tab : this.tabs.labels) {
    const asked = [...this.asked(tab)].sort((a, b) => a.rank - b.rank);
    const decided = asked.filter((row) => DECIDED.includes(this.status(row)));
    return { asked, decided, finds: decided.map((row) => this.status(row) !== "kept") };
  }

  // how many errors were found so far among the worst rows, by the rank of each row that is decided on
  findsByRank() {
    const rows = [this.tabs.labels, this.tabs.spread].flatMap((tab) => tab?.listed ?? []);
    const byId = new Map(rows.map((row) => [row.id, row]));
    const decided = [...byId.values()].filter((row) => DECIDED.includes(this.status(row))).sort((a, b) => a.rank - b.rank);
    let found = 0;
    return decided.map((row) => [row.rank, (found += this.status(row) !== "kept")]);
  }

  // the rows that are the same as this one, or nearly so, itself among them
  setOf(row) {
    return this.tab.name === "duplicates" ? this.rows.filter((each) => each.set === row.set) : [];
  }

  // the given label of a row that is listed here
  labelOf(id) {
    for (const { listed } of Object.values(this.tabs)) {
      const row = listed?.find((each) => each.id === id);
      if (row) return row.given_label;
    }
    return null;
  }

  // whether somebody has chosen here, though it is not saved yet
  isPending(row) {
    return this.outbox.isSent(row) || this.outbox.isUnsaved(row);
  }

  // what is shown of it meanwhile
  waitsAs(row) {
    return this.outbox.isSent(row) ? "saving…" : this.outbox.isUnsaved(row) ? "not saved" : "";
  }

  said(row) {
    const said = this.standing[row.id] ?? [];
    // what others say of a row that everybody gets must not sway
    return this.dealing.isShared(row) && !said.some(({ reviewer }) => reviewer === this.reviewer) ? [] : said;
  }

  // a decision on a label that has changed since no longer counts
  sure(row) {
    return this.said(row).filter((said) => said.decision !== "unsure" && said.given_label === row.given_label);
  }

  status(row) {
    const verdicts = new Set(this.sure(row).map((said) => `${said.decision} ${said.label}`));
    if (verdicts.size > 1) return "conflict";
    if (verdicts.size && !isLabelled(row)) return this.sure(row)[0].label ? "labelled" : "removed";
    if (verdicts.size) return { keep: "kept", relabel: "relabelled", remove: "removed" }[this.sure(row)[0].decision];
    return this.said(row).some((said) => said.decision === "unsure") ? "unsure" : "undecided";
  }

  verdict(row) {
    const status = this.status(row);
    if (status === "unsure") return "not sure";
    return ["relabelled", "labelled"].includes(status) ? `now ${this.sure(row)[0].label}` : status;
  }

  update(answer) {
    if (answer.standing) this.standing = answer.standing;
    if (answer.changed) Object.assign(this.standing, answer.changed);
    if (!answer.changed || answer.before === this.version) this.version = answer.version;
  }

  applyFilter() {
    const { given, suggested, status, from, to, sort } = this.filter;
    const fits = (row) =>
      (!given || row.given_label === given) &&
      (!suggested || row.suggested_label === suggested) &&
      (!status || (status === "decided" ? DECIDED.includes(this.status(row)) : this.status(row) === status)) &&
      (from === "" || row.label_quality >= Number(from)) &&
      (to === "" || row.label_quality <= Number(to));
    this.list = this.rows.filter(fits);
    const text = (value) => String(value).padStart(12);
    if (sort !== "rank") this.list = [...this.list].sort((a, b) => text(a[sort]).localeCompare(text(b[sort]), "en", { numeric: true }));
    if (!this.list.includes(this.current)) this.current = this.list[0] ?? null;
  }

  step(by) {
    // from the end, where no row is shown, back to the last
    const place = this.current ? this.list.indexOf(this.current) + by : this.list.length - 1;
    if (place >= 0 && place < this.list.length) this.current = this.list[place];
  }

  // the next that nobody has decided on, then what people disagree about; null where nothing is left
  nextToDecide() {
    const place = this.list.indexOf(this.current);
    const others = [...this.list.slice(place + 1), ...this.list.slice(0, Math.max(0, place))];
    const next = (status) => others.find((row) => this.status(row) === status && !this.isPending(row));
    return next("undecided") ?? next("conflict") ?? null;
  }

  progress(tab = this.tab) {
    const asked = this.asked(tab);
    const counts = { kept: 0, relabelled: 0, labelled: 0, removed: 0, unsure: 0, undecided: 0, conflict: 0 };
    asked.forEach((row) => (counts[this.status(row)] += 1));
    const decided = counts.kept + counts.relabelled + counts.labelled + counts.removed;
    const errors = counts.relabelled + counts.removed;
    return { total: asked.length, decided, errors, ...counts };
  }

  // decisions a minute of one person, from the times between the latest, breaks aside
  pace(reviewer) {
    const times = Object.values(this.standing)
      .flat()
      .filter((said) => said.reviewer === reviewer && said.time)
      .map((said) => Date.parse(said.time))
      .sort((a, b) => a - b)
      .slice(-PACE_OVER);
    const gaps = times.slice(1).map((time, i) => time - times[i]).filter((gap) => gap > 0 && gap < BREAK_MS);
    const spent = gaps.reduce((sum, gap) => sum + gap, 0);
    return gaps.length >= 3 ? (60000 * gaps.length) / spent : null;
  }

  // whether every class has a key of its own
  get hasClassKeys() { return this.classes.length <= 10; }

  classKey(name) {
    if (!this.hasClassKeys) return null;
    return this.classes.every((each) => /^[0-9]$/.test(each)) ? name : String((this.classes.indexOf(name) + 1) % 10);
  }
}
