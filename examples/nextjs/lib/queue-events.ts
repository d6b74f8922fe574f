/**
 * `queueEvents` as BullMQ has them, over Reelwork's server-sent events: one connection for the process, taken up again
 * after the last event that was heard.
 */

import { EventEmitter } from "node:events";

import { authorization, call, reelworkUrl, type Schemas } from "./reelwork";

export interface QueueEventMap {
  active: [{ jobId: string }];
  progress: [{ jobId: string; data: number }];
  completed: [{ jobId: string; returnvalue: Schemas["Video"] }];
  failed: [{ jobId: string; failedReason: string }];
  /** The connection broke; it is made again by itself. */
  error: [Error];
}

interface Line {
  event: string;
  data: string;
  id: string | null;
}

const AGAIN_MS = 1_000;

export class QueueEvents {
  private readonly emitter = new EventEmitter();
  private readonly stop = new AbortController();
  private lastEventId: string | null = null;
  private connected: Promise<void> | null = null;

  on<Name extends keyof QueueEventMap>(name: Name, listener: (...told: QueueEventMap[Name]) => void): this {
    this.emitter.on(name, listener as (...told: unknown[]) => void);
    this.connected ??= new Promise((ready) => void this.listen(ready));
    return this;
  }

  off<Name extends keyof QueueEventMap>(name: Name, listener: (...told: QueueEventMap[Name]) => void): this {
    this.emitter.off(name, listener as (...told: unknown[]) => void);
    return this;
  }

  /** Settles once the first connection stands: what happens after that is heard. */
  async waitUntilReady(): Promise<void> {
    await this.connected;
  }

  close(): void {
    this.stop.abort();
  }

  private async listen(ready: () => void): Promise<void> {
    while (!this.stop.signal.aborted) {
      try {
        await this.read(ready);
      } catch (error) {
        if (!this.stop.signal.aborted && this.emitter.listenerCount("error")) this.emitter.emit("error", error);
      }
      await new Promise((again) => setTimeout(again, this.stop.signal.aborted ? 0 : AGAIN_MS));
    }
  }

  private async read(ready: () => void): Promise<void> {
    const headers: Record<string, string> = { authorization: authorization(), accept: "text/event-stream" };
    if (this.lastEventId) headers["last-event-id"] = this.lastEventId;
    const response = await fetch(`${reelworkUrl()}/api/events`, { headers, signal: this.stop.signal, cache: "no-store" });
    if (!response.ok || !response.body) throw new Error(`the event stream answered ${response.status}`);
    ready();
    for await (const line of linesOf(response.body)) {
      await this.tell(line.event, JSON.parse(line.data));
      this.lastEventId = line.id ?? this.lastEventId;
    }
  }

  private async tell(event: string, told: { jobId: string; type?: string; progress?: number }): Promise<void> {
    const { jobId } = told;
    if (event === "progress") this.emitter.emit("progress", { jobId, data: told.progress });
    if (event !== "timeline") return;
    if (told.type === "claimed") this.emitter.emit("active", { jobId });
    if (told.type !== "completed" && told.type !== "failed") return;
    const video = await call<Schemas["Video"]>("GET", `/api/video/${jobId}`);
    if (told.type === "completed") this.emitter.emit("completed", { jobId, returnvalue: video });
    else this.emitter.emit("failed", { jobId, failedReason: video.errorMessage ?? video.errorCode ?? "failed" });
  }
}

/** The one of this process; it connects with its first listener. */
export const queueEvents = new QueueEvents();

/** Where a page's `EventSource` hears of one video or one storyboard, for an hour and without a key. */
export async function eventsUrlFor(what: { jobId: string } | { storyboardId: string }): Promise<string> {
  return (await call<Schemas["EventToken"]>("POST", "/api/events/token", { body: what })).url;
}

async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Line> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const blocks = (rest + piece.value).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const line = lineOf(block);
      if (line) yield line;
    }
  }
}

function lineOf(block: string): Line | null {
  const fields = new Map<string, string>();
  for (const text of block.split(/\r?\n/)) {
    const [, name, value] = /^([^:]+): ?(.*)$/.exec(text) ?? [];
    if (name) fields.set(name, fields.has(name) ? `${fields.get(name)}\n${value}` : (value ?? ""));
  }
  const data = fields.get("data");
  return data === undefined ? null : { event: fields.get("event") ?? "message", data, id: fields.get("id") ?? null };
}
