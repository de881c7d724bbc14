// The lists of rows that are decided on: labels, those spread over the ranking, duplicates, outliers, bad pictures, those
// without a label, those picked on the map or like another.

import { readFound } from "./api.js";
import { byId, el, number, redraw } from "./dom.js";
import { shownId } from "./ids.js";
import { keyButton } from "./keyboard.js";

// beside the tab that is scrolled to: as wide as what fades there
const MARGIN = 34;
// the tab that was brought into sight last, and how far the row was scrolled for it
let opened = { name: null, left: 0 };

export function drawTabs(page) {
  const { model } = page;
  const tabs = Object.values(model.tabs).filter((tab) => tab.total || tab.name === model.firstTab);
  byId("tabs").hidden = tabs.length === 1;
  redraw(byId("tabs"), tabs.map((tab) => {
    const { total, decided } = tab.rows && !tab.isPicked ? model.progress(tab) : { total: tab.total, decided: null };
    const count = decided === null ? number(total) : `${number(decided)} of ${number(total)}`;
    const label = [`${tab.title} `, el("span", { class: "muted" }, count)];
    return keyButton(page, `tab-${tab.name}`, { label, "aria-pressed": String(tab === model.tab) });
  }));
  const { name, total, all } = model.tab;
  bringIntoRow(name);
  const says = likeWhat(page, model.tab);
  byId("rest").hidden = total >= all && !says;
  redraw(byId("rest"), says ?? `The first ${number(total)} of ${number(all)} rows: all are in data/${model.dataset}/${name === "unlabelled" ? "quality" : "examples"}/${name}.csv.`);
}

// where the tabs are one line, in a small window: a list that has come says more on its tab, and pushes the others on;
// whoever has moved the row since sees what they want to
function bringIntoRow(name) {
  const [row, tab] = [byId("ways"), byId(`tab-${name}`)];
  // without a flagged row there is no tab of them
  if (!tab || (opened.name === name && opened.left !== row.scrollLeft)) return;
  const [shown, { left, right }] = [row.getBoundingClientRect(), tab.getBoundingClientRect()];
  row.scrollLeft += Math.min(0, left - MARGIN - shown.left) || Math.max(0, right + MARGIN - shown.right);
  opened = { name, left: row.scrollLeft };
}

function likeWhat(page, { likened, measure, total }) {
  if (!likened) return null;
  const rows = total === 1 ? "The row" : `The ${total} rows`;
  return `${rows} most like id ${shownId(page.model, likened, page.isBlind(likened))}, by ${measure}; it comes first itself.`;
}

export async function fillTab(tab) {
  if (tab.rows) return;
  tab.asked ??= readFound(tab.name);
  try {
    const { rows } = await tab.asked;
    if (!tab.rows) tab.fill(rows);
  } catch (error) {
    tab.asked = null;
    throw error;
  }
}

export const fillTabs = (model) => Promise.all(Object.values(model.tabs).map(fillTab));
