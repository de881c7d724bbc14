// Shows a row: as a picture, as text, or as the cells of a table.

import { bar, el } from "./dom.js";

const SHOWN_CELLS = 4;
const SHOWN_LETTERS = 140;

export function large(model, row) {
  if (model.kind === "picture") {
    const alt = `Example ${row.id}, labelled ${row.given_label}`;
    return el("img", { src: `/pictures/${model.stamp}/${row.row}.png`, alt, class: "picture" });
  }
  return model.kind === "text" ? el("blockquote", {}, row.content) : table(row.content);
}

export function small(model, row) {
  if (model.kind === "picture") return row.place === undefined ? single(model, row) : fromSheet(model, row);
  if (model.kind === "text") return el("span", { class: "excerpt" }, shorten(row.content));
  const cells = Object.entries(row.content).slice(0, SHOWN_CELLS);
  return el("span", { class: "excerpt" }, shorten(cells.map(([name, cell]) => `${name} ${cell}`).join(", ")));
}

function single(model, row) {
  return el("img", { src: `/pictures/${model.stamp}/${row.row}.png`, alt: "", class: "picture", loading: "lazy" });
}

function fromSheet(model, row) {
  const { rows, columns } = model.sheet;
  const place = row.place % rows;
  const sheet = Math.floor(row.place / rows);
  const onSheet = Math.min(rows, model.rows.length - sheet * rows);
  const lines = Math.ceil(onSheet / columns);
  const share = (at, of) => (of > 1 ? (100 * at) / (of - 1) : 0);
  const picture = el("span", { class: "picture" });
  picture.style.backgroundImage = `url("/sheets/${model.stamp}/${sheet}.png")`;
  picture.style.backgroundSize = `${columns * 100}% ${lines * 100}%`;
  picture.style.backgroundPosition = `${share(place % columns, columns)}% ${share(Math.floor(place / columns), lines)}%`;
  return picture;
}

function table(cells) {
  const lines = Object.entries(cells).map(([name, cell]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, cell)));
  return el("div", { class: "scroll" }, el("table", {}, el("tbody", {}, lines)));
}

function shorten(text) {
  return text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}…` : text;
}

export function labels(row, blind) {
  const suggested = !blind && row.suggested_label !== row.given_label;
  return el(
    "span",
    { class: "labels" },
    row.given_label,
    suggested ? [" → ", el("span", { class: "suggested" }, row.suggested_label)] : null,
  );
}

export function likelihood(name, share, text) {
  return [el("span", { class: "name" }, name), bar(share), el("span", { class: "share" }, text)];
}
