// Shows a row: as a picture, as text, or as the cells of a table.

import { bar, breakable, byId, el } from "./dom.js";
import { labelText } from "./given.js";
import { shownId } from "./ids.js";

const DIFFERING_CELLS = 8;
const SHOWN_LETTERS = 140;
// a table of more columns is shown in two halves
const WHOLE_CELLS = 8;
const EMPTY = "–";

// zoom is done where a picture is clicked
export function large(model, row, blind, zoom) {
  if (model.kind === "picture") return [picture(model, row, blind, zoom), model.seen && el("p", { class: "badge seen" }, model.seen)];
  return model.kind === "text" ? el("blockquote", { key: row.row, dir: "auto" }, row.content) : table(model.columns, row);
}

function picture(model, row, blind, zoom) {
  const alt = `Example ${shownId(model, row, blind)}, labelled ${labelText(row.given_label)}`;
  const image = el("img", { src: addressOf(model, row), alt, class: "picture", onload: ({ target }) => showPixels(model, target) });
  return el("button", { key: row.row, class: "zoomable", "aria-label": "Zoom the picture", title: "zoom (Z)", onclick: zoom }, image);
}

export const addressOf = (model, row) => `./pictures/${model.stamp}/${row.row}`;

// of a picture that is smaller than its place, each pixel is a square
function showPixels(model, image) {
  image.classList.toggle("pixels", model.exact || Math.max(image.naturalWidth / image.clientWidth, image.naturalHeight / image.clientHeight) < 0.5);
}

export function small(model, row) {
  if (model.kind === "picture") return row.place === undefined ? single(model, row) : fromSheet(model, row);
  if (model.kind === "text") return el("span", { class: "excerpt", dir: "auto" }, shorten(row.content));
  return el("span", { class: "excerpt" }, row.unusual.map(([column, cell]) => el("span", { class: "cell" }, `${column} ${cell || EMPTY}`)));
}

function single(model, row) {
  return el("img", { src: `./previews/${model.stamp}/${row.row}`, alt: "", class: "picture", loading: "lazy" });
}

function fromSheet(model, row) {
  const { rows, columns } = model.sheet;
  const place = row.place % rows;
  const sheet = Math.floor(row.place / rows);
  const onSheet = Math.min(rows, model.tab.listed.length - sheet * rows);
  const lines = Math.ceil(onSheet / columns);
  const share = (at, of) => (of > 1 ? (100 * at) / (of - 1) : 0);
  return el("span", { class: "picture", style: {
    backgroundImage: `url("./sheets/${model.stamp}/${model.tab.name}/${sheet}")`,
    backgroundSize: `${columns * 100}% ${lines * 100}%`,
    backgroundPosition: `${share(place % columns, columns)}% ${share(Math.floor(place / columns), lines)}%`,
  } });
}

// in two halves, side by side where they find room
function table(columns, row) {
  const lines = row.content.map((cell, i) => el("tr", { "data-column": i }, el("th", { scope: "row" }, columns[i]), el("td", { dir: "auto" }, cell || EMPTY)));
  const half = lines.length > WHOLE_CELLS ? Math.ceil(lines.length / 2) : lines.length;
  const halves = [lines.slice(0, half), lines.slice(half)].filter((part) => part.length);
  return el("div", { key: row.row, class: "cells" },
    el("div", { class: "scroll", tabindex: 0, onscroll: () => sayBelow(columns) }, halves.map((part) => el("table", {}, el("tbody", {}, part)))),
    el("p", { id: "below", hidden: true }));
}

// which columns of the table that is drawn are out of sight, below or under the line that says so
export function sayBelow(columns) {
  const line = byId("below");
  if (!line) return;
  const { bottom } = line.parentElement.getBoundingClientRect();
  const until = (edge) => [...line.parentElement.querySelectorAll("tr")].filter((each) => each.getBoundingClientRect().bottom > edge + 1).map((each) => Number(each.dataset.column));
  line.hidden = !until(bottom).length;
  const hidden = line.hidden ? [] : until(bottom - line.offsetHeight / 2);
  const starts = hidden.filter((place) => !hidden.includes(place - 1));
  const runs = starts.map((first) => {
    const last = hidden.find((place) => place >= first && !hidden.includes(place + 1));
    return first === last ? columns[first] : `${columns[first]} to ${columns[last]}`;
  });
  line.textContent = `${runs.join(" and ")}: ${hidden.length} more below`;
}

// what is not the same in all of some rows: of a table, the cells that differ
export function differing(model, rows) {
  const places = model.columns.map((_, i) => i).filter((i) => rows.some((row) => row.content[i] !== rows[0].content[i]));
  return (row) => el("span", { class: "excerpt" }, places.length
    ? places.slice(0, DIFFERING_CELLS).map((i) => el("span", { class: "cell" }, `${model.columns[i]} ${row.content[i] || EMPTY}`))
    : "the same in all columns");
}

function shorten(text) {
  return text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}…` : text;
}

export function labels(row, blind) {
  const suggested = !blind && row.suggested_label !== row.given_label;
  return el(
    "span",
    { class: "labels" },
    el("bdi", {}, labelText(row.given_label)),
    suggested ? [" → ", el("bdi", { class: "suggested" }, row.suggested_label)] : null,
  );
}

// how the rows of a set of duplicates are alike
export function sameness(model, row) {
  const size = model.setOf(row).length;
  const alike = `${size} ${size === 1 ? "row" : "rows"}, ${row.kind === "exact" ? "exactly" : "nearly"} the same`;
  const splits = row.splits_differ ? [...new Set(model.setOf(row).map(({ split }) => split))].filter(Boolean).sort() : [];
  const within = splits.length ? `, in ${splits.join(" and ")}` : "";
  if (!row.labels_differ) return [`Set ${row.set}: ${alike}${within}`];
  return [`Set ${row.set}: ${alike}${within}. `, el("strong", { class: "suggested" }, row.kind === "exact" ? "Labels differ: one of them must be wrong" : "Labels differ")];
}

// what is wrong with a picture
export function flaws(model, row) {
  return model.tab.name === "picture_quality" ? row.kind.split(", ").map((kind) => el("span", { class: "badge" }, kind)) : null;
}

export function likelihood(name, share, text) {
  return [el("span", { class: "name" }, breakable(name)), bar(share), el("span", { class: "share" }, text)];
}
