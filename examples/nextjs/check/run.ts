/** Everything in this folder against a running Reelwork: REELWORK_URL, and REELWORK_API_KEY of a client of its own. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

import * as passing from "../app/api/[...path]/route";
import * as webhooks from "../app/api/webhooks/reelwork/route";
import {
  addVideoGenerationJob,
  cleanupOldJobs,
  getFailedJobs,
  getJobStatus,
  getQueueStats,
  queueEvents,
  removeJob,
  retryFailedJob,
} from "../lib/queue";
import { eventsUrlFor } from "../lib/queue-events";
import { call } from "../lib/reelwork";
import { MemoryStore, videoStore } from "../lib/video-store";

const HOOK = "/api/webhooks/reelwork";
const { GET, POST, PATCH, DELETE } = passing;
const handlers: Record<string, typeof GET> = { GET, POST, PATCH, DELETE };

/** The routes as Next.js serves them. */
async function served(): Promise<{ server: Server; url: string }> {
  const server = createServer(async (incoming, outgoing) => {
    const method = incoming.method ?? "GET";
    const body = method === "GET" ? undefined : (Readable.toWeb(incoming) as ReadableStream);
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, { method, headers, body, duplex: "half" } as RequestInit);
    const handle = incoming.url === HOOK ? webhooks.POST : handlers[method];
    const response = handle ? await handle(request) : new Response(null, { status: 405 });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function until<T>(what: string, found: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (let tries = 0; tries < 600; tries++) {
    const value = await found();
    if (value) return value;
    await new Promise((again) => setTimeout(again, 200));
  }
  throw new Error(`${what} did not happen`);
}

const dataOf = (prompt: string) => ({ storyboardId: "film-1", sceneId: "s1", provider: "sora", model: "sora-2", prompt, duration: 4 });

async function aVideoIsMadeAndTold(url: string): Promise<void> {
  const heard: string[] = [];
  queueEvents
    .on("active", ({ jobId }) => heard.push(`active ${jobId}`))
    .on("completed", ({ jobId, returnvalue }) => heard.push(`completed ${jobId} ${returnvalue.status}`))
    .on("failed", ({ jobId }) => heard.push(`failed ${jobId}`));
  await queueEvents.waitUntilReady();
  const jobId = randomUUID();
  const data = { ...dataOf(`a pier ${jobId}`), apiKey: "sk-customers-own-0123456789" };

  const first = await addVideoGenerationJob(data, { jobId });
  const second = await addVideoGenerationJob(data, { jobId });

  assert.deepEqual([first.id, second.id], [jobId, jobId]);
  await until("completed", () => heard.includes(`completed ${jobId} completed`));
  assert.ok(heard.includes(`active ${jobId}`));
  const row = await until("the webhook", () => (videoStore as MemoryStore).rows.get(jobId));
  const status = await getJobStatus(jobId);
  assert.deepEqual([status?.state, row.status], ["completed", "completed"]);
  assert.ok(status?.returnvalue?.videoUrl && row.videoUrl);
  const part = await fetch(`${url}/api/video/${jobId}/content`, { headers: { range: "bytes=4-7" } });
  assert.deepEqual([part.status, await part.text()], [206, "ftyp"]);
  assert.match(await eventsUrlFor({ jobId }), /\/api\/events\?token=/);
}

async function aPageAsksThroughTheRoute(url: string): Promise<void> {
  const jobId = randomUUID();
  const body = JSON.stringify({ ...dataOf("a lamp"), jobId, runAt: new Date(Date.now() + 3_600_000).toISOString() });
  const cookie = "session=secret; api_key_sora=sk-of-the-page-0123456789";
  const post = { method: "POST", body, headers: { "content-type": "application/json", cookie } };

  const asked = await fetch(`${url}/api/video/generate`, post);
  const other = { ...post.headers, cookie: "api_key_sora=AIzaSyA-of-another-kind-0123456789abcdef" };
  const wrongKind = await fetch(`${url}/api/video/generate`, { ...post, body: body.replace(jobId, randomUUID()), headers: other });

  assert.equal(asked.status, 202);
  assert.equal(((await wrongKind.json()) as { code: string }).code, "wrong_key_kind");
  assert.equal((await getJobStatus(jobId))?.state, "delayed");
  for (const path of ["/api/admin/keys", "/api/video/..%2Fadmin%2Fkeys", "/api/webhooks", "/api/admin/queuefoo"]) {
    const refused = (await (await fetch(url + path)).json()) as { detail: string };
    assert.equal(refused.detail, "There is nothing here", path);
  }
  assert.equal((await fetch(`${url}/api/admin/queue`)).status, 200);
  assert.equal(await removeJob(jobId), true);
  assert.equal(await getJobStatus(jobId), null);
  assert.equal(await removeJob(jobId), false);
}

async function aDelayedJobIsCounted(): Promise<void> {
  const { id } = await addVideoGenerationJob(dataOf("a lamp"), { delay: 3_600_000, priority: 0 });
  assert.equal((await getJobStatus(id))?.state, "delayed");
  assert.ok((await getQueueStats()).delayed >= 1);
  assert.equal(await removeJob(id), true);
}

async function aFailureIsListedAndRetried(): Promise<void> {
  const { id } = await addVideoGenerationJob(dataOf(`one that is refused ${randomUUID()} [sim:moderate]`));
  await until("the failure", async () => (await getJobStatus(id))?.state === "failed");
  const [failure] = (await getFailedJobs(10)).filter((one) => one.id === id);
  assert.ok(failure?.failedReason);
  const retried = await retryFailedJob(id);
  assert.ok(retried && retried.success);
  assert.equal(await retryFailedJob(randomUUID()), false);
  assert.ok((await cleanupOldJobs()) >= 0);
}

async function aForgedWebhookIsRefused(url: string): Promise<void> {
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": `${Math.floor(Date.now() / 1000)}`, "webhook-signature": "v1,AAAA" };
  assert.equal((await fetch(url + HOOK, { method: "POST", body: "{}", headers })).status, 401);
}

async function main(): Promise<void> {
  const { server, url } = await served();
  process.env.REELWORK_WEBHOOK_SECRET = (await call<{ secret: string }>("POST", "/api/webhooks/secret")).secret;
  await call("PUT", "/api/webhooks", { body: { url: url + HOOK } });
  await aVideoIsMadeAndTold(url);
  await aPageAsksThroughTheRoute(url);
  await aDelayedJobIsCounted();
  await aFailureIsListedAndRetried();
  await aForgedWebhookIsRefused(url);
  queueEvents.close();
  server.close();
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
