// Makes from the table of keys what happens when one is pressed, and the buttons.

import { entryOf, signOf } from "./bindings.js";
import { breakable, el } from "./dom.js";
import { idOf } from "./ids.js";
import { KEYS } from "./keys.js";
import { isCommand, isComposing } from "./layouts.js";
import { say } from "./messages.js";
import { isZoomed } from "./zoom.js";

const byName = new Map(KEYS.map((entry) => [entry.name, entry]));
// the last key that did something, which may be held down
let last = { code: null, entry: null };
// those that were pressed after an undo, for the row that it brings back
let waiting = [];

const isUsable = (entry, page, pressed) => !entry.when || entry.when(page, pressed);

// before anything else: a key that composes letters is nobody else's
export function leaveToComposing(event) {
  if (isComposing(event)) event.stopPropagation();
}

export function onKey(page, event) {
  // a browser that fills in a field names no key
  if (!event.key || isHeld(event) || !document.hasFocus() || document.body.inert || isCommand(event)) return;
  const zoomed = isZoomed();
  if (!zoomed && document.querySelector("dialog[open]")) return;
  const found = entryOf(event);
  if (isForField(event)) return;
  const act = zoomed ? found?.entry.zoomed : found?.entry.run;
  if (!act) return;
  event.preventDefault();
  if (event.repeat && !found.entry.repeats) return;
  last = { code: event.code, entry: found.entry };
  const press = { act, isZoomed: zoomed, ...found };
  if (page.isWaiting && !zoomed) waiting.push(press);
  else perform(page, press);
}

function perform(page, { act, isZoomed, entry, pressed }) {
  if (isZoomed || isUsable(entry, page, pressed)) act(page, pressed);
  else if (entry.decides) page.isHeld();
}

// a key that is held down must not run through the rows, press a button again, or write into the field that it has opened
function isHeld(event) {
  const isAgain = event.repeat && (event.code === last.code ? !last.entry.repeats : event.key === "Enter" && event.target.matches("button, summary"));
  if (isAgain) event.preventDefault();
  return isAgain;
}

function isForField(event) {
  // a dialog that was closed has the focus until the page is drawn again
  if (event.target.closest("dialog:not([open])")) return false;
  if (event.target.matches("input, select, textarea")) {
    if (event.target.id === "note" && ["Enter", "Escape"].includes(event.key)) event.target.blur();
    return true;
  }
  // Enter presses the button or opens the details that have the focus, but for a row's among many
  return event.key === "Enter" && event.target.matches("button:not([data-id]), summary");
}

// once an undo is answered: what was pressed since was meant for the row that it brought back, and for no other
export function runWaiting(page, ids = []) {
  if (!waiting.length || page.isWaiting) return;
  const isShown = page.view === "focus" && page.model.current?.id === ids[0];
  if (!isShown) {
    const back = ids.length ? ["taken back: ", idOf(page.model, { id: ids[0] }, page.isBlindId(ids[0])), ", which is not shown here"] : ["nothing is taken back"];
    say(page, [...back, "; the keys pressed since did nothing"], { undo: false });
    waiting = [];
  }
  // another undo among them lets the rest wait again; after a key that opens a field they were letters for it
  while (waiting.length && !page.isWaiting) {
    perform(page, waiting.shift());
    if (document.querySelector("dialog[open], input:focus")) waiting = [];
  }
}

// the button of a key, with another label or other attributes if they are given
export function keyButton(page, name, { label, ...attributes } = {}) {
  const entry = byName.get(name);
  const text = label ?? (typeof entry.label === "function" ? entry.label(page) : entry.label);
  if (text === null) return null;
  const pressed = entry.pressed ? String(entry.pressed(page)) : null;
  const usual = { id: name, class: entry.class, title: entry.help, disabled: !isUsable(entry, page), "aria-pressed": pressed, onclick: () => entry.run(page) };
  return el("button", { ...usual, ...attributes }, typeof text === "string" ? breakable(text) : text, " ", keySign(name));
}

// the sign of a key, which changes with it
export function keySign(name) {
  const sign = signOf(byName.get(name));
  return sign ? el("kbd", { "data-key": name }, sign) : null;
}

// the buttons of a bar, in the order of the table
export function barOf(page, name, attributes = {}) {
  return KEYS.filter(({ bar }) => bar === name).map((entry) => keyButton(page, entry.name, attributes)).filter(Boolean);
}

// the bars that index.html has a place for, made once, so that drawing anew leaves the focus where it is
export function fillPlaces(page) {
  for (const place of document.querySelectorAll("[data-bar]")) place.replaceWith(...barOf(page, place.dataset.bar));
  drawSigns();
}

export function drawSigns() {
  for (const sign of document.querySelectorAll("kbd[data-key]")) sign.textContent = signOf(byName.get(sign.dataset.key));
}

export function drawPressed(page) {
  for (const { name, pressed } of KEYS.filter((entry) => entry.pressed)) {
    document.getElementById(name)?.setAttribute("aria-pressed", String(pressed(page)));
  }
}
