// What the points of the map are coloured by: for each point the number of its group, for each group a name and a colour.
// Where groups are layered, each is drawn over the one before it, so that the few that matter are not hidden.

import { errorProb } from "./forecast.js";
import { NO_CLASS } from "./points.js";

// told apart by most people, on light and on dark paper
const FEW = ["#3b7dd8", "#e8871e", "#2c9e4b", "#d3423b", "#8f63c7", "#8c6239", "#d869b4", "#7d8790", "#a8a51d", "#1aa9b8"];
const GOLDEN_ANGLE = 137.508;
const LEVELS = { light: [0.42, 0.54, 0.34], dark: [0.6, 0.72, 0.5] };
const CHANCES = [0.01, 0.1, 0.5, 0.9];
const CHANCE_NAMES = ["under 1 %", "1 to 10 %", "10 to 50 %", "50 to 90 %", "over 90 %"];
const CHANCE_COLOURS = ["--line", "--accent", "#c9a20a", "#e8871e", "#d3261b"];
const STATUSES = { undecided: "--line", kept: "--good", relabelled: "--accent", labelled: "#1aa9b8", removed: "--alert", unsure: "#a8a51d", conflict: "#b04fc4" };

// what can be chosen now: what the model thinks is hidden while people decide blind
export function choices(model) {
  const own = [["given", "given label"], ["decided", "decision"]];
  if (model.blind) return own;
  return [...own, ["suggested", "suggested label"], ...(model.trust.verdict === "good" ? [["prob", "probability of an error"]] : [])];
}

export function group(name, points, model) {
  if (name === "decided") return byDecision(points, model);
  return name === "prob" ? byChance(points, model) : byClass(points[name], model.classes);
}

function byClass(classes, names) {
  const codes = classes.map((code) => (code === NO_CLASS ? names.length : code));
  const groups = names.map((each, i) => ({ name: each, colour: classColour(i, names.length) }));
  return { codes, groups: [...groups, { name: "not judged", colour: "--muted" }] };
}

function byDecision(points, model) {
  const names = Object.keys(STATUSES);
  const codes = new Uint16Array(points.count);
  for (const [id, [said]] of Object.entries(model.standing)) {
    const row = said?.row;
    if (row !== undefined && row !== null) codes[row] = names.indexOf(model.status({ id, given_label: model.classes[points.given[row]] ?? "" }));
  }
  return { codes, isLayered: true, groups: names.map((name) => ({ name: name === "unsure" ? "not sure" : name, colour: STATUSES[name] })) };
}

function byChance(points, model) {
  const codes = new Uint16Array(points.count);
  points.prob.forEach((prior, row) => {
    const prob = errorProb(model, { prior_error_prob: prior });
    codes[row] = CHANCES.filter((limit) => prob > limit).length;
  });
  return { codes, isLayered: true, groups: CHANCE_NAMES.map((name, i) => ({ name, colour: CHANCE_COLOURS[i] })) };
}

// of more classes than a few, neighbours in the list differ most
function classColour(place, count) {
  if (count <= FEW.length) return FEW[place];
  const level = LEVELS[isDark() ? "dark" : "light"][place % 3];
  return fromHsl((place * GOLDEN_ANGLE) % 360, place % 2 ? 0.85 : 0.55, level);
}

export const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

// a colour, or the name of one of the theme's, as [red, green, blue]
export function toRgb(colour) {
  const hex = colour.startsWith("--") ? getComputedStyle(document.documentElement).getPropertyValue(colour).trim() : colour;
  return [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16));
}

function fromHsl(hue, saturation, lightness) {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (shift) => {
    const turn = (shift + hue / 30) % 12;
    const share = lightness - reach * Math.max(-1, Math.min(turn - 3, 9 - turn, 1));
    return Math.round(255 * share).toString(16).padStart(2, "0");
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}
