// Starts the page, and turns keys and clicks into decisions.

import { change, readDecisions, readSession } from "./api.js";
import { byId, el, key, number, percent } from "./dom.js";
import { drawFocus } from "./focus.js";
import { drawFilters, drawGrid, pageRows, showPageOf, turn } from "./grid.js";
import { Model } from "./model.js";
import { drawTabs, fillTab, fillTabs } from "./tabs.js";
import { drawYield } from "./yield.js";

const POLL_MS = 3000;
const TOAST_MS = 6000;
const TABS_AFTER_MS = 1000;
const HELP = [
  ["K", "keep the given label"], ["A", "accept the suggestion"], ["X", "remove the example"], ["S", "not sure: the rule for undecided rows applies"],
  ["U", "undo your last decision, also after a restart"], ["← →", "previous and next (page, among many)"], ["N", "next undecided"],
  ["M", "more: the rows that come next in rank, though they are not flagged"],
  ["0–9", "a class: by its digit, or by its place; with more than ten, 1 to 3 are the likeliest"], ["C", "a class by its name"],
  ["W", "write a note for the next decision"], ["G", "one by one, or many"], ["Space", "among many: select"], ["E", "among many: select the page"],
  ["B", "blind: hide what the model thinks until you have chosen"], ["L D O", "labels, duplicates, outliers"], ["?", "this help"],
];

let model;
let view = "focus";
let toastEnds;

const store = (name, value) => {
  const name_ = `review:${model.dataset}:${name}`;
  if (value === undefined) return localStorage.getItem(name_);
  localStorage.setItem(name_, value);
  return value;
};

const page = {
  isBlind: (row) => model.blind && row && (model.status(row) === "undecided" || model.isPending(row)),
  draw,
  open(row) {
    model.current = row;
    setView("focus");
  },
  move(by) {
    if (view === "grid") return page.turn(by);
    model.step(by);
    return draw();
  },
  turn(by) {
    turn(model, by);
    draw();
    window.scrollTo(0, 0);
  },
  next() {
    model.current = model.nextToDecide();
    draw();
  },
  targets: () => (view === "focus" ? [model.current].filter(Boolean) : [...model.selected]),
  decide: (decision) => page.decideOn(page.targets(), decision),
  choose: (label) => page.decideWith(page.targets(), (row) => toChoice(row, label)),
  accept() {
    const rows = page.targets();
    if (!rows.some(page.isBlind)) page.decideWith(rows, (row) => toChoice(row, row.suggested_label));
  },
  decideOn: (rows, decision) => page.decideWith(rows, () => ({ decision, label: "" })),
  async decideWith(rows, choose) {
    if (!rows.length) return;
    if (!model.reviewer) return askName(() => page.decideWith(rows, choose));
    const note = byId("note").value.trim();
    const blind = rows.some(page.isBlind);
    const body = { reviewer: model.reviewer, note: view === "focus" ? note : "", blind, rows: rows.map((row) => ({ id: row.id, ...choose(row), settles: settles(row) })) };
    const answer = change("/api/decisions", body);
    rows.forEach((row) => model.pending.add(row.id));
    model.selected.clear();
    if (view === "focus") {
      byId("note").value = "";
      if (!blind) model.current = model.nextToDecide();
    }
    draw();
    const saved = await settle(answer, rows, () => say(rows.length > 1 ? `${number(rows.length)} rows decided` : `id ${rows[0].id}: ${model.verdict(rows[0])}`));
    if (!saved && view === "focus") byId("note").value = note;
  },
  async undo() {
    if (!model.reviewer) return askName(page.undo);
    const answer = await settle(change("/api/undo", { reviewer: model.reviewer }), []);
    if (!answer) return;
    const row = model.rows.find((each) => each.id === answer.ids[0]);
    if (row && view === "focus") model.current = row;
    draw();
    say(answer.ids.length > 1 ? `taken back on ${answer.ids.length} rows` : `taken back: id ${answer.ids[0]}`, false);
  },
  selectPage() {
    pageRows(model).forEach((row) => model.selected.add(row));
    draw();
  },
  filter() {
    model.selected.clear();
    model.applyFilter();
    showPageOf(model);
    draw();
  },
  clearFilter() {
    Object.assign(model.filter, { given: "", suggested: "", status: "", from: "", to: "" });
    model.applyFilter();
    page.next();
  },
  goOn() {
    if (!model.tab.further) return;
    model.goOn();
    writeAddress();
    setView(view);
  },
  openTab,
  openChooser,
  fail,
};

const toChoice = (row, label) => (label === row.given_label ? { decision: "keep", label: "" } : { decision: "relabel", label });
const settles = (row) => (model.status(row) === "conflict" ? model.sure(row).map((said) => said.reviewer).join("; ") : "");

async function settle(asked, rows, done) {
  try {
    const answer = await asked;
    byId("banner").hidden = true;
    model.update(answer);
    rows.forEach((row) => model.pending.delete(row.id));
    done?.();
    draw();
    return answer;
  } catch (error) {
    rows.forEach((row) => model.pending.delete(row.id));
    if (model.rows.includes(rows[0]) && view === "focus") [model.current] = rows;
    fail(error);
    draw();
    return null;
  }
}

function fail(error) {
  byId("banner").textContent = error.message;
  byId("banner").hidden = false;
}

function say(text, undoable = true) {
  clearTimeout(toastEnds);
  const undo = el("button", { onclick: page.undo, tabindex: -1 }, "Undo ", key("U"));
  byId("toast").replaceChildren(el("span", {}, text), ...(undoable ? [undo] : []));
  toastEnds = setTimeout(() => byId("toast").replaceChildren(), TOAST_MS);
}

function draw() {
  drawTabs(model, openTab);
  drawProgress();
  drawYield(model);
  for (const name of ["focus", "grid"]) {
    byId(name).hidden = view !== name;
    byId(`show-${name}`).setAttribute("aria-pressed", String(view === name));
  }
  byId("blind").setAttribute("aria-pressed", String(model.blind));
  byId("reviewer").textContent = model.reviewer ? `as ${model.reviewer}` : "Your name…";
  if (view === "focus") drawFocus(model, page);
  else drawGrid(model, page);
}

async function openTab(name) {
  const tab = model.tabs[name];
  if (!tab) return;
  try {
    await fillTab(tab);
  } catch (error) {
    fail(error);
    return;
  }
  model.show(name);
  writeAddress();
  setView(view);
}

// so that a reload comes back to what was looked at
function writeAddress() {
  const address = new URLSearchParams();
  if (model.tab.name !== "labels") address.set("tab", model.tab.name);
  if (model.wentOn) address.set("further", "yes");
  history.replaceState(null, "", address.size ? `/?${address}` : "/");
}

function drawProgress() {
  const { total, decided, errors, unsure, undecided, conflict } = model.progress();
  const pace = model.pace(model.reviewer);
  const parts = [`${number(decided)} of ${number(total)} decided`];
  if (decided && model.tab.name === "labels") parts.push(`${percent(errors / decided)} of them were wrong`);
  else if (errors) parts.push(`${number(errors)} relabelled or removed`);
  if (unsure) parts.push(`${number(unsure)} not sure`);
  if (conflict) parts.push(`${number(conflict)} in conflict`);
  if (pace && undecided) parts.push(`${pace.toFixed(0)} a minute, ${number(Math.ceil(undecided / pace))} min left`);
  if (total && !undecided && !conflict) parts.push("done: run dvc repro");
  byId("progress-text").textContent = parts.join(" · ");
  const bar = byId("progress");
  bar.setAttribute("aria-valuemax", total);
  bar.setAttribute("aria-valuenow", decided);
  bar.firstElementChild.style.width = `${total ? (100 * decided) / total : 0}%`;
}

// in a small window, what a line says in short
function unfold({ currentTarget: button }) {
  button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
}

function setView(name) {
  view = name;
  if (name === "grid") {
    drawFilters(model, page);
    showPageOf(model);
  }
  draw();
}

function setBlind(on) {
  model.blind = on;
  store("blind", on ? "yes" : "no");
  if (on) Object.assign(model.filter, { suggested: "", from: "", to: "" });
  if (view === "grid") drawFilters(model, page);
  draw();
}

function askName(then) {
  byId("who-name").value = model.reviewer;
  byId("who").onclose = () => {
    const name = byId("who-name").value.trim();
    if (!name) return;
    model.reviewer = store("reviewer", name);
    draw();
    then?.();
  };
  byId("who").showModal();
}

function openChooser() {
  if (!page.targets().length) return;
  const input = byId("class-name");
  const found = () => findClasses(model.classes, input.value.trim());
  const pick = (name) => {
    byId("chooser").close();
    page.choose(name);
  };
  const list = () => byId("class-list").replaceChildren(...found().slice(0, 50).map((name, i) =>
    el("li", {}, el("button", { type: "button", onclick: () => pick(name) }, name, " ", key(i === 0 && input.value.trim() ? "Enter" : null)))));
  input.value = "";
  input.oninput = list;
  input.onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const [first] = found();
    if (first !== undefined && input.value.trim()) pick(first);
  };
  list();
  byId("chooser").showModal();
  input.focus();
}

// those that are what was typed come first, then those that begin with it
function findClasses(classes, typed) {
  const lower = typed.toLowerCase();
  const fit = (name) => [name === typed, name.toLowerCase() === lower, name.toLowerCase().startsWith(lower), true].indexOf(true);
  return classes.filter((name) => name.toLowerCase().includes(lower)).sort((a, b) => fit(a) - fit(b));
}

function openHelp() {
  const lines = HELP.map(([name, text]) => el("tr", {}, el("th", { scope: "row" }, key(name)), el("td", {}, text)));
  byId("help").replaceChildren(
    el("h2", {}, "Keys"), el("table", {}, el("tbody", {}, lines)),
    el("p", { class: "muted" }, `Every decision is a line in data/${model.dataset}/decisions.csv, on the disk before it shows here.`),
    el("form", { method: "dialog" }, el("button", { autofocus: true }, "Close ", key("Esc"))),
  );
  byId("help").showModal();
}

const KEYS = {
  k: () => page.decide("keep"), a: () => page.accept(), x: () => page.decide("remove"), s: () => page.decide("unsure"),
  u: () => page.undo(), n: () => page.next(), m: () => page.goOn(), c: openChooser, g: () => setView(view === "focus" ? "grid" : "focus"),
  b: () => setBlind(!model.blind), "?": openHelp, arrowleft: () => page.move(-1), arrowright: () => page.move(1),
  l: () => openTab("labels"), d: () => openTab("duplicates"), o: () => openTab("outliers"),
  w: () => view === "focus" && byId("note").focus(), e: () => view === "grid" && page.selectPage(),
  enter: () => (view === "grid" ? model.current && page.open(model.current) : model.blind && page.next()),
};

function classOfKey(name) {
  if (!/^[0-9]$/.test(name)) return undefined;
  if (model.classes.length <= 10) return model.classes.find((each) => model.classKey(each) === name);
  const row = page.targets()[0];
  return view === "focus" && row && !page.isBlind(row) && name <= "3" ? row.likeliest?.[Number(name) - 1] : undefined;
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const typing = event.target.matches("input, select, textarea");
  if (typing) {
    if (event.target.id === "note" && ["Enter", "Escape"].includes(event.key)) event.target.blur();
    return;
  }
  const name = event.key.toLowerCase();
  if (name === "enter" && event.target.matches("button") && !event.target.dataset.id) return;
  const label = classOfKey(name);
  const act = label !== undefined ? () => page.choose(label) : KEYS[name];
  if (!act) return;
  event.preventDefault();
  // a key that is held down must not run through the rows
  if (!event.repeat || name.startsWith("arrow")) act();
}

async function poll() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await readDecisions(model.version);
    byId("banner").hidden = true;
    if (!answer.standing) return;
    model.update(answer);
    draw();
  } catch (error) {
    fail(error);
  }
}

async function start() {
  const wanted = new URLSearchParams(location.search);
  history.replaceState(null, "", "/");
  try {
    model = new Model(await readSession());
    if (wanted.has("further")) page.goOn();
    if (Object.hasOwn(model.tabs, wanted.get("tab"))) await openTab(wanted.get("tab"));
  } catch (error) {
    return fail(error);
  }
  document.title = `Review ${model.dataset}`;
  byId("dataset").textContent = model.dataset;
  model.reviewer = store("reviewer") ?? model.reviewer;
  model.blind = store("blind") === "yes";
  byId("show-focus").onclick = () => setView("focus");
  byId("show-grid").onclick = () => setView("grid");
  byId("blind").onclick = () => setBlind(!model.blind);
  byId("reviewer").onclick = () => askName();
  byId("show-help").onclick = openHelp;
  byId("yield-short").onclick = unfold;
  document.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", poll);
  setInterval(poll, POLL_MS);
  setTimeout(() => fillTabs(model).then(draw, fail), TABS_AFTER_MS);
  draw();
  document.body.dataset.ready = "yes";
  return undefined;
}

start();
