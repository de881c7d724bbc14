// Which key does what: as the table of keys says, but for those that a reviewer has changed, which the browser keeps.

import { KEYS } from "./keys.js";
import { namesOf } from "./layouts.js";

const STORE = "review:keys";
const SIGNS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
// of the keys that type nothing, those that neither the browser nor a dialog needs
const FREE = /^(Shift\+)?(Arrow(Left|Right|Up|Down)|Home|End|PageUp|PageDown|Insert|Delete|Backspace|Enter)$/;
let changed = {};
let byPress = new Map();

const shipped = ({ key, presses }) => presses ?? [key];
const pressesOf = (entry, changes) => (entry.name in changes ? [changes[entry.name]] : shipped(entry));

// the digits and the keys of the browser stay
export const canChange = (entry) => shipped(entry).length === 1;

export const isChanged = ({ name }) => name in changed;

export const areChanged = () => Object.keys(changed).length > 0;

// what a key is called on buttons and in the help
export function signOf(entry) {
  const press = changed[entry.name];
  return press ? press.replace(/\w+$/, (name) => SIGNS[name] ?? name) : entry.key;
}

// what a press of a key stands for, with the name that it goes by; undefined for nothing
export function entryOf(event) {
  const pressed = namesOf(event).find((name) => byPress.has(name));
  return pressed && { entry: byPress.get(pressed), pressed };
}

// gives an entry another key; returns why it does not
export function change(entry, event) {
  const names = namesOf(event);
  const press = names.find((name) => /^(Shift\+)?[A-Z0-9]$/.test(name)) ?? names[0] ?? "";
  if (/^(Shift\+)?\d$/.test(press)) return "Digits choose classes.";
  if (!/^(Shift\+)?\S$/u.test(press) && !FREE.test(press)) return `${event.key === " " ? "Space" : event.key} cannot be used.`;
  const taken = KEYS.find((other) => other !== entry && pressesOf(other, changed).includes(press));
  if (taken) return `${press} is taken: ${taken.help}.`;
  const others = Object.fromEntries(Object.entries(changed).filter(([name]) => name !== entry.name));
  keep(shipped(entry)[0] === press ? others : { ...others, [entry.name]: press });
  return "";
}

export const reset = () => keep({});

export function readChanges() {
  try {
    changed = fitting(JSON.parse(localStorage.getItem(STORE)) ?? {});
  } catch {
    changed = {};
  }
  byPress = new Map(KEYS.flatMap((entry) => pressesOf(entry, changed).map((press) => [press, entry])));
}

function keep(changes) {
  localStorage.setItem(STORE, JSON.stringify(changes));
  readChanges();
}

// the page may have got or lost keys since: where two would have the same, the changed one is as it was shipped
function fitting(changes) {
  const known = KEYS.filter((entry) => canChange(entry) && typeof changes[entry.name] === "string");
  const kept = Object.fromEntries(known.map(({ name }) => [name, changes[name]]));
  const presses = KEYS.flatMap((entry) => pressesOf(entry, kept));
  const clashing = known.filter(({ name }) => presses.filter((press) => press === kept[name]).length > 1);
  return clashing.length ? fitting(Object.fromEntries(Object.entries(kept).filter(([name]) => !clashing.some((entry) => entry.name === name)))) : kept;
}

readChanges();
