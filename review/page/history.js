// A row's history: all that was decided on it, what was taken back too, and what the reviewers saw.

import { readHistory } from "./api.js";
import { el, key } from "./dom.js";
import { labelText } from "./given.js";
import { fail } from "./messages.js";

let dialog = null;

export async function openHistory({ model }) {
  const history = await readHistory(model.current.row).catch(fail);
  if (!history) return;
  dialog ??= document.body.appendChild(el("dialog", { id: "row-history", "aria-label": "The row's history" }));
  const { id, run, said } = history;
  dialog.replaceChildren(
    el("h2", {}, `History of id ${id}`),
    said.length ? el("ul", {}, said.map((each) => tell(each, run))) : el("p", {}, "Nobody has decided on it."),
    el("p", { class: "muted" }, "Its label in each version, and its place in certificates: ", el("code", {}, `python -m labels log ${model.dataset} ${quote(id)}`)),
    el("form", { method: "dialog" }, el("button", { autofocus: true }, "Close ", key("Esc"))),
  );
  dialog.showModal();
}

function tell({ time, reviewer, decision, label, given_label, note, counts, ...saw }, run) {
  const about = [time ? time.slice(0, 19).replace("T", " ") : "no time noted"];
  if (decision !== "undo") about.push(sawOf(saw, run), counts ? "counts" : "no longer counts");
  return el("li", {},
    el("p", {}, el("strong", {}, `${reviewer}: ${[decision, label].filter(Boolean).join(" ")}`), decision === "undo" ? "" : ` (given ${labelText(given_label)})`, note ? `, “${note}”` : ""),
    el("p", { class: "muted" }, about.join("; ")));
}

function sawOf({ suggested_label, label_quality, run: noted }, run) {
  if (!label_quality) return "saw no score";
  const ofRun = noted === run ? " of this run" : noted ? ` of another run, ${noted}` : "";
  return `saw ${suggested_label} suggested, quality ${label_quality}${ofRun}`;
}

// as a shell takes it
function quote(id) {
  return /^[\w./-]+$/.test(id) ? id : `'${id.replaceAll("'", `'\\''`)}'`;
}
