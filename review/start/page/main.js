// Starts the page, and asks from time to time how things stand.

import { byId } from "/page/dom.js";

import { drawCards } from "./cards.js";
import { connectJob, showJob, shownJob } from "./job.js";
import { readStart, startJob } from "./talk.js";

const POLL_MS = 1000;
let isAsking = false;
let last = "";
let problem = "";

const acts = {
  async start(job, dataset, form) {
    try {
      await startJob(job, dataset, form);
      await poll();
      byId("job").scrollIntoView({ block: "nearest" });
    } catch (error) {
      fail(error);
    }
  },
  show: (dataset) => showJob(dataset).then(() => byId("job").scrollIntoView({ block: "nearest" }), fail),
};

async function poll() {
  if (isAsking || document.visibilityState !== "visible") return;
  isAsking = true;
  try {
    const start = await readStart();
    tell(start.problem);
    // a run that was found, or was started in another tab, is shown at once
    const dataset = start.running && start.running !== last ? start.running : shownJob() || newest(start);
    last = start.running;
    drawCards(start, acts);
    const state = await showJob(dataset);
    // it has ended since the cards were asked for
    if (start.running === dataset && dataset && state !== "running") drawCards(await readStart(), acts);
    document.body.dataset.ready = "yes";
  } catch (error) {
    tell(error.message);
  } finally {
    isAsking = false;
  }
}

function newest({ datasets }) {
  const known = datasets.filter(({ job }) => job);
  return known.sort((one, other) => other.job.started.localeCompare(one.job.started))[0]?.name;
}

// what the server says of itself goes when it says so no longer; a refusal stays until the next act
function tell(text) {
  if (text === problem) return;
  problem = text;
  show(text);
}

function fail(error) {
  problem = "";
  show(error.message);
}

function show(text) {
  byId("banner").textContent = text;
  byId("banner").hidden = !text;
}

// without the token
history.replaceState(null, "", "/");
connectJob(fail);
document.addEventListener("click", (event) => event.target.matches("button") && show(problem));
document.addEventListener("visibilitychange", poll);
setInterval(poll, POLL_MS);
poll();
