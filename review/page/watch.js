// Says what others have done under the page: results that were made anew, and decisions that were taken out of their file.

import { mendDecisions, readSession, readWatch } from "./api.js";
import { byId, el, number } from "./dom.js";
import { keyButton } from "./keyboard.js";
import { clearError, fail, say } from "./messages.js";
import { drawSharing } from "./sharing.js";

export async function watch(page) {
  const before = JSON.stringify(page.changed);
  page.changed = await readWatch();
  if (JSON.stringify(page.changed) === before) return;
  drawChanged(page);
  drawSharing(page);
}

function drawChanged(page) {
  const { outdated, damage, lost } = page.changed;
  const parts = [
    outdated ? ["The results were made anew, and this page shows the old ones. ", keyButton(page, "load-anew")] : null,
    damage ? [`${damage}. What this server last read of it can be written again. `, mendButton(page, true, "Write it again")] : null,
    lost && !damage ? [
      `${lost === 1 ? "1 line" : `${number(lost)} lines`} written here ${lost === 1 ? "is" : "are"} no longer in decisions.csv: somebody saved an older copy, or took them out on purpose. `,
      mendButton(page, true, "Write again"), " ", mendButton(page, false, "Leave out"),
    ] : null,
  ].filter(Boolean);
  byId("changed").hidden = !parts.length;
  byId("changed").replaceChildren(...parts.flatMap((part, i) => (i ? [el("br"), ...part] : part)));
}

function mendButton(page, again, label) {
  return el("button", { onclick: () => mend(page, again) }, label);
}

async function mend(page, again) {
  try {
    const { written } = await mendDecisions(again);
    clearError();
    say(page, again ? `${number(written)} ${written === 1 ? "line" : "lines"} written again` : "left out", { undo: false });
    await watch(page);
  } catch (error) {
    fail(error);
  }
}

// the old ones stay where the new ones are not all there yet
export async function loadAnew(page) {
  try {
    await page.model.outbox.emptied();
    await readSession();
    location.reload();
  } catch (error) {
    fail(error);
  }
}
