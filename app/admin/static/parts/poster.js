// Pictures and videos come through this server, whatever storage they lie in.

import { el } from "../dom.js";

export const videoOf = (jobId) => `/api/video/${jobId}/content`;

export function poster(job) {
  if (!job.hasPoster) return el("span", { class: "poster", "aria-hidden": "true" });
  return el("img", { class: "poster", src: `/api/video/${job.jobId}/thumbnail`, alt: "", loading: "lazy" });
}

export function player(job) {
  const shown = { class: "player", controls: true, preload: "metadata", playsinline: true };
  const label = `Video of ${job.prompt.slice(0, 80)}`;
  return el("video", { ...shown, src: videoOf(job.jobId), poster: `/api/video/${job.jobId}/thumbnail`, "aria-label": label });
}
