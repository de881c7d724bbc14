// Many rows at once: filter, select, decide on all that are selected.

import { byId, chance, el, number, quality, redraw } from "./dom.js";
import { offerFurther, offerTabs } from "./end.js";
import { errorProb } from "./forecast.js";
import { isLabelled, labelText } from "./given.js";
import { shownId, smallIdOf } from "./ids.js";
import { barOf, keyButton } from "./keyboard.js";
import { flaws, labels, sameness, small } from "./show.js";

const PER_PAGE = 60;
let pageNumber = 0;
let anchor = null;

export function showPageOf(model) {
  pageNumber = Math.max(0, Math.floor(model.list.indexOf(model.current) / PER_PAGE));
}

export function pageRows(model) {
  return model.list.slice(pageNumber * PER_PAGE, (pageNumber + 1) * PER_PAGE);
}

export function turn(model, by) {
  const last = Math.max(0, Math.ceil(model.list.length / PER_PAGE) - 1);
  pageNumber = Math.min(last, Math.max(0, pageNumber + by));
  // all that is selected on the map is shown there
  if (model.tab.name !== "map") model.selected.clear();
  anchor = null;
}

export function drawGrid(page) {
  const { model } = page;
  if (pageNumber * PER_PAGE >= model.list.length) pageNumber = 0;
  redraw(byId("bulk"), bulk(page));
  const focused = document.activeElement?.dataset?.id;
  redraw(byId("tiles"), pageRows(model).map((row, i, rows) => [headOf(model, row, rows[i - 1]), tile(model, row, page)]));
  if (focused !== undefined) document.querySelector(`#tiles [data-id="${CSS.escape(focused)}"]`)?.focus();
  redraw(byId("pager"), pager(page));
}

// duplicates stand set by set, unless they are sorted otherwise
function headOf(model, row, before) {
  const isFirst = model.tab.name === "duplicates" && model.filter.sort === "rank" && row.set !== before?.set;
  return isFirst ? el("li", { key: `set ${row.set}`, class: "set-head" }, sameness(model, row)) : null;
}

function tile(model, row, page) {
  const selected = model.selected.has(row);
  const blind = page.isBlind(row);
  const status = model.waitsAs(row) || (model.status(row) === "undecided" ? "" : model.verdict(row));
  const name = `id ${shownId(model, row, blind)}, given ${labelText(row.given_label)}, ${status || "undecided"}${blind ? "" : `, suggested ${row.suggested_label}`}`;
  const pick = (event) => select(model, row, event.shiftKey, page);
  return el("li", { key: row.row, class: selected ? "selected" : null },
    el("button", { "data-id": row.id, "aria-pressed": String(selected), "aria-label": name, onclick: pick, ondblclick: () => page.open(row) },
      small(model, row), labels(row, blind), flaws(model, row), smallIdOf(model, row, blind), el("span", { class: "id" }, scoreOf(model, row, blind)),
      el("span", { class: `badge ${model.status(row)}` }, status)));
}

function scoreOf(model, row, blind) {
  if (row.kind === "exact") return null;
  if (row.score !== undefined) return `score ${quality(row.score)}`;
  if (blind) return null;
  if (!isLabelled(row)) return `sure: ${chance(row.suggested_prob)}`;
  const prob = errorProb(model, row);
  return prob === null ? `rank ${number(row.rank)}` : [quality(row.label_quality), el("br"), "wrong: ", el("span", { class: "whole" }, chance(prob))];
}

function select(model, row, range, page) {
  const rows = pageRows(model);
  const from = range && anchor ? rows.indexOf(anchor) : rows.indexOf(row);
  const to = rows.indexOf(row);
  if (from !== to) rows.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((each) => model.selected.add(each));
  else if (!model.selected.delete(row)) model.selected.add(row);
  anchor = row;
  model.current = row;
  page.draw();
}

function bulk(page) {
  const { model } = page;
  const undecided = pageRows(model).filter((row) => isLabelled(row) && model.status(row) === "undecided");
  const keepAll = () => page.decideOn(undecided, "keep");
  return [
    ["map", "unlabelled"].includes(model.tab.name) ? "" : el("button", { id: "page-correct", disabled: !undecided.length, title: "keep the given labels of all that are undecided here", onclick: keepAll }, `Page is correct (${undecided.length})`),
    ...barOf(page, "select"),
    el("span", { class: "muted", role: "status" }, `${number(model.selected.size)} selected`),
    // the same keys have buttons with these ids in the other view
    el("div", { class: "decide" }, barOf(page, "decide", { id: null })),
    ...barOf(page, "class", { id: null }),
    keyButton(page, "undo", { id: null }),
    keyButton(page, "redo", { id: null }),
  ];
}

function pager(page) {
  const { model } = page;
  if (model.tab.name === "map" && !model.list.length) return [];
  const pages = Math.max(1, Math.ceil(model.list.length / PER_PAGE));
  const isLast = pageNumber >= pages - 1;
  return [
    keyButton(page, "previous", { id: null, label: "Previous page", disabled: pageNumber === 0 }),
    el("span", {}, `page ${pageNumber + 1} of ${number(pages)}, ${number(model.list.length)} ${model.list.length === 1 ? "row" : "rows"}`),
    keyButton(page, "next", { id: null, label: "Next page", disabled: isLast }),
    ...(isLast ? offerFurther(page) : []),
    ...(model.progress().undecided ? [] : offerTabs(page)),
  ];
}

export function drawFilters(page) {
  const { model } = page;
  byId("filters").hidden = model.tab.name === "map";
  const flag = (name) => {
    const held = new Set(model.rows.map((row) => row[name]));
    return model.classes.filter((each) => held.has(each));
  };
  const isLabels = model.tab.name !== "unlabelled";
  const choice = (name, title, values) => el("label", {}, title,
    el("select", { name }, values.map(([value, text]) => el("option", { value, selected: model.filter[name] === value }, text))));
  const names = (values) => [["", "any"], ...values.map((value) => [value, value])];
  const score = (name, title) => el("label", {}, title,
    el("input", { name, type: "number", min: 0, max: 1, step: "any", value: model.filter[name], placeholder: name === "from" ? "0" : "1" }));
  const statuses = ["undecided", "decided", ...(isLabels ? ["kept", "relabelled"] : []), ...(model.tabs.unlabelled ? ["labelled"] : []), "removed", "unsure", "conflict"];
  const sorts = [["rank", isLabels ? "worst first" : "least sure first"], ...(isLabels ? [["given_label", "given label"]] : []), ["suggested_label", "suggested label"], ["id", "id"]];
  byId("filters").replaceChildren(
    choice("status", "Show", [["", "all"], ...statuses.map((value) => [value, value === "unsure" ? "not sure" : value])]),
    ...(isLabels ? [choice("given", "Given", names(flag("given_label")))] : []),
    ...(model.blind ? [] : [choice("suggested", "Suggested", names(flag("suggested_label"))), ...(isLabels ? [score("from", "Quality from"), score("to", "to")] : [])]),
    choice("sort", "Sort", model.blind ? sorts.filter(([value]) => value !== "suggested_label") : sorts),
  );
  byId("filters").oninput = (event) => {
    model.filter[event.target.name] = event.target.value;
    // so that keys decide again
    if (event.target.matches("select")) event.target.blur();
    page.filter();
  };
  byId("filters").onsubmit = (event) => event.preventDefault();
}
