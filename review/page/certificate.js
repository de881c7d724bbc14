// What the drawn rows show so far: the bound as it falls, how many rows are left to the goal, and what to do at the end.

import { differing } from "./certify.js";
import { byId, el, number, redraw, svg } from "./dom.js";
import { idOf } from "./ids.js";
import { keyButton } from "./keyboard.js";

const WIDTH = 240;
const HEIGHT = 72;
const EDGE = 3;

// rounded up, as a bound is
const share = (value) => `${(Math.ceil(Number((10000 * value).toFixed(6))) / 100).toFixed(2)} %`;
// what was chosen, to the last digit
const exact = (value) => Number((100 * value).toFixed(4));
// it is a guess, and no row is to be told from another by it
const about = (count) => number(count < 20 ? count : count < 100 ? 5 * Math.round(count / 5) : Number(count.toPrecision(2)));
const rows = (count) => `${number(count)} ${count === 1 ? "row" : "rows"}`;

export function fillGoals({ cards }, changed) {
  byId("goal").replaceChildren(...cards.goals.map((goal) => el("option", { value: goal, selected: goal === cards.goal }, `${exact(goal)} %`)));
  byId("goal").onchange = ({ target }) => {
    // so that keys decide again
    target.blur();
    changed(Number(target.value));
  };
}

export function drawCertificate({ cards, certify }) {
  const { shown } = cards;
  byId("certificate").hidden = !shown;
  if (!shown) return;
  redraw(byId("bound"), boundOf(shown.progress, certify.split));
  redraw(byId("counts"), counts(shown.progress));
  byId("bound-chart").replaceChildren(...chart(cards));
}

function boundOf({ looked_at: lookedAt, confidence, most, labels }, split) {
  if (!lookedAt) return "Nothing is shown yet.";
  return `With ${exact(confidence)} % confidence, at most ${number(most)} of ${number(labels)} labels${split && ` of the split ${split}`} (${share(most / labels)}) are wrong.`;
}

function counts({ looked_at: lookedAt, wrong, unsure, ahead, to_go: toGo, reached }) {
  const parts = [`${rows(lookedAt)} looked at: ${number(wrong)} wrong, ${number(unsure)} not sure.`];
  if (ahead) parts.push(`${number(ahead)} further down ${ahead === 1 ? "waits" : "wait"} for rows before ${ahead === 1 ? "it" : "them"}.`);
  if (reached) parts.push("The goal is reached.");
  else if (toGo === null) parts.push("The goal takes more rows than the plan lists.");
  else parts.push(`About ${about(toGo)} more to the goal if all of them are right.`);
  return parts.join(" ");
}

// in a line, for the top of the page
export function wayOf({ cards }) {
  if (!cards.shown) return [];
  const { looked_at: lookedAt, most, labels, to_go: toGo } = cards.shown.progress;
  return [`${rows(lookedAt)} looked at`, lookedAt && `at most ${share(most / labels)} wrong`, toGo && `about ${about(toGo)} to go`].filter(Boolean);
}

function chart({ shown: { course, progress }, goal }) {
  const last = Math.max(1, course.at(-1)[0] + (progress.to_go ?? 0));
  const top = progress.labels;
  // a root, so that small bounds are told from one another
  const y = (most) => HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * Math.sqrt(Math.min(1, most / top));
  const x = (drawn) => EDGE + ((WIDTH - 2 * EDGE) * drawn) / last;
  const points = course.map(([drawn, most]) => `${x(drawn).toFixed(1)},${y(most).toFixed(1)}`);
  const [drawn, most] = course.at(-1);
  return [
    svg("line", { x1: 0, x2: WIDTH, y1: y(0), y2: y(0) }),
    svg("line", { class: "goal", x1: 0, x2: WIDTH, y1: y(goal * top), y2: y(goal * top) }),
    svg("polyline", { class: "found", points: points.join(" ") }),
    svg("circle", { cx: x(drawn), cy: y(most), r: 3 }),
  ];
}

// where no row is left to look at
export function endOf(page) {
  const { cards } = page.model;
  if (!cards.shown?.end) return [el("p", { class: "muted" }, "The next row is on its way…")];
  const { progress, end } = cards.shown;
  return [...closing(page, progress, end), ...checksOf(end.checks), ...lookAgain(page, end.again)];
}

function closing(page, { reached }, { open }) {
  const { dataset, cards } = page.model;
  if (reached) {
    return [
      el("p", { class: "asked" }, `The goal is reached: ${exact(cards.goal)} %.`),
      el("p", {}, "Run ", el("code", {}, "dvc repro"), ", commit, then ", el("code", {}, `python -m labels release ${dataset}`), "."),
      el("p", {}, keyButton(page, "beyond")),
    ];
  }
  if (open) return [el("p", { class: "asked" }, "The next rows are with others."), el("p", {}, "They come here if nobody decides on them for two minutes.")];
  return [
    el("p", { class: "asked" }, "Every row that the plan lists was looked at."),
    el("p", {}, "Choose a larger goal, or plan anew: ", el("code", {}, `python -m labels certify ${dataset} --goal ${exact(cards.goal)}%`), "."),
  ];
}

function checksOf({ again, same, known }) {
  const lines = known.map(({ reviewer, known: shown, found }) => `${reviewer} found ${number(found)} of ${number(shown)} labels that were turned on purpose.`);
  if (again) lines.unshift(`${rows(again)} came a second time: ${number(same)} with the same answer.`);
  return lines.map((line) => el("p", { class: "muted" }, line));
}

function lookAgain(page, again) {
  if (!again.length) return [];
  const open = (card) => {
    page.model.cards.open(card);
    page.draw();
  };
  const items = again.map((card) => el("li", {}, el("button", { onclick: () => open(card) }, idOf(page.model, card, false), `, given ${card.given_label}: ${differing(card)}`)));
  return [el("h2", {}, "Look again: the second answer differs from the first, which still counts"), el("ul", { class: "again" }, items)];
}
