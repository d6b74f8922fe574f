/** Takes Reelwork's webhooks: verified first, then written to the application's own row. */

import { Webhook, WebhookVerificationError } from "standardwebhooks";

import type { Schemas } from "./reelwork";
import type { VideoStore } from "./video-store";

type Message = Schemas["Video"] & { type: string; eventAt: string };

/** 204 once the row is written; anything else, and Reelwork sends it again later. */
export async function receive(request: Request, store: VideoStore): Promise<Response> {
  const secret = process.env.REELWORK_WEBHOOK_SECRET;
  if (!secret) return Response.json({ error: "REELWORK_WEBHOOK_SECRET is not set" }, { status: 500 });
  let message: Message;
  try {
    message = new Webhook(secret).verify(await request.text(), Object.fromEntries(request.headers)) as Message;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return Response.json({ error: "The signature is not valid" }, { status: 401 });
  }
  await store.apply({
    jobId: message.jobId,
    status: message.status,
    videoUrl: message.videoUrl,
    thumbnailUrl: message.thumbnailUrl,
    errorMessage: message.errorMessage,
    costUsd: message.costUsd,
    at: message.eventAt,
  });
  return new Response(null, { status: 204 });
}
