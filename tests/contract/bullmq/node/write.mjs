// Fills a queue as an application with BullMQ leaves it: REDIS_URL, QUEUE, BULLMQ (the package), PROVIDER_JOB_ID, PROMPT, IDS.
// Its worker is gone, having ended one job for good, put one off with its provider's id kept, and left one under way.
const { Queue, UnrecoverableError, Worker } = await import(process.env.BULLMQ ?? "bullmq");
const { REDIS_URL, QUEUE, PROVIDER_JOB_ID, PROMPT } = process.env;

const at = new URL(REDIS_URL);
const connection = { host: at.hostname, port: Number(at.port), password: decodeURIComponent(at.password), maxRetriesPerRequest: null };
const defaultJobOptions = { attempts: 3, backoff: { type: "exponential", delay: 3_600_000 } };
const queue = new Queue(QUEUE, { connection, defaultJobOptions });

const idOf = (n) => `${process.env.IDS ?? "0b9ff4b6-0000-4000-8000-00000000000"}${n}`;
const dataOf = (n) => ({
  jobId: idOf(n), storyboardId: "film-1", sceneId: `scene-${n}`, provider: "sora", model: "sora-2",
  prompt: `${PROMPT} ${n}`, size: "1280x720", duration: 4, apiKey: `sk-canary-of-customer-${n}`, userId: "user-1",
});
const add = (n, options = {}) => queue.add("generate-video", dataOf(n), { jobId: idOf(n), ...options });

const worker = new Worker(
  QUEUE,
  async (job) => {
    if (job.data.sceneId === "scene-1") throw new UnrecoverableError("refused by moderation");
    await job.updateProgress({ percent: 10, providerJobId: job.data.sceneId === "scene-2" ? PROVIDER_JOB_ID : undefined });
    if (job.data.sceneId === "scene-2") throw new Error("connection lost while waiting");
    await new Promise(() => {});
  },
  { connection, concurrency: 3 },
);
let failed = 0;
const bothFailed = new Promise((done) => worker.on("failed", () => ++failed === 2 && done()));
const underWay = new Promise((done) => worker.on("progress", (job) => job.data.sceneId === "scene-3" && done()));
await add(1);
await add(2);
await add(3);
await Promise.all([bothFailed, underWay]);
await queue.pause();
await add(4);
const { jobId, ...anonymous } = dataOf(5);
await queue.add("generate-video", { ...anonymous, title: "Five" });
await add(6, { delay: 7_200_000 });
await add(7, { priority: 3 });
await queue.upsertJobScheduler("nightly", { every: 86_400_000 }, { name: "generate-video", data: dataOf(8) });
process.exit(0);
