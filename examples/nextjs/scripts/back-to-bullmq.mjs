// The way back: takes out of BullMQ what Reelwork has made or is making, and out of Reelwork what it has not begun.
// Run it in your application's folder, with the queue still paused and the file that the import printed:
//   REDIS_URL=… REELWORK_URL=… REELWORK_API_KEY=… node back-to-bullmq.mjs imported.json        says what it would do
//   … node back-to-bullmq.mjs imported.json --yes                                               does it
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { Queue } = createRequire(`${process.cwd()}/`)(process.env.BULLMQ ?? "bullmq");
const { REDIS_URL, REELWORK_URL, REELWORK_API_KEY } = process.env;
const imported = JSON.parse(readFileSync(process.argv[2], "utf8"));
const isReal = process.argv.includes("--yes");

const at = new URL(REDIS_URL);
const connection = {
  host: at.hostname,
  port: Number(at.port || 6379),
  username: decodeURIComponent(at.username) || undefined,
  password: decodeURIComponent(at.password) || undefined,
  db: Number(at.pathname.slice(1) || 0),
  tls: at.protocol === "rediss:" ? {} : undefined,
};
const queue = new Queue(imported.queue, { connection, prefix: process.env.PREFIX ?? "bull" });

async function reelwork(method, jobId) {
  const headers = { authorization: `Bearer ${REELWORK_API_KEY}` };
  const response = await fetch(`${REELWORK_URL}/api/video/${jobId}`, { method, headers });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${method} ${jobId}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Cancels what has not begun; false where it begins at this moment. */
async function givenUp(jobId) {
  const cancelled = await reelwork("DELETE", jobId);
  if (cancelled?.status === "cancelled") await reelwork("DELETE", jobId);
  return cancelled?.status !== "processing";
}

async function sentBack({ bullmqId, jobId }) {
  const video = await reelwork("GET", jobId);
  if (video === null) return "stays in BullMQ: Reelwork has no such video";
  if (video.status === "cancelled") return "left in both: somebody has cancelled it in Reelwork";
  if (video.status === "queued" && (!isReal || (await givenUp(jobId)))) return "stays in BullMQ: given up in Reelwork";
  if (isReal) await (await queue.getJob(bullmqId))?.remove();
  return `taken out of BullMQ: ${video.status} in Reelwork`;
}

if (!(await queue.isPaused())) throw new Error(`pause the queue ${imported.queue} first`);
for (const job of imported.jobs.filter(({ result }) => ["created", "adopted", "already here"].includes(result))) {
  console.log(`${job.bullmqId}\t${job.jobId}\t${await sentBack(job)}`);
}
console.log(isReal ? "Now resume the queue." : "Nothing was changed; --yes does it.");
process.exit(0);
