/**
 * What the API takes and answers, in the form in which `npm run types` writes it from `/openapi.json`.
 */

export interface components {
  schemas: {
    Status: "queued" | "processing" | "completed" | "failed" | "cancelled" | "needs_review";
    Provider: "sora" | "veo" | "omni";
    VideoBody: {
      storyboardId: string;
      sceneId?: string;
      jobId?: string;
      provider: string;
      model?: string;
      prompt?: string;
      scene?: string | { description: string; [part: string]: string };
      character?: { name?: string; description?: string; wardrobe?: string; voice?: string }[];
      presetKey?: string;
      negativePrompt?: string;
      seconds?: number;
      duration?: number;
      size?: string;
      resolution?: string;
      aspectRatio?: string;
      fps?: number;
      audio?: boolean;
      seed?: number;
      inputs?: { role: "first_frame" | "last_frame" | "reference"; url?: string; fileId?: string }[];
      priority?: number;
      runAt?: string;
      expiresAt?: string;
      webhookUrl?: string;
      metadata?: Record<string, unknown>;
      endUserId?: string;
    };
    Accepted: {
      jobId: string;
      status: "queued";
      statusUrl: string;
      prompt: string;
      costEstimateUsd: number;
      provider: components["schemas"]["Provider"];
      model: string;
      requestedModel: string;
      adjusted: Record<string, unknown> | null;
    };
    Video: {
      jobId: string;
      storyboardId: string | null;
      sceneId: string | null;
      provider: components["schemas"]["Provider"];
      model: string;
      requestedModel: string;
      adjusted: Record<string, unknown> | null;
      prompt: string;
      params: Record<string, unknown>;
      metadata: Record<string, unknown> | null;
      endUserId: string | null;
      status: components["schemas"]["Status"];
      stage: string;
      progress: number | null;
      priority: number;
      providerJobId: string | null;
      videoUrl: string | null;
      thumbnailUrl: string | null;
      errorCode: string | null;
      errorMessage: string | null;
      attemptsMade: number;
      costUsd: number | null;
      costEstimateUsd: number;
      createdAt: string | null;
      runAt: string | null;
      expiresAt: string | null;
      startedAt: string | null;
      completedAt: string | null;
      elapsedTime: number;
      cancelRequested: boolean;
      simulated: boolean;
    };
    QueueStats: {
      waiting: number;
      active: number;
      completed: number;
      failed: number;
      delayed: number;
      total: number;
    };
    FailedJob: {
      id: string;
      data: Record<string, unknown>;
      failedReason: string | null;
      attemptsMade: number;
      timestamp: string | null;
    };
    Queue: {
      stats: components["schemas"]["QueueStats"];
      recentFailures: components["schemas"]["FailedJob"][];
      healthy: boolean;
      needsReview: number;
      workers: number;
      oldestWaitingSeconds: number | null;
      budgetsNearlySpent: Record<string, unknown>[];
    };
    Failures: { failures: components["schemas"]["FailedJob"][] };
    Retried: { success: true; message: string; stage: string; costEstimateUsd: number };
    CleanedUp: { success: true; message: string; removed: number };
    EventToken: { token: string; url: string; expiresAt: number };
  };
}
