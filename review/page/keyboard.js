// Makes from the table of keys what happens when one is pressed, the buttons, and the help.

import { el, key as sign } from "./dom.js";
import { KEYS } from "./keys.js";
import { isZoomed } from "./zoom.js";

const byName = new Map(KEYS.map((entry) => [entry.name, entry]));
const byPress = new Map(KEYS.flatMap((entry) => (entry.presses ?? [entry.key]).map((name) => [name.toLowerCase(), entry])));

const isUsable = (entry, page, pressed) => !entry.when || entry.when(page, pressed);

export function onKey(page, event) {
  const zoomed = isZoomed();
  if (document.body.inert || event.ctrlKey || event.metaKey || event.altKey || (!zoomed && document.querySelector("dialog[open]"))) return;
  if (event.target.matches("input, select, textarea")) {
    if (event.target.id === "note" && ["Enter", "Escape"].includes(event.key)) event.target.blur();
    return;
  }
  // Enter presses the button or opens the details that have the focus, but for a row's among many
  if (event.key === "Enter" && event.target.matches("button:not([data-id]), summary")) {
    // once, however long it is held
    if (event.repeat) event.preventDefault();
    return;
  }
  const pressed = event.key.toLowerCase();
  const entry = byPress.get(pressed);
  const act = zoomed ? entry?.zoomed : entry?.run;
  if (!act) return;
  event.preventDefault();
  // a key that is held down must not run through the rows
  if (event.repeat && !entry.repeats) return;
  if (zoomed || isUsable(entry, page, pressed)) act(page, pressed);
}

// the button of a key, with another label or other attributes if they are given
export function keyButton(page, name, { label, ...attributes } = {}) {
  const entry = byName.get(name);
  const text = label ?? (typeof entry.label === "function" ? entry.label(page) : entry.label);
  if (text === null) return null;
  const pressed = entry.pressed ? String(entry.pressed(page)) : null;
  const usual = { id: name, class: entry.class, title: entry.help, disabled: !isUsable(entry, page), "aria-pressed": pressed, onclick: () => entry.run(page) };
  return el("button", { ...usual, ...attributes }, text, " ", sign(entry.key));
}

// the buttons of a bar, in the order of the table
export function barOf(page, name, attributes = {}) {
  return KEYS.filter(({ bar }) => bar === name).map((entry) => keyButton(page, entry.name, attributes)).filter(Boolean);
}

// the bars and signs that index.html has a place for, made once, so that drawing anew leaves the focus where it is
export function fillPlaces(page) {
  for (const place of document.querySelectorAll("[data-bar]")) place.replaceWith(...barOf(page, place.dataset.bar));
  for (const place of document.querySelectorAll("kbd[data-key]")) place.textContent = byName.get(place.dataset.key).key;
}

export function drawPressed(page) {
  for (const { name, pressed } of KEYS.filter((entry) => entry.pressed)) {
    document.getElementById(name)?.setAttribute("aria-pressed", String(pressed(page)));
  }
}

export function helpLines() {
  const texts = [...new Set(KEYS.map(({ help }) => help))];
  const signs = (text) => KEYS.filter(({ help }) => help === text).map(({ key }) => [sign(key), "\u00a0"]);
  return texts.map((text) => el("tr", {}, el("th", { scope: "row" }, signs(text)), el("td", {}, text)));
}
