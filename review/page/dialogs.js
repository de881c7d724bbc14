// The dialogs: who decides, and which class.

import { byId, el, key } from "./dom.js";

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
