// Keeps the shown rows true: a changed one is replaced where it stands, and new ones are only counted.

import { get } from "../api.js";
import { plural } from "../format.js";
import { listen } from "../live.js";
import { rowOf, showProgress } from "./jobs_rows.js";

const GATHER_MS = 500;

export function watchRows(rows, chosen, fresh, query) {
  const changed = new Set();
  const unseen = new Set();
  let waiting = null;
  const isTop = !query.after && !query.sort;
  const stop = listen({
    timeline(line) {
      if (rows.has(line.jobId)) later(line.jobId);
      else if (line.type === "created" && isTop) countNew(line.jobId);
    },
    progress: ({ jobId, progress }) => rows.has(jobId) && showProgress(rows.get(jobId), progress),
  });
  return () => {
    stop();
    clearTimeout(waiting);
  };

  function later(jobId) {
    changed.add(jobId);
    waiting ??= setTimeout(refresh, GATHER_MS);
  }

  function countNew(jobId) {
    if (fresh.hidden) unseen.clear();
    unseen.add(jobId);
    fresh.textContent = `Show ${plural(unseen.size, "new video")}`;
    fresh.hidden = false;
  }

  async function refresh() {
    waiting = null;
    const ids = [...changed].filter((jobId) => rows.has(jobId));
    changed.clear();
    const found = await get("/api/admin/jobs", { ids: ids.join(","), limit: 200 }).catch(() => ({ jobs: [] }));
    for (const job of found.jobs) put(job);
  }

  function put(job) {
    const old = rows.get(job.jobId);
    if (!old) return;
    const focused = old.contains(document.activeElement) && document.activeElement.tagName;
    const row = rowOf(job, chosen);
    rows.set(job.jobId, row);
    old.replaceWith(row);
    if (focused) row.querySelector(focused)?.focus();
  }
}
