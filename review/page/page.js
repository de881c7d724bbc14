// What is shown now, and what keys and buttons can do with it.

import { writeAddress } from "./address.js";
import { renewCards } from "./cards.js";
import { drawCertify, judge } from "./certify.js";
import { chooseClass } from "./chooser.js";
import { decide, dropUnsaved, redo, toChoice, tryAgain, undo } from "./deciding.js";
import { askName } from "./dialogs.js";
import { byId } from "./dom.js";
import { renewForecast } from "./forecast.js";
import { drawChance, drawFocus } from "./focus.js";
import { isLabelled, labelText } from "./given.js";
import { drawFilters, drawGrid, pageRows, showPageOf, turn } from "./grid.js";
import { drawHeader } from "./header.js";
import { openHelp } from "./help.js";
import { openHistory } from "./history.js";
import { shownId } from "./ids.js";
import { drawMap, renewMap } from "./map.js";
import { fail, say } from "./messages.js";
import { drawSharing } from "./sharing.js";
import { bringIntoSight } from "./sight.js";
import { findSimilar } from "./similar.js";
import { drawTabs, fillTab } from "./tabs.js";
import { drawOffer } from "./trust.js";
import { drawUnsaved } from "./unsaved.js";
import { loadAnew } from "./watch.js";
import { drawYield } from "./yield.js";
import { closeZoom, openZoom, pan } from "./zoom.js";

export class Page {
  constructor(model) {
    this.model = model;
    // focus: one row; grid: many
    this.view = "focus";
    model.reviewer = this.#recall("reviewer") ?? model.reviewer;
    model.blind = this.#recall("blind") === "yes";
  }

  draw() {
    document.body.dataset.tab = this.model.tab.name;
    drawTabs(this);
    drawHeader(this);
    drawUnsaved(this);
    drawYield(this.model);
    drawOffer(this);
    drawSharing(this);
    for (const view of ["focus", "grid"]) byId(view).hidden = this.view !== view;
    byId("certificate").hidden = !this.isCertifying;
    if (this.isCertifying) drawCertify(this);
    else if (this.view === "focus") drawFocus(this);
    else drawGrid(this);
    drawMap(this);
    bringIntoSight(this);
  }

  renewForecast() {
    return renewForecast(this);
  }

  drawForecast() {
    drawYield(this.model);
    if (this.view === "focus" && !this.isCertifying) drawChance(this);
    renewMap();
  }

  // whether drawn rows are looked at, one by one, which never shows what the model thinks
  get isCertifying() { return this.model.tab.name === "certify"; }

  // whether an undo is about to bring another row here
  get isWaiting() { return this.model.outbox.undoing > 0 && this.view === "focus"; }

  // whether what the model thinks of a row is hidden
  isBlind = (row) => this.isCertifying || this.model.blind && row && (this.model.status(row) === "undecided" || this.model.isPending(row));

  // a row that is not listed here may be undecided
  isBlindId = (id) => {
    const row = this.model.rows.find((each) => each.id === id);
    return row ? this.isBlind(row) : this.isCertifying || this.model.blind;
  };

  // why nothing can be decided on the row on the screen yet; nobody can judge what was not drawn, but what cannot be drawn
  // may be decided on
  get hold() {
    if (this.view !== "focus") return "";
    if (!this.model.current) return this.isCertifying && !this.model.cards.shown?.end ? "wait: the next row is on its way" : "";
    const picture = this.isCertifying && document.querySelector("#example img");
    return picture && !picture.complete ? "wait: the picture is on its way" : "";
  }

  // says so; returns whether it is so
  isHeld() {
    const { hold } = this;
    if (hold) say(this, hold, { undo: false });
    return Boolean(hold);
  }

  // the rows that a decision is about
  targets() {
    return this.view === "focus" ? [this.model.current].filter(Boolean) : [...this.model.selected];
  }

  // the class that a digit chooses, or undefined
  classOf(digit) {
    const { model } = this;
    if (model.hasClassKeys) return model.classes.find((each) => model.classKey(each) === digit);
    return digit <= "3" ? this.likeliest()[Number(digit) - 1] : undefined;
  }

  // the classes that the model thinks of first, where it is to be heard
  likeliest() {
    const row = this.targets()[0];
    return this.view === "focus" && row && !this.isBlind(row) ? (row.likeliest ?? []).map(({ label }) => label) : [];
  }

  decide(decision) {
    this.decideOn(this.targets(), decision);
  }

  decideOn(rows, decision) {
    this.#say(decision === "keep" ? rows.filter(isLabelled) : rows, () => ({ decision, label: "" }));
  }

  choose(label, rows = this.targets()) {
    this.#say(rows, (row) => toChoice(row, label));
  }

  accept() {
    this.#say(this.targets(), (row) => toChoice(row, row.suggested_label));
  }

  #say(rows, choose) {
    // what was meant for the row on the screen is not for the one that comes
    if (this.isWaiting || this.isHeld()) return;
    if (this.isCertifying) judge(this, rows[0], choose);
    else decide(this, rows, choose);
  }

  // a drawn row's label is wrong: the next key says what is right
  mend() {
    if (this.isHeld()) return;
    this.model.cards.isMending = !this.model.cards.isMending;
    this.draw();
  }

  renewCards() {
    return renewCards(this);
  }

  setGoal(goal, beyond = false) {
    Object.assign(this.model.cards, { goal, beyond });
    return renewCards(this);
  }

  undo() {
    return undo(this);
  }

  redo() {
    redo(this);
  }

  tryAgain() {
    tryAgain(this);
  }

  dropUnsaved() {
    dropUnsaved(this);
  }

  // for the rows that are shown now, whatever is when a class is chosen
  openChooser() {
    const rows = this.targets();
    chooseClass(this.model.classes, this.likeliest(), (label) => this.choose(label, rows));
  }

  openHistory() {
    openHistory(this);
  }

  openHelp() {
    openHelp(this.model.dataset);
  }

  zoom(event) {
    const row = this.model.current;
    openZoom(document.querySelector("#example img"), `id ${shownId(this.model, row, this.isBlind(row))} given ${labelText(row.given_label)}`, event);
  }

  unzoom() {
    closeZoom();
  }

  pan(right, down) {
    pan(right, down);
  }

  findSimilar() {
    return findSimilar(this, this.model.current);
  }

  writeNote() {
    byId("note").focus();
  }

  open(row) {
    this.model.current = row;
    this.setView("focus");
  }

  move(by) {
    if (this.view === "grid") turn(this.model, by);
    else this.model.step(by);
    this.draw();
    if (this.view === "grid") window.scrollTo(0, 0);
  }

  next() {
    this.model.current = this.model.nextToDecide();
    this.draw();
  }

  selectPage() {
    pageRows(this.model).forEach((row) => this.model.selected.add(row));
    this.draw();
  }

  filter() {
    this.model.selected.clear();
    this.model.applyFilter();
    showPageOf(this.model);
    this.draw();
  }

  clearFilter() {
    Object.assign(this.model.filter, { given: "", suggested: "", status: "", from: "", to: "" });
    this.model.applyFilter();
    this.next();
  }

  goOn() {
    this.model.goOn();
    this.#writeAddress();
    this.setView(this.view);
  }

  async openTab(name) {
    const tab = this.model.tabs[name];
    if (!tab) return;
    try {
      await fillTab(tab);
    } catch (error) {
      fail(error);
      return;
    }
    const isApart = ["map", "certify"].includes(this.model.tab.name);
    this.model.show(name);
    this.#writeAddress();
    // the map is one of many rows, and drawn ones come one by one; where they are left, it is as before
    if (!isApart) this.viewBefore = this.view;
    this.setView({ map: "grid", certify: "focus" }[name] ?? this.viewBefore);
    this.renewCards();
  }

  setView(view) {
    this.view = view;
    if (view === "grid") {
      drawFilters(this);
      showPageOf(this.model);
    }
    this.draw();
  }

  setBlind(on) {
    this.model.blind = on;
    this.#remember("blind", on ? "yes" : "no");
    if (on) Object.assign(this.model.filter, { suggested: "", from: "", to: "" });
    if (this.view === "grid") drawFilters(this);
    this.draw();
  }

  // of the rows, such as 1/2, or all
  async takePart(part) {
    this.#remember("part", part);
    await this.model.outbox.emptied();
    location.reload();
  }

  loadAnew() {
    return loadAnew(this);
  }

  askName() {
    askName(this);
  }

  setReviewer(name) {
    this.model.reviewer = name;
    this.#remember("reviewer", name);
    this.model.cards?.clear();
    // what another person took back
    this.model.outbox.undone = [];
    this.draw();
    this.renewCards();
  }

  // so that a reload comes back to what was looked at
  #writeAddress() {
    const address = new URLSearchParams();
    if (!["labels", "similar"].includes(this.model.tab.name)) address.set("tab", this.model.tab.name);
    if (this.model.wentOn) address.set("further", "yes");
    writeAddress(address);
  }

  #recall(name) {
    return localStorage.getItem(`review:${this.model.dataset}:${name}`);
  }

  #remember(name, value) {
    localStorage.setItem(`review:${this.model.dataset}:${name}`, value);
  }
}
