// One job: the video, what was asked, what it cost, its whole life, and what can be done now.

import { get } from "../api.js";
import { el, replace } from "../dom.js";
import { between, bytes, duration, moment, money, words } from "../format.js";
import { listen } from "../live.js";
import { act } from "../parts/bulk.js";
import { said } from "../parts/notes.js";
import { player } from "../parts/poster.js";
import { badge, heading, trouble } from "../parts/states.js";
import { table } from "../parts/table.js";
import { auditTable } from "./audit.js";
import { submissionsTable, timelineBar, timelineList } from "./job_timeline.js";

const GATHER_MS = 400;

export async function job(root, context) {
  const jobId = context.parameters;
  let waiting = null;
  let playing = null;
  await load();
  const stop = listen({
    timeline: (line) => line.jobId === jobId && (waiting ??= setTimeout(load, GATHER_MS)),
    progress: (told) => told.jobId === jobId && showProgress(told.progress),
  });
  return () => {
    stop();
    clearTimeout(waiting);
  };

  async function load() {
    waiting = null;
    try {
      const [found, log] = await Promise.all([get(`/api/admin/jobs/${jobId}`), get("/api/admin/audit", { target: jobId })]);
      show(found, log.lines);
    } catch (error) {
      replace(root, heading("Video"), trouble(error, error.status === 404 ? null : load));
    }
  }

  /** A player that is there stays as it is: it may be playing. */
  function show(found, lines) {
    const { video, standing, events, submissions, ledger } = found;
    if (video.status === "completed") playing ??= player(video);
    else playing = null;
    replace(root,
      heading(title(video), badge(video.status, video.stage), video.status === "processing" ? progressOf(video) : null),
      actions(found, context, load),
      el("div", { class: "grid" },
        el("section", { class: "card", "aria-label": "Video" }, playing ?? el("p", { class: "quiet" }, reason(video))),
        el("section", { class: "card" }, el("h2", {}, "Facts"), facts(video, standing))),
      el("section", { class: "card block" }, el("h2", {}, "Time"), timelineBar(video, events)),
      el("section", { class: "card block" }, el("h2", {}, "Prompt"), el("pre", {}, video.prompt),
        el("h2", { class: "next" }, "Parameters"), el("pre", {}, JSON.stringify(video.params, null, 2)),
        video.adjusted && el("p", {}, `Asked as ${video.requestedModel}; changed: ${Object.keys(video.adjusted).join(", ")}`)),
      el("section", { class: "card block" }, el("h2", {}, "Calls that may cost money"), submissionsTable(submissions)),
      el("section", { class: "card block" }, el("h2", {}, "Ledger"), ledgerTable(ledger)),
      el("section", { class: "card block" }, el("h2", {}, "Timeline"), timelineList(events)),
      lines.length ? el("section", { class: "block" }, el("h2", {}, "Who did what"), auditTable(lines)) : null);
  }
}

const title = (video) => [video.storyboardId, video.sceneId].filter(Boolean).join(" / ") || video.jobId;

const progressOf = (video) => el("progress", { id: "progress", max: 100, value: video.progress ?? 0, "aria-label": "Progress at the provider" });

function showProgress(percent) {
  const bar = document.getElementById("progress");
  if (bar) bar.value = percent;
}

function reason(video) {
  if (video.errorMessage || video.errorCode) return `${video.errorCode}: ${video.errorMessage ?? ""}`;
  return video.status === "queued" ? "It waits for its turn." : `It is ${words(video.stage)}.`;
}

function actions(found, context, changed) {
  const { video } = found;
  const chosen = { ids: [video.jobId] };
  const labels = { retry: "Retry", cancel: "Cancel", reprioritise: "Change priority", delete: "Delete" };
  const allowed = context.session.mayOperate ? found.actions : [];
  const buttons = allowed.map(({ action, costUsd }) => el("button", { type: "button", class: action === "delete" && "danger", onclick: () => run(action) },
    costUsd ? `${labels[action]} for ${money(costUsd)}` : labels[action]));
  const review = video.status === "needs_review" && el("a", { href: "/admin/review" }, "Decide in the review");
  return el("div", { class: "buttons left" }, ...buttons, review || null,
    el("button", { type: "button", onclick: () => copyCurl(video) }, "Copy as curl"),
    video.storyboardId && el("a", { href: `/admin/storyboards/${encodeURIComponent(video.storyboardId)}` }, "Storyboard"));

  async function run(action) {
    if (!(await act(action, chosen))) return;
    if (action === "delete") context.navigate("/admin/jobs");
    else changed();
  }
}

function copyCurl(video) {
  const { jobId, storyboardId, sceneId, provider, requestedModel, prompt, params, priority } = video;
  const body = { storyboardId: storyboardId ?? jobId, sceneId: sceneId ?? undefined, provider, model: requestedModel, prompt, ...params, priority };
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== undefined));
  const text = JSON.stringify(given).replaceAll("'", "'\\''");
  navigator.clipboard.writeText(`curl -X POST ${location.origin}/api/video/generate -H "Authorization: Bearer $REELWORK_API_KEY" -H 'Content-Type: application/json' -d '${text}'`)
    .then(() => said("Copied. The key is not in it."), () => said("The browser does not let this page copy"));
}

function facts(video, standing) {
  const size = standing.width && `${standing.width}×${standing.height}, ${standing.seconds} s, ${bytes(standing.bytes)}`;
  const owner = standing.owner && `${standing.ownerHost ?? standing.owner}, heard of ${duration(standing.ownerSilentSeconds)} ago`;
  const lines = [
    ["Id", video.jobId], ["Client", standing.client], ["Model", `${video.provider} · ${video.model}`],
    ["Cost", video.costUsd === null ? `about ${money(video.costEstimateUsd)}` : money(video.costUsd)],
    ["Created", moment(video.createdAt)], ["Started", moment(video.startedAt)],
    ["Ended", video.completedAt && `${moment(video.completedAt)}, after ${duration(between(video.createdAt, video.completedAt))}`],
    ["Attempts", `${video.attemptsMade} accepted; attempt ${standing.attempt}`], ["Priority", video.priority],
    ["Owner", owner], ["Due", standing.dueAt && moment(standing.dueAt)], ["Next poll", standing.nextAt && moment(standing.nextAt)],
    ["Waits until", standing.waitUntil && moment(standing.waitUntil)], ["Lane", standing.server ?? standing.baseUrl],
    ["Lane is held", standing.laneHeld], ["Provider's id", video.providerJobId], ["File", size || null],
    ["SHA-256", standing.sha256], ["Simulated", video.simulated ? "yes" : null], ["Trace", standing.traceId],
  ];
  const given = lines.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return el("dl", { class: "facts" }, ...given.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]));
}

function ledgerTable(lines) {
  const rows = lines.map((line) => [moment(line.at), line.attempt, line.entry, money(line.usd), money(line.deltaUsd), line.note ?? ""]);
  return table("Ledger", ["When", ["Attempt"], "Entry", ["Amount"], ["Adds to its day"], "Note"], rows);
}
