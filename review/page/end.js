// What there is to do where nothing is left to decide.

import { el, number } from "./dom.js";
import { TO_APPLY } from "./home.js";
import { keyButton, keySign } from "./keyboard.js";

export function endTexts(model) {
  if (model.tab.name === "map") return [model.rows.length ? "No other row is selected." : "No row is selected.", ["Go back to the map (", keySign("many"), "), and draw around some or click one."]];
  if (!model.rows.length) {
    return [model.tab.name === "labels" ? "No row is flagged." : "No row is listed.",
      model.tab.further === 0 ? "find_issues in params.yaml says how many are: flag, min_yield, budget." : ""];
  }
  if (!model.list.length) return ["No row fits the filter."];
  const { unsure, conflict } = model.progress();
  const left = [unsure ? `${number(unsure)} not sure` : "", conflict ? `${number(conflict)} in conflict` : ""].filter(Boolean);
  return ["Nothing is left to decide here.", `To apply the decisions, ${TO_APPLY}${left.length ? ` (${left.join(", ")})` : ""}.`];
}

// the rows that come next, though they are not flagged
export function offerFurther(page) {
  const { further } = page.model.tab;
  if (!further) return [];
  const [rows, them] = further === 1 ? ["The next row is", "it"] : [`The next ${number(further)} rows are`, "them"];
  return [
    el("p", { class: "further" }, `${rows} not flagged. `, keyButton(page, "further", { label: `Look at ${them} too` })),
  ];
}

// the other tabs in which something is left
export function offerTabs(page) {
  const { model } = page;
  const left = Object.values(model.tabs)
    .filter((tab) => tab !== model.tab && !tab.isPicked)
    .map((tab) => [tab, tab.rows ? model.progress(tab).undecided : tab.total])
    .filter(([, undecided]) => undecided);
  if (!left.length) return [];
  const buttons = left.map(([{ name, title }, undecided]) =>
    keyButton(page, `tab-${name}`, { id: null, label: `${title}: ${number(undecided)} undecided` }));
  return [el("div", { class: "row", role: "group", "aria-label": "Other tabs" }, buttons)];
}
