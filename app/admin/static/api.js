// Calls of the API. A write says that it comes from these pages, and carries a key that makes it happen once.

/** A refusal: `message` is the server's own sentence. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || `The server answered ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

let onSignedOut = () => {};

/** Called whenever the server no longer knows the session. */
export function whenSignedOut(callback) {
  onSignedOut = callback;
}

export const get = (path, query) => call("GET", path + search(query));
export const post = (path, body) => call("POST", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const put = (path, body) => call("PUT", path, body);
export const remove = (path) => call("DELETE", path);

/** `?…` of what has a value. */
export function search(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") Object.assign(headers, { "X-Reelwork-Dashboard": "1", "Idempotency-Key": onceKey() });
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const sent = body === undefined ? undefined : JSON.stringify(body);
  let response;
  try {
    response = await fetch(path, { method, headers, body: sent });
  } catch {
    throw new Refused(0, { detail: "The server does not answer" });
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401 && path !== "/api/admin/session") onSignedOut();
  throw new Refused(response.status, answer);
}

function onceKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
