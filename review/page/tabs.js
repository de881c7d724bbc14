// The kinds of trouble that are decided on: labels, duplicates, outliers.

import { readFound } from "./api.js";
import { byId, el, key, number } from "./dom.js";

export function drawTabs(model, open) {
  const tabs = Object.values(model.tabs);
  byId("tabs").hidden = tabs.length === 1;
  byId("tabs").replaceChildren(...tabs.map((tab) => {
    const { total, decided } = tab.rows ? model.progress(tab) : { total: tab.total, decided: null };
    const count = decided === null ? number(total) : `${number(decided)} of ${number(total)}`;
    const first = tab.name[0].toUpperCase();
    return el("button", { id: `tab-${tab.name}`, "aria-pressed": String(tab === model.tab), onclick: () => open(tab.name) },
      `${first}${tab.name.slice(1)} `, el("span", { class: "muted" }, count), " ", key(first));
  }));
  const { name, total, all } = model.tab;
  byId("rest").hidden = total >= all;
  byId("rest").textContent = `The first ${number(total)} of ${number(all)} rows: all are in data/${model.dataset}/examples/${name}.csv.`;
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
