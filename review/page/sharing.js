// Says whose rows are shown where several people decide, and how often they say the same.

import { byId, el, number } from "./dom.js";

// who decided so lately decides now
const NOW_MS = 30 * 60000;

export function drawSharing(page) {
  const { model } = page;
  const parts = page.isCertifying ? [] : [...(model.dealing.parts ? whose(page) : offer(page)), ...agreement(page)];
  byId("sharing").hidden = !parts.length;
  // said again only where it has changed
  const said = JSON.stringify([parts.map((part) => part.textContent ?? part)]);
  if (byId("sharing").dataset.said === said) return;
  byId("sharing").dataset.said = said;
  byId("sharing").replaceChildren(...parts);
}

function whose(page) {
  const { dealing, tab } = page.model;
  if (tab.isPicked) return [];
  const { part, parts, overlap } = dealing;
  const mine = (tab.dealt ?? []).length;
  const shared = overlap ? `, ${number((tab.dealt ?? []).filter((row) => dealing.isShared(row)).length)} of them for everybody` : "";
  return [
    `Part ${part} of ${parts}: ${number(mine)} of ${number(tab.listed?.length ?? tab.total)} rows${shared}. `,
    dealing.isTaken && el("button", { onclick: () => page.takePart("") }, "Show all rows"), " ",
  ].filter(Boolean);
}

// to those who decide at the same time, each another part
function offer(page) {
  const { reviewer } = page.model;
  const names = [...new Set([...findOthers(page.model), reviewer])].filter(Boolean).sort();
  const place = names.indexOf(reviewer) + 1;
  if (names.length < 2 || !place) return [];
  const others = names.filter((name) => name !== reviewer);
  const who = others.length > 3 ? `${number(others.length)} others decide` : `${others.join(" and ")} ${others.length > 1 ? "decide" : "decides"}`;
  const part = `${place}/${names.length}`;
  return [
    `${who} on these rows too. So that nobody looks at what another does: `,
    el("button", { onclick: () => page.takePart(part) }, `Take part ${place} of ${names.length}`), " ",
  ];
}

function findOthers({ standing, reviewer }) {
  const since = Date.now() - NOW_MS;
  return Object.values(standing).flat().filter((said) => said.reviewer !== reviewer && Date.parse(said.time) > since).map((said) => said.reviewer);
}

function agreement({ changed }) {
  const { rows, same, low, high } = changed?.agreement ?? {};
  if (!rows) return [];
  const share = [low, high].map((bound) => Math.round(100 * bound)).join(" to ");
  return [`${number(rows)} ${rows === 1 ? "row was" : "rows were"} decided by more than one person: the same on ${number(same)} (${share} %).`];
}
