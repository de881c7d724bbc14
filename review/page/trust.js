// Whether the model may judge, and the offer of rows that tell how many errors there are whatever the model.

import { byId, el, number, redraw } from "./dom.js";
import { keyButton } from "./keyboard.js";

export function drawTrust({ verdict, headline, meaning, reasons, advice }) {
  byId("trust").dataset.verdict = verdict;
  byId("trust").replaceChildren(
    el("summary", {}, headline),
    el("p", {}, meaning),
    ...sentences("Why", reasons),
    ...sentences("What would help", advice),
  );
}

function sentences(title, list) {
  return list.length ? [el("p", {}, `${title}:`), el("ul", {}, list.map((each) => el("li", {}, withCode(each))))] : [];
}

// what stands between backticks is code
function withCode(sentence) {
  return sentence.split("`").map((part, i) => (i % 2 ? el("code", {}, part) : part));
}

export function drawOffer(page) {
  const { model } = page;
  const { spread } = model.tabs;
  const decided = spread?.rows ? model.progress(spread).decided : 0;
  const isOffered = spread && model.tab.name === "labels" && (!spread.rows || model.progress(spread).undecided > 0);
  const isThere = spread && model.tab === spread;
  byId("offer").hidden = !isOffered && !isThere;
  if (isOffered) {
    const rows = `${number(spread.total)} rows spread over the ranking`;
    const done = decided ? ` (${number(decided)} done)` : "";
    redraw(byId("offer"), `To know how many errors there are, look at ${rows}${done}. `, keyButton(page, "tab-spread", { id: "to-spread", label: "Look at them" }));
  } else if (isThere) redraw(byId("offer"), model.trust.verdict === "worthless"
    ? "These rows come from everywhere: the share of errors among them is about that of all rows, whatever the model says."
    : "These rows come from everywhere, from the worst to the best. Most may well be right; that is what tells how many errors there are.");
}
