// Talks to the server.

export class Refused extends Error {}

// the results that the page shows: what is about others is refused
let run = "";

async function ask(path, options = {}) {
  let response;
  try {
    // each data set has its page at an address of its own
    response = await fetch(`.${path}`, { cache: "no-store", ...options, headers: { ...options.headers, "review-run": run } });
  } catch {
    throw new Refused("The server does not answer. Start it again by `python -m review`.");
  }
  if (response.status === 401) throw new Refused("The server was started anew: open the address that it printed.");
  const type = response.headers.get("content-type") ?? "";
  if (response.ok && type === "application/octet-stream") return response.arrayBuffer();
  const answer = type.startsWith("application/json")
    ? await response.json()
    : { error: await response.text() };
  if (!response.ok) throw new Refused(`${answer.error}.`);
  return answer;
}

export async function readSession() {
  const session = await ask("/api/session");
  run = session.stamp;
  return session;
}

export const readWatch = () => ask("/api/watch");
export const mendDecisions = (again) => post("/api/lost", { again });
export const readFound = (name) => ask(`/api/found/${name}`);
export const readForecast = () => ask("/api/forecast");
export const readDecisions = (known) => ask(`/api/decisions?known=${encodeURIComponent(known)}`);
export const readSimilar = (row) => ask(`/api/similar/${row}`);
export const readHistory = (row) => ask(`/api/history/${row}`);
export const readPoints = (stamp) => ask(`/points/${stamp}`, { cache: "default" });
export const askCertificate = (wanted) => post("/api/certify", wanted);
export const sendChoice = (choice) => post("/api/decisions", choice);
export const sendUndo = (reviewer) => post("/api/undo", { reviewer });
export const changeToDrawn = () => post("/api/change", {});
export const pickRows = (rows) => post("/api/picked", { rows });

function post(path, body) {
  return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

export const readRow = (row) => once(`/api/rows/${row}`);
export const readCard = (name) => once(`/api/cards/${name}`);

const details = new Map();

function once(path) {
  if (!details.has(path)) {
    const asked = ask(path);
    asked.catch(() => details.delete(path));
    details.set(path, asked);
  }
  return details.get(path);
}
