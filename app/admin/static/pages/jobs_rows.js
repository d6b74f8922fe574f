// One row of the job list.

import { el } from "../dom.js";
import { ago, between, duration, moment, money } from "../format.js";
import { poster } from "../parts/poster.js";
import { badge } from "../parts/states.js";

export const TITLES = ["Video", "Status", "Model", "Client", "Cost", "Created", "Took"];

export function rowOf(job, chosen) {
  const box = el("input", { type: "checkbox", checked: chosen.has(job.jobId), hidden: !chosen.may, "aria-label": `Select ${nameOf(job)}`,
    onchange: () => chosen.toggle(job.jobId, box.checked) });
  return el("tr", { "data-row": job.jobId, "data-status": job.status },
    el("td", { class: "pick" }, box),
    el("td", { class: "video" }, poster(job), about(job)),
    el("td", { "data-label": "Status" }, badge(job.status, job.stage), progress(job), reason(job)),
    el("td", { "data-label": "Model" }, `${job.provider} · ${job.model}`),
    el("td", { "data-label": "Client" }, job.client),
    el("td", { "data-label": "Cost", class: "number" }, cost(job)),
    el("td", { "data-label": "Created" }, el("time", { datetime: job.createdAt, title: moment(job.createdAt) }, ago(job.createdAt))),
    el("td", { "data-label": "Took", class: "number" }, duration(between(job.createdAt, job.completedAt))));
}

/** What the row shows of a running video's progress. */
export function showProgress(row, percent) {
  const bar = row.querySelector("progress");
  if (bar) bar.value = percent;
}

const nameOf = (job) => job.prompt.slice(0, 60) || job.jobId;

function about(job) {
  const place = [job.storyboardId, job.sceneId].filter(Boolean).join(" / ");
  const flags = [place, job.simulated && "simulated", job.priority !== 2 && `priority ${job.priority}`].filter(Boolean);
  return el("div", {},
    el("a", { href: `/admin/jobs/${job.jobId}` }, job.prompt.slice(0, 120)),
    el("div", { class: "quiet" }, flags.join(" · ")));
}

function progress(job) {
  if (job.stage !== "generating") return null;
  return el("progress", { max: 100, value: job.progress ?? 0, "aria-label": "Progress at the provider" });
}

function reason(job) {
  if (job.cancelRequested && job.status !== "cancelled") return el("div", { class: "quiet" }, "cancel asked for");
  return job.errorCode ? el("div", { class: "quiet", title: job.errorMessage }, job.errorCode) : null;
}

const cost = (job) => (job.costUsd === null ? el("span", { class: "quiet" }, `≈ ${money(job.costEstimateUsd)}`) : money(job.costUsd));
