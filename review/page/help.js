// The help: what every key does, and the place where a reviewer changes them.

import { areChanged, canChange, change, isChanged, reset, signOf } from "./bindings.js";
import { byId, el, key as sign } from "./dom.js";
import { drawSigns } from "./keyboard.js";
import { KEYS } from "./keys.js";
import { isCommand, isComposing } from "./layouts.js";

const MODIFIERS = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"];
const CHANGE = "To change a key, press its sign here.";

export function openHelp(dataset) {
  let asked = null;

  const draw = (said, focused) => {
    byId("help-keys").replaceChildren(...lines(asked, ask));
    byId("help-said").textContent = said;
    byId("reset-keys").disabled = !areChanged();
    drawSigns();
    byId(`change-${focused?.name}`)?.focus();
  };
  const ask = (entry) => {
    asked = entry;
    draw(`Press the new key for: ${entry.help}. Esc leaves it as it is.`, entry);
  };
  byId("help").onkeydown = (event) => {
    if (!asked || isComposing(event) || MODIFIERS.includes(event.key)) return;
    event.preventDefault();
    if (event.repeat) return;
    const entry = asked;
    const said = event.key === "Escape" ? CHANGE : isCommand(event) ? "With Ctrl, Alt or Meta, a key belongs to the browser." : change(entry, event);
    // what was refused can be tried otherwise
    asked = said && said !== CHANGE ? entry : null;
    draw(said || `${signOf(entry)} is the key now.`, entry);
  };
  byId("help").onclose = () => (asked = null);
  const back = () => {
    asked = null;
    reset();
    draw("All keys are as they were.");
  };
  byId("help").replaceChildren(
    el("h2", {}, "Keys"), el("p", { id: "help-said", class: "muted", role: "status" }),
    el("table", {}, el("tbody", { id: "help-keys" })),
    el("p", { class: "muted" }, `Every decision is a line in data/${dataset}/decisions.csv, on the disk before it shows here.`),
    el("form", { method: "dialog" }, el("button", { autofocus: true }, "Close ", sign("Esc")), " ",
      el("button", { id: "reset-keys", type: "button", onclick: back }, "Reset all keys")),
  );
  draw(CHANGE);
  byId("help").showModal();
  // the focus is on the button below
  byId("help").scrollTop = 0;
}

// keys with the same help share a line
function lines(asked, ask) {
  const texts = [...new Set(KEYS.map(({ help }) => help))];
  const signs = (text) => KEYS.filter(({ help, key }) => help === text && key).map((entry) => [changer(entry, asked, ask), "\u00a0"]);
  return texts.map((text) => el("tr", {}, el("th", { scope: "row" }, signs(text)), el("td", {}, text)));
}

function changer(entry, asked, ask) {
  const shown = sign(entry === asked ? "…" : signOf(entry));
  if (!canChange(entry)) return shown;
  const name = `${signOf(entry)}: ${entry.name.replace("-", " ")}, change this key`;
  return el("button", { id: `change-${entry.name}`, type: "button", class: isChanged(entry) ? "changed" : null, "aria-label": name, onclick: () => ask(entry) }, shown);
}
