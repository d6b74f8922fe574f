/** Passes a page's call on to Reelwork: with the key, with the provider keys in its cookies, and with nothing else. */

import { authorization, reelworkUrl } from "./reelwork";
import type { Session } from "./session";

const PAGES = /^\/api\/(video|storyboards)\/[^/]/;
const OPERATORS = /^\/api\/admin\/queue(\/|$)/;
const ENCODED_SEPARATOR = /%2e|%2f|%5c|\\/i;
const UP = ["accept", "content-type", "idempotency-key", "if-none-match", "if-range", "range", "x-request-id"];
const DOWN = [
  ...["accept-ranges", "cache-control", "content-length", "content-range", "content-type", "etag", "location"],
  ...["retry-after", "x-request-id"],
];
const PROVIDER_KEY = /^api_key_(sora|veo|omni)=/;

export async function passOn(request: Request, session: Session): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (ENCODED_SEPARATOR.test(pathname)) return refusal(404, "no_such_path", "There is nothing here");
  const isAllowed = PAGES.test(pathname)
    ? await session.mayMakeVideos(request)
    : OPERATORS.test(pathname)
      ? await session.mayOperate(request)
      : null;
  if (isAllowed === null) return refusal(404, "no_such_path", "There is nothing here");
  if (!isAllowed) return refusal(403, "forbidden", "You may not do this");
  try {
    return answerOf(await fetch(`${reelworkUrl()}${pathname}${search}`, upward(request)));
  } catch (error) {
    if (request.signal.aborted) throw error;
    return refusal(502, "unavailable", "The video server does not answer");
  }
}

function upward(request: Request): RequestInit {
  const headers = new Headers({ authorization: authorization(), "accept-encoding": "identity" });
  for (const name of UP) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const cookies = (request.headers.get("cookie") ?? "").split(/;\s*/).filter((cookie) => PROVIDER_KEY.test(cookie));
  if (cookies.length) headers.set("cookie", cookies.join("; "));
  const sends = request.method !== "GET" && request.method !== "HEAD" && request.body !== null;
  const init = { method: request.method, headers, redirect: "manual", cache: "no-store", signal: request.signal } as const;
  return sends ? ({ ...init, body: request.body, duplex: "half" } as RequestInit) : init;
}

function answerOf(response: Response): Response {
  const headers = new Headers();
  for (const name of DOWN) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(response.body, { status: response.status, headers });
}

function refusal(status: number, code: string, error: string): Response {
  return Response.json({ status, code, error, detail: error }, { status });
}
