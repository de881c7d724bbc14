// What there is to do where nothing is left to decide.

import { el, key, number } from "./dom.js";

export function endTexts(model) {
  if (!model.rows.length) {
    return [model.tab.name === "labels" ? "No row is flagged." : "No row is listed.",
      model.tab.further === 0 ? "find_issues in params.yaml says how many are: flag, min_yield, budget." : ""];
  }
  if (!model.list.length) return ["No row fits the filter."];
  const { unsure, conflict } = model.progress();
  const left = [unsure ? `${number(unsure)} not sure` : "", conflict ? `${number(conflict)} in conflict` : ""].filter(Boolean);
  return ["Nothing is left to decide here.", `Run dvc repro to apply the decisions${left.length ? ` (${left.join(", ")})` : ""}.`];
}

// the rows that come next, though they are not flagged
export function offerFurther(model, page) {
  const { further } = model.tab;
  if (!further) return [];
  const [rows, them] = further === 1 ? ["The next row is", "it"] : [`The next ${number(further)} rows are`, "them"];
  return [
    el("p", { class: "further" }, `${rows} not flagged. `, el("button", { id: "further", onclick: () => page.goOn() }, `Look at ${them} too `, key("M"))),
  ];
}

// the other tabs in which something is left
export function offerTabs(model, page) {
  const left = Object.values(model.tabs)
    .filter((tab) => tab !== model.tab)
    .map((tab) => [tab.name, tab.rows ? model.progress(tab).undecided : tab.total])
    .filter(([, undecided]) => undecided);
  if (!left.length) return [];
  const buttons = left.map(([name, undecided]) =>
    el("button", { onclick: () => page.openTab(name) }, `${name[0].toUpperCase()}${name.slice(1)}: ${number(undecided)} undecided `, key(name[0].toUpperCase())));
  return [el("div", { class: "row", role: "group", "aria-label": "Other tabs" }, buttons)];
}
