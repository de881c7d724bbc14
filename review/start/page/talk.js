// Talks to the server.

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Error("The server does not answer. What it has started goes on; start it again by `python -m review`.");
  }
  if (response.status === 401) throw new Error("The server was started anew: open the address that it printed.");
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  const answer = isJson ? await response.json() : { error: await response.text() };
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

const post = (path, body) => ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

export const readStart = () => ask("/api/start");
export const readLog = (dataset, from) => ask(`/api/log/${dataset}?from=${from}`);
export const startJob = (job, dataset, form) => post("/api/start", { job, dataset, form });
export const stopJob = (dataset) => post("/api/stop", { dataset });
