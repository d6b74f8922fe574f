/** The application's own row of a video: where its pages look. Implement `VideoStore` on your database. */

import type { Schemas } from "./reelwork";

export interface VideoUpdate {
  jobId: string;
  status: Schemas["Status"];
  videoUrl: string | null;
  thumbnailUrl: string | null;
  errorMessage: string | null;
  costUsd: number | null;
  /** When Reelwork noted it: of two updates, the later one is true. */
  at: string;
}

export interface VideoStore {
  /**
   * Write an update unless the row holds a later one; called again with the same one where its answer was lost. With SQL:
   * `UPDATE video_jobs SET status = $2, …, updated_at = $7 WHERE id = $1 AND (updated_at IS NULL OR updated_at <= $7)`.
   */
  apply(update: VideoUpdate): Promise<void>;
}

/** Rows in memory, to try it out. */
export class MemoryStore implements VideoStore {
  readonly rows = new Map<string, VideoUpdate>();

  async apply(update: VideoUpdate): Promise<void> {
    const row = this.rows.get(update.jobId);
    if (!row || Date.parse(row.at) <= Date.parse(update.at)) this.rows.set(update.jobId, update);
  }
}

/** The one that the webhook route writes to. */
export const videoStore: VideoStore = new MemoryStore();
