// The top of the page: how far the review is, who decides, and which view is shown.

import { wayOf } from "./certificate.js";
import { byId, el, number, percent, redraw } from "./dom.js";
import { TO_APPLY } from "./home.js";
import { drawPressed } from "./keyboard.js";

// of so few, a share is noise
const FEW = 10;

export function drawHeader(page) {
  const { model } = page;
  if (page.isCertifying) drawWay(model);
  else drawProgress(model);
  drawSaving(model);
  for (const view of ["focus", "grid"]) byId(`show-${view}`).setAttribute("aria-pressed", String(page.view === view));
  redraw(byId("reviewer"), model.reviewer ? `as ${model.reviewer}` : "Your name…");
  drawPressed(page);
}

function drawWay(model) {
  const { looked_at: decided, to_go: toGo } = model.cards.shown?.progress ?? { looked_at: 0, to_go: 0 };
  redraw(byId("progress-text"), wayOf(model).join(" · "));
  drawBar({ total: toGo === null ? model.cards.total : decided + toGo, decided });
}

// a quick answer leaves no time to read it
function drawSaving({ outbox: { waiting } }) {
  redraw(byId("saving"), waiting ? el("span", { class: "saving" }, ` · ${number(waiting)} not saved yet`) : null);
}

function drawProgress(model) {
  // what is selected on the map is no task that could be done
  const progress = model.progress(model.tab.name === "map" ? model.tabs.labels : model.tab);
  redraw(byId("progress-text"), describe(model, progress).join(" · "));
  drawBar(progress);
}

function describe(model, { total, decided, errors, unsure, undecided, conflict }) {
  const pace = model.pace(model.reviewer);
  const parts = [`${number(decided)} of ${number(total)} decided`];
  if (decided && ["labels", "spread"].includes(model.tab.name)) parts.push(decided < FEW ? `${number(errors)} of ${number(decided)} wrong` : `${percent(errors / decided)} of them were wrong`);
  else if (errors) parts.push(`${number(errors)} ${model.tab.name === "unlabelled" ? "removed" : "relabelled or removed"}`);
  if (unsure) parts.push(`${number(unsure)} not sure`);
  if (conflict) parts.push(`${number(conflict)} in conflict`);
  if (pace && undecided) parts.push(`${pace.toFixed(0)} a minute, ${number(Math.ceil(undecided / pace))} min left`);
  if (total && !undecided && !conflict) parts.push(`done: ${TO_APPLY}`);
  return parts;
}

function drawBar({ total, decided }) {
  const bar = byId("progress");
  bar.setAttribute("aria-valuemax", total);
  bar.setAttribute("aria-valuenow", decided);
  bar.firstElementChild.style.width = `${total ? (100 * decided) / total : 0}%`;
}
