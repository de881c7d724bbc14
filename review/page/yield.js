// What the rows decided on were expected to hold, what they held, and whether it is worth going on.

import { byId, count, number, svg } from "./dom.js";

const LOOK_BACK = 20;
const WIDTH = 240;
const HEIGHT = 64;
const EDGE = 3;

// how many errors the first so many rows are expected to hold, or a limit of that: a line between what is known
export function expectedAt(forecast, rows, column = "expected") {
  const known = forecast.rows;
  const after = known.findIndex((each) => each >= rows);
  if (after === 0) return forecast[column][0];
  if (after < 0) return forecast[column].at(-1);
  const share = (rows - known[after - 1]) / (known[after] - known[after - 1]);
  return forecast[column][after - 1] + share * (forecast[column][after] - forecast[column][after - 1]);
}

// what to say of the latest rows, where fewer of them were errors than was asked for; finds are true where one was
export function hint(finds, minYield) {
  const errors = finds.slice(-LOOK_BACK).filter(Boolean).length;
  if (finds.length < LOOK_BACK || errors / LOOK_BACK >= minYield) return "";
  const found = `${number(errors)} of the last ${LOOK_BACK} rows that you looked at ${errors === 1 ? "was an error" : "were errors"}`;
  return `${found}: fewer than min_yield (${minYield}) asks for. Stop here, or go on.`;
}

export function drawYield(model) {
  const finds = model.finds();
  const total = model.progress().total;
  const isShown = model.tab.name === "labels";
  byId("yield").hidden = !isShown || !model.forecast || !total;
  if (!byId("yield").hidden) {
    const errors = finds.filter(Boolean).length;
    byId("yield-short").textContent = short(model.forecast, finds.length, errors, total);
    byId("yield-text").textContent = long(model.forecast, finds.length, errors, total);
    byId("yield-chart").replaceChildren(...chart(model.forecast, finds, total));
  }
  const said = isShown ? hint(finds, model.min_yield) : "";
  // said again only where it has changed
  if (byId("stop").textContent !== said) byId("stop").textContent = said;
}

function short(forecast, reviewed, errors, total) {
  if (!reviewed) return `Expected: ${count(expectedAt(forecast, total))} errors in ${number(total)} rows`;
  return `Found ${number(errors)} in ${number(reviewed)}, expected ${count(expectedAt(forecast, reviewed))}`;
}

function long(forecast, reviewed, errors, total) {
  const [expected, low, high] = ["expected", "low", "high"].map((column) => count(expectedAt(forecast, total, column)));
  const rows = total === 1 ? "the worst row" : `the ${number(total)} worst rows`;
  const text = `Expected ${expected} ${expected === "1" ? "error" : "errors"} in ${rows} (${low} to ${high})`;
  if (!reviewed) return `${text}.`;
  return `${text}; you found ${number(errors)} in ${number(reviewed)}, where ${count(expectedAt(forecast, reviewed))} were expected.`;
}

function chart(forecast, finds, total) {
  const found = finds.reduce((sums, isError) => [...sums, sums.at(-1) + isError], [0]);
  const top = Math.max(1, found.at(-1), expectedAt(forecast, total, "high"));
  const x = (rows) => EDGE + ((WIDTH - 2 * EDGE) * rows) / total;
  const y = (errors) => HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * errors) / top;
  const points = (pairs) => pairs.map(([rows, errors]) => `${x(rows).toFixed(1)},${y(errors).toFixed(1)}`).join(" ");
  const at = [...forecast.rows.filter((rows) => rows < total), total];
  const line = (column) => at.map((rows) => [rows, expectedAt(forecast, rows, column)]);
  const [rows, errors] = [found.length - 1, found.at(-1)];
  return [
    svg("line", { class: "ground", x1: 0, x2: WIDTH, y1: HEIGHT - EDGE, y2: HEIGHT - EDGE }),
    svg("polygon", { class: "band", points: points([...line("low"), ...line("high").reverse()]) }),
    svg("polyline", { class: "expected", points: points(line("expected")) }),
    svg("polyline", { class: "found", points: points(found.map((sum, k) => [k, sum])) }),
    ...(rows ? [svg("circle", { class: "found", cx: x(rows), cy: y(errors), r: 3 })] : []),
  ];
}
