// Ids as the page shows them: a long one is shortened in the middle, and of a file nothing is shown that gives away its
// label while it is decided on blind.

import { el } from "./dom.js";
import { fold } from "./fold.js";

// of a longer one so many letters stay at its start and at its end: in a line, and below a small picture
const LINE = { longest: 40, start: 14, end: 20 };
const SMALL = { longest: 10, start: 0, end: 8 };
const segmenter = new Intl.Segmenter();
const WORD = /[\p{L}\p{M}]+|\p{N}+/gu;
let named = null;

// a file lies in the folder of its class, which may stand in its name as well
export function shownId(model, { id }, blind) {
  if (!blind || !(model.files || id.includes("/"))) return id;
  named ??= new Set(model.classes.flatMap(wordsOf));
  const name = id.slice(id.lastIndexOf("/") + 1).replace(WORD, (word) => (named.has(fold(word)) ? "…" : word));
  return (id.includes("/") ? `…/${name}` : name).replace(/…+/g, "…");
}

function wordsOf(name) {
  const words = fold(name).match(WORD) ?? [];
  return [...words, words.join("")];
}

// "id" and the id; a copy of it has what is cut out, too
export function idOf(model, row, blind, room = LINE) {
  const id = shownId(model, row, blind);
  return el("span", { class: "id", title: id.length > room.longest ? id : null }, "id ", el("bdi", {}, shorten(id, room)));
}

// where many rows stand side by side
export function smallIdOf(model, row, blind) {
  return idOf(model, row, blind, model.kind === "picture" ? SMALL : LINE);
}

function shorten(id, { longest, start, end }) {
  const letters = [...segmenter.segment(id)].map(({ segment }) => segment);
  if (letters.length <= longest) return id;
  const cut = letters.slice(start, -end).join("");
  return [letters.slice(0, start).join(""), el("span", { class: "cut" }, cut), letters.slice(-end).join("")];
}
