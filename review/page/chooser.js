// The dialog in which a class is chosen by its name, however many there are.

import { byId, el, key, number, redraw } from "./dom.js";
import { finder, fold } from "./fold.js";

// more are not listed at once
const LISTED = 2000;
const PAGE = 10;
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };

// `likeliest` are the classes that the model thinks of first, in its order; none where it is not to be heard
export function chooseClass(classes, likeliest, then) {
  const input = byId("class-name");
  const known = inOrder(classes, likeliest).map((name) => [name, fold(name)]);
  let found = [];
  let at = -1;
  const pick = (name) => {
    byId("chooser").close();
    then(name);
  };
  const go = (place) => {
    at = place;
    drawList(found.slice(0, LISTED), at, pick);
  };
  input.oninput = () => {
    found = find(known, input.value);
    drawCount(found.length, classes.length, input.value.trim());
    go(input.value.trim() && found.length ? 0 : -1);
    byId("class-list").scrollTop = 0;
  };
  input.onkeydown = (event) => {
    // what composes letters has the key
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (at >= 0) pick(found[at]);
    } else if (event.key in STEPS && found.length) {
      event.preventDefault();
      go(stepped(at, STEPS[event.key], Math.min(found.length, LISTED)));
      byId("class-list").children[at].scrollIntoView({ block: "nearest" });
    }
  };
  input.value = "";
  input.oninput();
  byId("chooser").showModal();
  input.focus();
}

const inOrder = (classes, likeliest) => [...new Set([...likeliest, ...classes])];

// by one step from the last to the first and back; by many, to the end
function stepped(at, by, count) {
  if (Math.abs(by) === 1) return at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count;
  return Math.max(0, Math.min(count - 1, at + by));
}

// what was typed to the letter comes first, then what fits best, and among those the likeliest
function find(known, text) {
  const typed = text.trim();
  // signs alone are looked for as they are
  const fit = fold(typed) || !typed ? finder(typed) : () => -1;
  const fits = known.map(([name, folded]) => [name, typed && name.includes(typed) && !fold(typed) ? 0 : name === typed ? -0.5 : fit(folded)]).filter(([, place]) => place > -1);
  return fits.sort((a, b) => a[1] - b[1]).map(([name]) => name);
}

function drawCount(found, all, typed) {
  const more = found > LISTED ? ` The first ${number(LISTED)} are listed: type more of the name.` : "";
  const text = found ? `${number(found)} of ${number(all)} classes.${more}` : `No class fits “${typed}”.`;
  redraw(byId("class-count"), text);
}

function drawList(names, at, pick) {
  redraw(byId("class-list"), names.map((name, i) => el("li", { id: `class-${i}`, role: "option", "aria-selected": String(i === at), onclick: () => pick(name) },
    el("bdi", {}, name), " ", i === at ? key("Enter") : null)));
  if (at < 0) byId("class-name").removeAttribute("aria-activedescendant");
  else byId("class-name").setAttribute("aria-activedescendant", `class-${at}`);
}
