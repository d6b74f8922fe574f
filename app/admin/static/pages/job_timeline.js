// A job's life: as a bar of its stages, as a list of everything that was noted, and its paid calls.

import { el, svg } from "../dom.js";
import { between, duration, moment, words } from "../format.js";
import { badge } from "../parts/states.js";
import { table } from "../parts/table.js";

const WIDTH = 1000;
const COLORS = { queued: "still", submitting: "busy", generating: "busy", collecting: "good", needs_review: "warn" };
const SECRETS = /key|token|secret|authorization|signature/i;

export function timelineBar(video, events) {
  const spans = spansOf(video, events);
  const whole = Math.max(between(video.createdAt, spans.at(-1)?.to) ?? 0, 0.001);
  const at = (text) => (between(video.createdAt, text) / whole) * WIDTH;
  const boxes = spans.map((span) => svg("rect", { x: at(span.from), width: Math.max(at(span.to) - at(span.from), 1), y: 0, height: 26, class: `stage ${COLORS[span.stage] ?? "still"}` },
    svg("title", {}, `${words(span.stage)} for ${duration(between(span.from, span.to))}`)));
  const marks = events.map((event) => svg("line", { x1: at(event.at), x2: at(event.at), y1: 20, y2: 34, class: "mark" }, svg("title", {}, `${words(event.type)}, ${moment(event.at)}`)));
  const told = spans.map((span) => el("li", { class: `key ${COLORS[span.stage] ?? "still"}` }, `${words(span.stage)} ${duration(between(span.from, span.to))}`));
  return el("div", {},
    svg("svg", { viewBox: `0 0 ${WIDTH} 36`, class: "bar-of-time", role: "img", preserveAspectRatio: "none", "aria-label": `From created to ${video.completedAt ? "its end" : "now"}: ${duration(whole)}` }, ...boxes, ...marks),
    el("ul", { class: "legend" }, ...told));
}

export function timelineList(events) {
  return el("ol", { class: "timeline" }, ...events.map((event, place) => el("li", {},
    el("time", { datetime: event.at, class: "quiet" }, moment(event.at)),
    el("span", { class: "quiet" }, place ? `+${duration(between(events[place - 1].at, event.at))}` : ""),
    el("strong", {}, words(event.type)),
    el("span", {}, detail(event)))));
}

export function submissionsTable(rows) {
  if (!rows.length) return el("p", { class: "quiet" }, "None yet.");
  return table("Paid calls", [["Attempt"], "Sent", ["Answered after"], "Outcome", "Provider's id"], rows.map((row) => [
    row.attempt, moment(row.intentAt), duration(between(row.intentAt, row.answeredAt)),
    [badge(row.outcome === "accepted" ? "good" : row.outcome ? "warn" : "busy", row.outcome ?? "under way"), ` ${row.errorMessage ?? ""}`],
    [el("code", {}, row.providerJobId ?? ""), row.inferred ? " (found in a listing)" : ""],
  ]));
}

/** Stretches of one stage each, from the lines that changed it; the last one lasts to the end, or until now. */
function spansOf(video, events) {
  const spans = [];
  for (const event of events) {
    const last = spans.at(-1);
    if (last) last.to = event.at;
    if (event.stage && event.stage !== last?.stage) spans.push({ stage: event.stage, from: event.at, to: event.at });
  }
  const last = spans.at(-1);
  if (last) last.to = video.completedAt ?? new Date().toISOString();
  return spans.filter((span) => !["completed", "failed", "cancelled"].includes(span.stage));
}

/** What a line says beyond its type. The server keeps secrets out of timelines; whatever is named like one is left out here, too. */
function detail(event) {
  const given = Object.entries(event.data).filter(([name, value]) => value !== null && !SECRETS.test(name));
  const data = given.map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  return [event.attempt > 1 && `attempt ${event.attempt}`, ...data].filter(Boolean).join(" · ");
}
