/** The simulator's JSON API. */

const BASE = "/sim/api";

async function answerOf(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.message ?? `HTTP ${response.status}`);
  return body;
}

/** GET a path below /sim/api. */
export async function get(path) {
  return answerOf(await fetch(BASE + path, { headers: { accept: "application/json" } }));
}

/** POST an object. */
export async function post(path, body = {}) {
  return answerOf(await fetch(BASE + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }));
}

/** POST a file's bytes. */
export async function upload(path, file) {
  return answerOf(await fetch(BASE + path, { method: "POST", headers: { "content-type": file.type || "application/octet-stream" }, body: file }));
}

/** Follow what happens; `heard` gets each item, `state` "open" or "lost". */
export function follow(heard, state) {
  const source = new EventSource(BASE + "/stream");
  source.addEventListener("message", (event) => heard(JSON.parse(event.data)));
  source.addEventListener("open", () => state("open"));
  source.addEventListener("error", () => {
    state("lost");
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(heard, state), 1000);
  });
}
