// A card for each data set. Each is made once and then filled in, so that what has the focus keeps it.

import { bar, byId, el, number } from "/page/dom.js";

const FORMS = { csv: "CSV", jsonl: "JSON Lines", folders: "folder of classes (zip)" };
const cards = new Map();

// `acts` says what the buttons do
export function drawCards(start, acts) {
  const names = start.datasets.map(({ name }) => name);
  for (const [name, card] of cards) {
    if (!names.includes(name)) {
      card.element.remove();
      cards.delete(name);
    }
  }
  for (const dataset of start.datasets) {
    if (!cards.has(dataset.name)) cards.set(dataset.name, makeCard(dataset.name, acts));
    const { element } = cards.get(dataset.name);
    if (!element.isConnected) byId("cards").append(element);
    fillCard(cards.get(dataset.name), dataset, start);
  }
}

function makeCard(name, acts) {
  const act = (job, form = () => "") => () => acts.start(job, name, form());
  const choice = (label) => el("select", { "aria-label": `${label} of ${name}` });
  const button = (label, onclick) => el("button", { onclick, "aria-label": `${label} ${name}` }, label);
  const link = (label, href) => el("a", { class: "button", href, "aria-label": `${label} of ${name}` }, label);
  const forms = choice("Form"), goals = choice("Goal");
  const parts = {
    facts: el("dl", { class: "facts" }),
    progress: bar(0),
    problem: el("p", { class: "problem" }),
    fresh: el("p", { class: "muted" }),
    certificate: el("p", { class: "muted" }),
    review: link("Review", `/review/${name}/`),
    run: button("Run", act("run")),
    apply: button("Apply", act("apply")),
    report: link("Report", `/report/${name}`),
    log: button("Log", () => acts.show(name)),
    forms,
    export: button("Export", act("export", () => forms.value)),
    certify: link("Certify", `/review/${name}/?tab=certify`),
    goals,
    plan: button("Plan a certificate", act("plan", () => goals.value)),
  };
  const { facts, progress, problem, fresh, certificate, review, run, apply, report, log, export: exporting, certify, plan } = parts;
  const element = el("section", { class: "card", "aria-label": name },
    el("h2", {}, name), facts, progress, problem, fresh,
    el("p", { class: "row" }, review, apply, run, report, log),
    el("p", { class: "row" }, exporting, forms),
    certificate,
    el("p", { class: "row" }, certify, plan, goals));
  return { element, ...parts };
}

function fillCard(card, dataset, { running, elsewhere, fresh }) {
  const { made, problem } = dataset;
  card.element.toggleAttribute("data-running", running === dataset.name);
  card.problem.textContent = problem;
  fillFacts(card, dataset);
  const known = fresh?.[dataset.name];
  card.fresh.textContent = problem ? "" : describeFresh(dataset, known, { running, elsewhere });
  card.fresh.classList.toggle("good", Boolean(known?.known && !known.stages.length));
  for (const part of ["review", "report", "certificate", "apply", "export", "forms"]) card[part].hidden = !made;
  card.run.hidden = Boolean(problem);
  card.log.hidden = !dataset.job;
  for (const part of ["run", "apply", "export", "plan"]) card[part].disabled = Boolean(running);
  card.certify.hidden = !made || !dataset.planned;
  card.plan.hidden = card.goals.hidden = !made || dataset.planned;
  card.certificate.textContent = dataset.certificate?.headline ?? "";
  card.apply.classList.toggle("main", Boolean(known?.decided));
  fillChoice(card.forms, dataset.exports ?? [], (form) => FORMS[form]);
  fillChoice(card.goals, dataset.goals ?? [], (goal) => `at most ${goal.replace("%", " %")} wrong`);
}

function fillFacts({ facts, progress }, { made, rows, flagged, decided, unsure, conflict }) {
  const pairs = made ? { rows, flagged, decided, ...(unsure && { "not sure": unsure }), ...(conflict && { "in conflict": conflict }) } : {};
  facts.replaceChildren(...Object.entries(pairs).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, number(value)))));
  progress.hidden = !made;
  progress.firstElementChild.style.width = `${flagged ? (100 * decided) / flagged : 0}%`;
}

function describeFresh({ made, name }, known, { running, elsewhere }) {
  const when = made ? `Results of ${new Date(made).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}` : "Not run here yet";
  if (running) return running === name ? `${when}. At work…` : `${when}.`;
  if (elsewhere) return `${when}. Another DVC command is at work, maybe in a terminal.`;
  if (!known) return `${when}. Looking whether they are up to date…`;
  if (!known.known) return `${when}. Whether they are up to date is not known: ${known.reason}`;
  if (!known.stages.length) return `${when}: up to date.`;
  const files = known.files.slice(0, 3).join(", ") + (known.files.length > 3 ? ` and ${known.files.length - 3} more` : "");
  return `${when}. Would run: ${known.stages.join(", ")}, and what follows (${files}).`;
}

function fillChoice(select, values, textOf) {
  if ([...select.options].map(({ value }) => value).join() === values.join()) return;
  select.replaceChildren(...values.map((value) => el("option", { value, selected: value === "1%" }, textOf(value))));
}
