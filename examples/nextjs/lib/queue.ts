/** The queue as the rest of the application knows it: the names it had with BullMQ, with Reelwork behind them. */

import { randomUUID } from "node:crypto";

import { call, ReelworkError, type Schemas } from "./reelwork";

export { queueEvents } from "./queue-events";

/** What the application has always put on the queue. `apiKey` is the customer's own key at the provider. */
export type VideoGenerationJobData = Schemas["VideoBody"] & { apiKey?: string };

export interface VideoGenerationJobOptions {
  jobId?: string;
  /** Milliseconds until it may start. */
  delay?: number;
  /** 0 is first, 4 last; 2 unless you say otherwise. */
  priority?: number;
}

export type JobState = "waiting" | "delayed" | "active" | "completed" | "failed";

/** A job as BullMQ showed it, and everything that Reelwork knows about the video beside. */
export type JobStatus = Schemas["Video"] & {
  id: string;
  state: JobState;
  failedReason?: string;
  returnvalue: { videoUrl: string; thumbnailUrl: string | null } | null;
};

const STATES: Record<Schemas["Status"], JobState> = {
  queued: "waiting",
  processing: "active",
  needs_review: "active",
  completed: "completed",
  failed: "failed",
  cancelled: "failed",
};

/** Ask for a video. The same job id with the same data is the same video, however often it is sent. */
export async function addVideoGenerationJob(
  data: VideoGenerationJobData,
  options: VideoGenerationJobOptions = {},
): Promise<Schemas["Accepted"] & { id: string }> {
  const { apiKey, ...wishes } = data;
  const runAt = options.delay ? new Date(Date.now() + options.delay).toISOString() : wishes.runAt;
  const body: Schemas["VideoBody"] = {
    ...wishes,
    jobId: options.jobId ?? data.jobId ?? randomUUID(),
    priority: options.priority ?? data.priority,
    runAt,
  };
  const headers: Record<string, string> = apiKey ? { "x-provider-key": apiKey } : {};
  const accepted = await call<Schemas["Accepted"]>("POST", "/api/video/generate", { body, headers, repeatable: true });
  return { ...accepted, id: accepted.jobId };
}

/** One job, null where there is none. */
export async function getJobStatus(jobId: string): Promise<JobStatus | null> {
  const video = await unlessMissing(call<Schemas["Video"]>("GET", `/api/video/${encodeURIComponent(jobId)}`));
  if (video === null) return null;
  const isLater = video.status === "queued" && video.runAt !== null && Date.parse(video.runAt) > Date.now();
  return {
    ...video,
    id: video.jobId,
    state: isLater ? "delayed" : STATES[video.status],
    failedReason: video.errorMessage ?? video.errorCode ?? undefined,
    returnvalue: video.videoUrl ? { videoUrl: video.videoUrl, thumbnailUrl: video.thumbnailUrl } : null,
  };
}

export async function getQueueStats(): Promise<Schemas["QueueStats"]> {
  return (await call<Schemas["Queue"]>("GET", "/api/admin/queue")).stats;
}

/** The latest failures. */
export async function getFailedJobs(limit = 50): Promise<Schemas["FailedJob"][]> {
  return (await call<Schemas["Failures"]>("GET", `/api/admin/queue/failed?limit=${limit}`)).failures;
}

/** Let a failed video go on; false where there is none. What that costs is in `costEstimateUsd`. */
export async function retryFailedJob(jobId: string): Promise<Schemas["Retried"] | false> {
  return (await unlessMissing(call<Schemas["Retried"]>("POST", `/api/admin/queue/retry/${encodeURIComponent(jobId)}`))) ?? false;
}

/**
 * Remove a job with its files; what has not ended is cancelled first. False where there is none. Throws ReelworkError
 * `already_paid` where its provider cannot stop it.
 */
export async function removeJob(jobId: string): Promise<boolean> {
  const path = `/api/video/${encodeURIComponent(jobId)}`;
  const removed = await unlessMissing(call<{ status: string }>("DELETE", path));
  if (removed?.status === "cancelled") await unlessMissing(call("DELETE", path));
  return removed !== null;
}

/** Drop outdated progress records now; Reelwork does it by itself every hour. No job and no video goes. */
export async function cleanupOldJobs(): Promise<number> {
  return (await call<Schemas["CleanedUp"]>("POST", "/api/admin/queue/cleanup")).removed;
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ReelworkError && error.status === 404) return null;
    throw error;
  }
}
