// The lists of rows that are decided on: labels, those spread over the ranking, duplicates, outliers, bad pictures, those
// picked on the map or like another.

import { readFound } from "./api.js";
import { byId, el, number } from "./dom.js";
import { keyButton } from "./keyboard.js";

export function drawTabs(page) {
  const { model } = page;
  const tabs = Object.values(model.tabs).filter((tab) => tab.total || tab.name === model.firstTab);
  byId("tabs").hidden = tabs.length === 1;
  byId("tabs").replaceChildren(...tabs.map((tab) => {
    const { total, decided } = tab.rows && !tab.isPicked ? model.progress(tab) : { total: tab.total, decided: null };
    const count = decided === null ? number(total) : `${number(decided)} of ${number(total)}`;
    const label = [`${tab.title} `, el("span", { class: "muted" }, count)];
    return keyButton(page, `tab-${tab.name}`, { label, "aria-pressed": String(tab === model.tab) });
  }));
  // where they are one line, in a small window
  byId("tabs").scrollLeft = byId("tabs").querySelector("[aria-pressed=true]")?.offsetLeft ?? 0;
  const { name, total, all, says } = model.tab;
  byId("rest").hidden = total >= all && !says;
  byId("rest").textContent = says ?? `The first ${number(total)} of ${number(all)} rows: all are in data/${model.dataset}/examples/${name}.csv.`;
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
