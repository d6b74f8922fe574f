/** Calls Reelwork from your server. The key never leaves it: pages go through `app/api/[...path]/route.ts`. */

import type { components } from "./api-types";

export type Schemas = components["schemas"];

const TRIES = 3;

/** Where Reelwork is, without a slash at its end. */
export function reelworkUrl(): string {
  return (process.env.REELWORK_URL ?? "http://127.0.0.1:8000").replace(/\/+$/, "");
}

/** The header that opens it. */
export function authorization(): string {
  const key = process.env.REELWORK_API_KEY;
  if (!key) throw new Error("REELWORK_API_KEY is not set");
  return `Bearer ${key}`;
}

/** What Reelwork refused: `code` is stable, the message is a sentence for people. */
export class ReelworkError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: { path: string; message: string }[] = [],
  ) {
    super(message);
    this.name = "ReelworkError";
  }
}

export interface Call {
  body?: unknown;
  headers?: Record<string, string>;
  /** Send it again where its answer was lost: for what reads, and for creates with an id of your own. */
  repeatable?: boolean;
}

/** One call and its JSON. Throws ReelworkError for a refusal. */
export async function call<T>(method: string, path: string, { body, headers, repeatable }: Call = {}): Promise<T> {
  const response = await sent(repeatable || method === "GET" ? TRIES : 1, `${reelworkUrl()}${path}`, {
    method,
    cache: "no-store",
    headers: { authorization: authorization(), "content-type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer as T;
  const { code = "http_error", error = response.statusText, errors = [] } = answer;
  throw new ReelworkError(response.status, code, error, errors);
}

async function sent(tries: number, url: string, init: RequestInit): Promise<Response> {
  for (let left = tries; ; left--) {
    try {
      return await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) });
    } catch (lost) {
      if (left <= 1) throw lost;
      await new Promise((done) => setTimeout(done, 500 * (tries - left + 1)));
    }
  }
}
