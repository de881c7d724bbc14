// The job of a data set that runs, or its last one: the commands, the stages, and the log from its beginning.

import { byId, el } from "/page/dom.js";

import { readLog, stopJob } from "./talk.js";

// a longer log loses its first lines here; the file has them
const LINES_SHOWN = 5000;
const STATES = {
  running: "at work", done: "done", failed: "failed", stopped: "stopped", killed: "ended by itself",
};
let shown = { dataset: "", started: "", next: 0 };

// returns how it stands
export async function showJob(dataset) {
  if (!dataset) return "";
  const answer = await readLog(dataset, shown.dataset === dataset ? shown.next : 0);
  // another job since: its log is read from the beginning
  if (shown.dataset !== dataset || shown.started !== answer.started) {
    byId("job-log").replaceChildren();
    const isWhole = shown.next === 0 || shown.dataset !== dataset;
    shown = { dataset, started: answer.started, next: 0 };
    if (!isWhole) {
      return showJob(dataset);
    }
  }
  shown.next = answer.next;
  drawJob(dataset, answer);
  addLines(answer.lines);
  return answer.state;
}

export const shownJob = () => shown.dataset;

export function connectJob(fail) {
  byId("job-stop").onclick = () => stopJob(shown.dataset).catch(fail);
}

function drawJob(dataset, { job, state, reason, commands, stages }) {
  byId("job").hidden = false;
  byId("job-title").textContent = `${dataset}: ${commands[0] ?? job}`;
  byId("job-state").dataset.state = state;
  setText(byId("job-state"), describe(state, reason, stages));
  byId("job-stop").hidden = state !== "running";
  byId("job-download").hidden = job !== "export" || state !== "done";
  byId("job-download").href = `/exported/${dataset}`;
  byId("job-changes").hidden = job !== "apply" || state !== "done";
  byId("job-changes").href = `/changes/${dataset}`;
  drawStages(stages, state);
}

function describe(state, reason, stages) {
  const running = stages.find((stage) => stage.state === "running");
  if (state === "running" && reason) return reason;
  if (state === "running" && running) return `${running.name}, ${countOver(stages) + 1} of ${stages.length} stages`;
  if (state === "running" && stages.length && !countOver(stages)) return "starting";
  const failed = stages.find((stage) => stage.state === "failed");
  const where = failed ? ` at ${failed.name}` : "";
  return `${STATES[state]}${state === "failed" ? where : ""}${reason ? `: ${reason}` : ""}`;
}

const countOver = (stages) => stages.filter(({ state }) => ["done", "same"].includes(state)).length;

function drawStages(stages, state) {
  const over = state === "done" ? stages.length : countOver(stages);
  byId("job-bar").setAttribute("aria-valuemax", stages.length);
  byId("job-bar").setAttribute("aria-valuenow", over);
  byId("job-bar").firstElementChild.style.width = `${stages.length ? (100 * over) / stages.length : 0}%`;
  const signs = { done: "✓ ", failed: "✗ ", running: "▸ ", same: "= ", waiting: "" };
  const titles = { same: "up to date already" };
  byId("job-stages").replaceChildren(...stages.map((stage) => el("li", { "data-state": stage.state, title: titles[stage.state] ?? stage.state }, signs[stage.state], stage.name)));
}

function addLines(lines) {
  const log = byId("job-log");
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(...lines.map((line) => el("span", {}, `${line}\n`)));
  while (log.childElementCount > LINES_SHOWN) log.firstElementChild.remove();
  if (isAtEnd && lines.length) log.scrollTop = log.scrollHeight;
}

// a text that is said aloud when it changes, and only then
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
