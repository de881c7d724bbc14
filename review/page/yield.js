// How many errors are left, what was found where, and whether it is worth going on.

import { byId, count, el, number, range, redraw, svg } from "./dom.js";
import { interpolate } from "./forecast.js";

const LOOK_BACK = 20;
const WIDTH = 240;
const HEIGHT = 64;
const EDGE = 3;
const Z = 1.96;

// what to say of the latest rows, where fewer of them were errors than was asked for; finds are true where one was
export function hint(finds, minYield) {
  const errors = finds.slice(-LOOK_BACK).filter(Boolean).length;
  if (finds.length < LOOK_BACK || errors / LOOK_BACK >= minYield) return "";
  const found = `${number(errors)} of the last ${LOOK_BACK} rows that you looked at ${errors === 1 ? "was an error" : "were errors"}`;
  return `${found}: fewer than min_yield (${minYield}) asks for. Stop here, or go on.`;
}

export function drawYield(model) {
  const isShown = ["labels", "spread"].includes(model.tab.name);
  const { decided, finds } = model.finds();
  byId("yield").hidden = !isShown || !(model.forecast || decided.length);
  if (!byId("yield").hidden) {
    redraw(byId("yield-short"), model.forecast ? left(model) : share(finds));
    redraw(byId("yield-text"), model.forecast ? long(model) : [el("strong", {}, share(finds)), " These are people's finds alone."]);
    byId("yield-chart").toggleAttribute("hidden", !model.forecast);
    if (model.forecast) byId("yield-chart").replaceChildren(...chart(model));
  }
  const said = model.tab.name === "labels" && model.forecast ? waysOn(model, finds) : "";
  redraw(byId("stop"), said);
}

function waysOn({ forecast: { before }, min_yield: minYield }, finds) {
  if (!before) return hint(finds, minYield);
  return `About ${number(before)} more of the worst rows are worth a look. Then rows are drawn at random, for a certificate.`;
}

const from = (low) => (low < 0.5 ? "none" : number(Math.round(low)));

function left(model) {
  const { errors, low, high } = model.forecast.left;
  if (model.forecast.open) return `Expected errors left: ${from(low)} to ${number(Math.ceil(high))}`;
  return `Expected errors left: about ${count(errors)} (${range(low, high)})`;
}

// of rows that nobody chose by the model, with Wilson's interval
export function share(finds) {
  const [all, errors] = [finds.length, finds.filter(Boolean).length];
  const weight = Z ** 2 / all;
  const middle = (errors / all + weight / 2) / (1 + weight);
  const reach = (Z * Math.sqrt((errors / all) * (1 - errors / all) / all + weight / all / 4)) / (1 + weight);
  const [low, high] = [middle - reach, middle + reach].map((bound) => Math.round(100 * Math.min(1, Math.max(0, bound))));
  return `${number(errors)} of ${number(all)} wrong: ${low} to ${high} % of all rows.`;
}

function long(model) {
  const { asked, decided, finds } = model.finds();
  const found = finds.filter(Boolean).length;
  const parts = [el("strong", {}, left(model)), ` in the ${number(model.forecast.left.rows)} rows without a decision.`];
  if (model.tab.name === "labels" && model.on_top && asked.length) parts.push(` ${worst(model, asked.length)}`);
  if (!decided.length) return parts;
  const before = decided.reduce((sum, row) => sum + row.prior_error_prob, 0);
  return [...parts, " ", el("strong", {}, `You found ${number(found)} in ${number(decided.length)}`), `; the model alone expected ${count(before)}.`];
}

function worst(model, rows) {
  const { rows: points, ...sides } = model.forecast.curve;
  const [expected, low, high] = ["expected", "low", "high"].map((side) => interpolate(points, sides[side], rows));
  const which = rows === 1 ? "worst row" : `${number(rows)} worst rows`;
  if (model.forecast.open) return `The ${which} hold${rows === 1 ? "s" : ""} ${from(low)} to ${number(Math.ceil(high))}.`;
  return `The ${which} hold${rows === 1 ? "s" : ""} about ${count(expected)} (${range(low, high)}).`;
}

// over the rows that are asked for, or over all
function chart(model) {
  const { curve } = model.forecast;
  const { asked } = model.finds();
  const total = model.tab.name === "labels" && model.on_top && asked.length ? asked.length : curve.rows.at(-1);
  const found = model.findsByRank().filter(([rank]) => rank <= total);
  const at = (side) => (rows) => interpolate(curve.rows, curve[side], rows);
  const top = Math.max(1, at("expected")(total), at("high")(total));
  const x = (rows) => EDGE + ((WIDTH - 2 * EDGE) * rows) / total;
  const y = (sum) => HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * sum) / top;
  const points = (side) => upTo(total).map((rows) => `${x(rows).toFixed(1)},${y(at(side)(rows)).toFixed(1)}`);
  const steps = found.flatMap(([rank, sum], i) => [[rank, i ? found[i - 1][1] : 0], [rank, sum]]);
  const line = [[0, 0], ...steps].map(([rank, sum]) => `${x(rank).toFixed(1)},${y(sum).toFixed(1)}`);
  return [
    svg("line", { x1: 0, x2: WIDTH, y1: y(0), y2: y(0) }),
    svg("polygon", { class: "band", points: [...points("low"), ...points("high").reverse()].join(" ") }),
    ...(model.forecast.open ? [] : [svg("polyline", { class: "expected", points: points("expected").join(" ") })]),
    svg("polyline", { class: "found", points: line.join(" ") }),
    ...(found.length ? [svg("circle", { class: "found", cx: x(found.at(-1)[0]), cy: y(found.at(-1)[1]), r: 3 })] : []),
  ];
}

// numbers of rows, no closer than the width of a line
function upTo(rows) {
  const step = Math.ceil((2 * (rows + 1)) / WIDTH);
  return [...Array(Math.ceil(rows / step)).keys()].map((k) => k * step).concat(rows);
}
