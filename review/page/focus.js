// One row at a time, with what helps to judge it.

import { readRow } from "./api.js";
import { breakable, byId, chance, el, key, number, percent, quality, redraw } from "./dom.js";
import { endTexts, offerFurther, offerTabs } from "./end.js";
import { errorProb } from "./forecast.js";
import { isLabelled, labelText } from "./given.js";
import { idOf, shownId, smallIdOf } from "./ids.js";
import { barOf, keySign } from "./keyboard.js";
import { fail } from "./messages.js";
import { drawNote } from "./note.js";
import { addressOf, differing, flaws, labels, large, likelihood, sameness, sayBelow, small } from "./show.js";

const STRIP = 12;
const SET_SHOWN = 12;
const AHEAD = 2;
// of the likeliest classes that are known
const LIKELIEST_SHOWN = 3;
// what comes next is asked for when the decision is written and this row is drawn
const AHEAD_AFTER_MS = 200;
const KIND_OF_SCORE = { duplicates: "duplicate", outliers: "outlier", picture_quality: "picture quality" };
let ahead;

export function drawFocus(page) {
  const { model } = page;
  const row = model.current;
  const blind = page.isBlind(row);
  redraw(byId("filtered"), filtered(model, page));
  drawNote(page);
  if (!row) {
    drawEnd(page);
    return;
  }
  drawExample(page, row);
  byId("example").dataset.kind = model.kind;
  redraw(byId("opinion"), opinion(model, row, blind));
  redraw(byId("actions"), actions(page));
  redraw(byId("set"), set(model, row, page));
  redraw(byId("strip"), strip(model, page));
  drawDetails(page, row, blind);
  const place = model.list.indexOf(row);
  clearTimeout(ahead);
  const next = model.list.slice(place + 1, place + 1 + AHEAD);
  ahead = setTimeout(() => next.forEach((each) => readRow(each.row).catch(() => {})), AHEAD_AFTER_MS);
  if (model.kind === "picture") onceDrawn(() => next.forEach((each) => loadPicture(model, each)));
}

// before the small pictures that this row is compared with
function onceDrawn(act) {
  const image = byId("example").querySelector("img");
  if (image.complete) act();
  else ["load", "error"].forEach((end) => image.addEventListener(end, act, { once: true }));
}

export function drawExample(page, row) {
  redraw(byId("example"), large(page.model, row, page.isBlind(row), (event) => page.zoom(event)));
  sayBelow(page.model.columns);
}

export function loadPicture(model, row) {
  new Image().src = addressOf(model, row);
}

function drawEnd(page) {
  const { model } = page;
  byId("example").replaceChildren();
  redraw(byId("opinion"), endTexts(model).map((text, i) => el("p", { class: i ? "muted" : "heading" }, text)), offerFurther(page), offerTabs(page));
  redraw(byId("actions"), el("div", { class: "row" }, barOf(page, "move")));
  byId("set").replaceChildren();
  redraw(byId("strip"), model.list.length ? strip(model, page) : []);
  byId("compare").replaceChildren();
  delete byId("compare").dataset.drawn;
}

function filtered(model, page) {
  if (model.list.length === model.rows.length) return [];
  const shown = `The filter shows ${number(model.list.length)} of ${number(model.rows.length)} rows. `;
  return [shown, el("button", { onclick: () => page.clearFilter() }, "Show all")];
}

function opinion(model, row, blind) {
  const found = blind
    ? [el("p", { class: "muted" }, "Blind: choose, and you see what the model thinks. Then ", keySign("next-undecided"), " goes on.")]
    : [
        el("div", { class: "pair" },
          modelSays(model),
          ...(isLabelled(row) ? [el("span", { class: "muted" }, "given"), ...likelihood(row.given_label, row.given_prob, percent(row.given_prob))] : []),
          el("span", { class: "muted" }, "suggested"),
          ...likelihood(row.suggested_label, row.suggested_prob, percent(row.suggested_prob))),
        isLabelled(row) ? el("p", { class: "muted" }, ...measured(model, row),
          row.flagged || model.trust.verdict !== "good" ? null : ", not flagged", row.score === undefined || row.kind === "exact" ? null : ` · ${KIND_OF_SCORE[model.tab.name]} score ${quality(row.score)}`) : toLabel(model, row),
        el("div", { id: "likeliest", class: "pair", "aria-label": "The likeliest classes" }, likeliest(model, row)),
        el("div", { id: "annotators" }, annotators(row)),
      ];
  return [
    el("p", { class: "heading" }, idOf(model, row, blind), isLabelled(row) ? " given " : " has ", el("strong", {}, labelText(row.given_label)),
      flaws(model, row), badge(model, row)),
    ...found,
    ...sayings(model, row),
  ];
}

// what a model that is not good is sure of may be wrong
function modelSays({ trust: { verdict, accuracy } }) {
  if (verdict === "good") return null;
  const known = accuracy === null ? "" : ` (right on ${Math.round(100 * accuracy)} % of rows)`;
  return el("span", { class: "muted model-says" }, `The model says${known}:`);
}

// the rank, and where the model is good, what it makes of the label
function measured(model, row) {
  const place = `${number(row.rank)} of ${number(model.total)}`;
  if (model.trust.verdict !== "good") return [`Rank ${place}`];
  return [`Quality ${quality(row.label_quality)}, `, el("span", { id: "chance" }, chanceOf(model, row)), `rank ${place}`];
}

// of a row without a label
function toLabel(model, row) {
  if (model.tab.name !== "unlabelled") return "";
  return el("p", { class: "muted" }, `Number ${number(model.rows.indexOf(row) + 1)} of ${number(model.rows.length)} to label: the less sure the model, the sooner.`);
}

// who said what, where several annotators have labelled the rows
function annotators({ row, annotators: said = [] }) {
  if (!said.length) return [];
  const lines = said.map(({ annotator, label, quality: share }) =>
    el("tr", {}, el("th", { scope: "row" }, el("bdi", {}, annotator)), el("td", {}, el("bdi", {}, label ?? "another class")), el("td", { class: "muted" }, percent(share))));
  const head = el("tr", {}, ["annotator", "label", "quality"].map((name) => el("th", { scope: "col" }, name)));
  return [
    el("p", { class: "muted" }, `${said.length} ${said.length === 1 ? "annotator" : "annotators"}: `, countLabels(said)),
    el("div", { key: row, class: "scroll", tabindex: 0, role: "group", "aria-label": "Who said what" }, el("table", {}, el("thead", {}, head), el("tbody", {}, lines))),
  ];
}

function countLabels(said) {
  const counts = new Map();
  said.forEach(({ label }) => counts.set(label, (counts.get(label) ?? 0) + 1));
  return [...counts].flatMap(([label, times], i) => [i ? ", " : "", el("bdi", {}, label ?? "another class"), ` × ${times}`]);
}

// they come when the row is opened
function likeliest(model, row) {
  return (row.likeliest ?? []).slice(0, LIKELIEST_SHOWN).map(({ label, prob }, i) =>
    [el("span", { class: "muted" }, i ? "" : "likeliest ", model.classes.length > 10 ? key(String(i + 1)) : ""), ...likelihood(label, prob, percent(prob))]);
}

function chanceOf(model, row) {
  const prob = errorProb(model, row);
  return prob === null ? "" : `chance of an error: ${chance(prob)}, `;
}

// what was decided on other rows may have moved it
export function drawChance({ model }) {
  if (byId("chance")) byId("chance").textContent = chanceOf(model, model.current);
}

function badge(model, row) {
  const status = model.status(row);
  if (model.isPending(row)) return el("span", { class: "badge" }, model.waitsAs(row));
  return status === "undecided" ? null : el("span", { class: `badge ${status}` }, model.verdict(row));
}

function sayings(model, row) {
  const said = model.said(row);
  if (!said.length) return [];
  const conflict = model.status(row) === "conflict";
  const lines = said.map((each) => {
    const stale = each.given_label === row.given_label ? "" : ` (when it was given as ${labelText(each.given_label)})`;
    return el("li", {}, `${each.reviewer}: ${[each.decision, each.label].filter(Boolean).join(" ")}${stale}${each.note ? `, “${each.note}”` : ""}`);
  });
  return [
    el("div", { class: conflict ? "said conflict" : "said" },
      conflict ? el("strong", {}, "They disagree: what you choose now settles it.") : null, el("ul", {}, lines)),
  ];
}

function actions(page) {
  const bars = [barOf(page, "decide"), [classes(page), barOf(page, "class")], barOf(page, "move")];
  // the next row's are others, which have not the focus
  return bars.map((buttons, i) => el("div", { key: page.model.current.row, class: ["row decide", "row classes", "row"][i] }, buttons));
}

export function classes(page) {
  const { model } = page;
  if (!model.hasClassKeys) return [];
  return model.classes.map((name) => {
    const own = model.classKey(name);
    return el("button", { class: "class", onclick: () => page.choose(name) }, breakable(name), " ", key(own === name ? null : own));
  });
}

function strip(model, page) {
  const place = model.list.indexOf(model.current);
  const start = Math.max(0, Math.min(place - 2, model.list.length - STRIP));
  return model.list.slice(start, start + STRIP).map((row) => {
    return item(model, row, page, small(model, row));
  });
}

// the row and those that are the same, side by side
function set(model, row, page) {
  const rows = model.setOf(row);
  if (!rows.length) return [];
  const first = Math.max(0, rows.indexOf(row) - SET_SHOWN + 1);
  const shown = rows.slice(first, first + SET_SHOWN);
  const look = model.kind === "table" ? differing(model, rows) : (each) => small(model, each);
  return [
    el("h2", {}, sameness(model, row), rows.length > SET_SHOWN ? `, ${number(first + 1)} to ${number(first + shown.length)} shown` : ""),
    el("ol", { class: "members" }, shown.map((each) => item(model, each, page, look(each), smallIdOf(model, each, page.isBlind(each))))),
  ];
}

function item(model, row, page, look, caption) {
  const status = model.waitsAs(row) || (model.status(row) === "undecided" ? "" : model.verdict(row));
  const name = `id ${shownId(model, row, page.isBlind(row))}, given ${labelText(row.given_label)}, ${status || "undecided"}`;
  return el("li", { key: row.row }, el("button", { onclick: () => page.open(row), "aria-label": name, "aria-current": row === model.current ? "true" : null },
    look, labels(row, page.isBlind(row)), caption,
    el("span", { class: `badge ${model.status(row)}` }, status)));
}

async function drawDetails(page, row, blind) {
  const { model } = page;
  const details = await readRow(row.row).catch(fail);
  if (!details) return;
  row.likeliest = details.likeliest;
  row.annotators = details.annotators;
  const isCut = String(row.content) !== String(details.content);
  row.content = details.content;
  if (model.current !== row) return;
  if (isCut) drawExample(page, row);
  const drawn = `${row.row} ${blind}`;
  if (!blind && byId("likeliest")) redraw(byId("likeliest"), likeliest(model, row));
  if (!blind && byId("annotators")) redraw(byId("annotators"), annotators(row));
  if (byId("compare").dataset.drawn === drawn) return;
  byId("compare").dataset.drawn = drawn;
  const typical = details.typical.filter(({ label }) => !blind || label === row.given_label);
  const nearest = [blind ? "Looks most like" : "Looks most like, as labelled", details.nearest, !blind];
  drawExamples(model, [...typical.map(({ label, rows }) => [`Typical ${label}`, rows, false]), nearest], blind);
}

// lists of rows to compare with: a title, the rows, and whether their labels are shown
export function drawExamples(model, lists, blind) {
  redraw(byId("compare"), lists.filter(([, rows]) => rows.length).map(([title, rows, named]) => examples(model, title, rows, named, blind)));
}

function examples(model, title, rows, named, blind) {
  const items = rows.map((row) => el("li", { key: row.row, title: `id ${shownId(model, row, blind)}` }, small(model, row), named ? el("span", {}, labelText(row.given_label)) : null));
  return el("section", {}, el("h2", {}, title), el("ul", { class: "examples" }, items));
}
