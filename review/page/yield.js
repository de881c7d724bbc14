// What the rows decided on were expected to hold, what they held, and whether it is worth going on.

import { byId, count, el, number, svg } from "./dom.js";

const LOOK_BACK = 20;
const WIDTH = 240;
const HEIGHT = 64;
const EDGE = 3;

// a limit of how many errors the first so many rows are expected to hold: a line between what is known
export function boundAt(bounds, side, rows) {
  const after = bounds.rows.findIndex((each) => each >= rows);
  const [from, to] = [Math.max(0, after - 1), after];
  if (after <= 0) return bounds[side].at(after);
  const share = (rows - bounds.rows[from]) / (bounds.rows[to] - bounds.rows[from]);
  return bounds[side][from] + share * (bounds[side][to] - bounds[side][from]);
}

// what to say of the latest rows, where fewer of them were errors than was asked for; finds are true where one was
export function hint(finds, minYield) {
  const errors = finds.slice(-LOOK_BACK).filter(Boolean).length;
  if (finds.length < LOOK_BACK || errors / LOOK_BACK >= minYield) return "";
  const found = `${number(errors)} of the last ${LOOK_BACK} rows that you looked at ${errors === 1 ? "was an error" : "were errors"}`;
  return `${found}: fewer than min_yield (${minYield}) asks for. Stop here, or go on.`;
}

export function drawYield(model) {
  const isShown = model.tab.name === "labels";
  const { asked, decided, finds } = model.finds();
  byId("yield").hidden = !isShown || !asked.length;
  if (!byId("yield").hidden) {
    const [all, some] = [sums(asked.map((row) => row.error_prob)), sums(decided.map((row) => row.error_prob))];
    byId("yield-short").textContent = short(all, some, sums(finds));
    byId("yield-text").replaceChildren(...long(model.bounds, all, some, sums(finds)));
    byId("yield-chart").replaceChildren(...chart(model.bounds, all, sums(finds)));
  }
  const said = isShown ? hint(finds, model.min_yield) : "";
  // said again only where it has changed
  if (byId("stop").textContent !== said) byId("stop").textContent = said;
}

// over the first 0, 1, 2, … of them
function sums(values) {
  let sum = 0;
  return [0, ...values.map((value) => (sum += Number(value)))];
}

function short(all, some, found) {
  if (some.length === 1) return `Expected: ${count(all.at(-1))} errors in ${number(all.length - 1)} rows`;
  return `Found ${number(found.at(-1))} in ${number(found.length - 1)}, expected ${count(some.at(-1))}`;
}

function long(bounds, all, some, found) {
  const rows = all.length - 1;
  const which = `${rows === 1 ? "" : `${number(rows)} `}${bounds ? "worst" : "flagged"} ${rows === 1 ? "row" : "rows"}`;
  const limits = bounds ? ` (${["low", "high"].map((side) => count(boundAt(bounds, side, rows))).join(" to ")})` : "";
  const errors = count(all.at(-1));
  const text = `Expected ${errors} ${errors === "1" ? "error" : "errors"} in the ${which}${limits}`;
  if (some.length === 1) return [`${text}.`];
  return [`${text}; `, el("strong", {}, `you found ${number(found.at(-1))} in ${number(found.length - 1)}`), ` (${count(some.at(-1))} expected).`];
}

function chart(bounds, all, found) {
  const total = all.length - 1;
  const [reviewed, errors] = [found.length - 1, found.at(-1)];
  const top = Math.max(1, all.at(-1), errors, bounds ? boundAt(bounds, "high", total) : 0);
  const x = (rows) => EDGE + ((WIDTH - 2 * EDGE) * rows) / total;
  const y = (sum) => HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * sum) / top;
  const points = (rows, sumAt) => upTo(rows).map((each) => `${x(each).toFixed(1)},${y(sumAt(each)).toFixed(1)}`);
  const bound = (side) => points(bounds ? total : 0, (rows) => (bounds ? boundAt(bounds, side, rows) : 0));
  return [
    svg("line", { x1: 0, x2: WIDTH, y1: y(0), y2: y(0) }),
    svg("polygon", { class: "band", points: [...bound("low"), ...bound("high").reverse()].join(" ") }),
    svg("polyline", { class: "expected", points: points(total, (rows) => all[rows]).join(" ") }),
    svg("polyline", { class: "found", points: points(reviewed, (rows) => found[rows]).join(" ") }),
    ...(reviewed ? [svg("circle", { class: "found", cx: x(reviewed), cy: y(errors), r: 3 })] : []),
  ];
}

// numbers of rows, no closer than the width of a line
function upTo(rows) {
  const step = Math.ceil((2 * (rows + 1)) / WIDTH);
  return [...Array(Math.ceil(rows / step)).keys()].map((k) => k * step).concat(rows);
}
