// The dialogs: who decides, which class, and the help.

import { byId, el, key } from "./dom.js";
import { helpLines } from "./keyboard.js";

const LISTED_CLASSES = 50;

// goes on with `then` if a name was given
export function askName(page, then = () => {}) {
  byId("who-name").value = page.model.reviewer;
  byId("who").onclose = () => {
    const name = byId("who-name").value.trim().replace(/\s+/g, " ");
    if (!name) return;
    page.setReviewer(name);
    then();
  };
  byId("who").showModal();
}

export function chooseClass(classes, then) {
  const input = byId("class-name");
  const typed = () => input.value.trim();
  const pick = (name) => {
    byId("chooser").close();
    then(name);
  };
  const list = () => byId("class-list").replaceChildren(...findClasses(classes, typed()).slice(0, LISTED_CLASSES).map((name, i) =>
    el("li", {}, el("button", { type: "button", onclick: () => pick(name) }, name, " ", key(i === 0 && typed() ? "Enter" : null)))));
  input.value = "";
  input.oninput = list;
  input.onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const [first] = findClasses(classes, typed());
    if (first !== undefined && typed()) pick(first);
  };
  list();
  byId("chooser").showModal();
  input.focus();
}

// the class that was typed comes first, then those that begin with it
function findClasses(classes, typed) {
  const lower = typed.toLowerCase();
  const fit = (name) => [name === typed, name.toLowerCase() === lower, name.toLowerCase().startsWith(lower), true].indexOf(true);
  return classes.filter((name) => name.toLowerCase().includes(lower)).sort((a, b) => fit(a) - fit(b));
}

export function openHelp(dataset) {
  byId("help").replaceChildren(
    el("h2", {}, "Keys"), el("table", {}, el("tbody", {}, helpLines())),
    el("p", { class: "muted" }, `Every decision is a line in data/${dataset}/decisions.csv, on the disk before it shows here.`),
    el("form", { method: "dialog" }, el("button", { autofocus: true }, "Close ", key("Esc"))),
  );
  byId("help").showModal();
  // the focus is on the button below
  byId("help").scrollTop = 0;
}
