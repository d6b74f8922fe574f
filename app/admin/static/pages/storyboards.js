// Storyboards as film strips: scenes in order, how far each is, and all that are there played one after another.

import { get } from "../api.js";
import { el, replace } from "../dom.js";
import { ago, count, money, plural } from "../format.js";
import { listen } from "../live.js";
import { poster, videoOf } from "../parts/poster.js";
import { badge, empty, heading } from "../parts/states.js";
import { row, table } from "../parts/table.js";

const COLUMNS = ["Storyboard", ["Scenes"], ["Stored"], ["Failed or cancelled"], "Last scene"];
const GATHER_MS = 500;

export async function storyboards(root) {
  const found = (await get("/api/admin/storyboards")).storyboards;
  const rows = found.map((one) => row(one.storyboardId, COLUMNS, [
    el("a", { href: `/admin/storyboards/${encodeURIComponent(one.storyboardId)}` }, one.storyboardId),
    count(one.scenes), count(one.completed), count(one.unmade), ago(one.createdAt),
  ]));
  replace(root, heading("Storyboards"), rows.length ? table("Storyboards", COLUMNS, rows) : empty("No video belongs to a storyboard yet."));
}

export async function storyboard(root, context) {
  const id = context.parameters;
  const strip = el("ol", { class: "strip" });
  const screen = el("div", { class: "screen" });
  const head = el("div", {});
  let scenes = [];
  let waiting = null;
  replace(root, head, screen, strip);
  await load();
  const stop = listen({
    timeline: (line) => line.storyboardId === id && (waiting ??= setTimeout(load, GATHER_MS)),
    progress: ({ jobId, progress }) => {
      const bar = strip.querySelector(`[data-row="${jobId}"] progress`);
      if (bar) bar.value = progress;
    },
  });
  return () => {
    stop();
    clearTimeout(waiting);
  };

  async function load() {
    waiting = null;
    const found = await get(`/api/storyboards/${encodeURIComponent(id)}`);
    scenes = found.jobs;
    const there = scenes.filter((scene) => scene.status === "completed");
    const cost = scenes.reduce((sum, scene) => sum + (scene.costUsd ?? scene.costEstimateUsd), 0);
    const play = there.length ? el("button", { type: "button", class: "primary", onclick: playAll }, `Play all ${plural(there.length, "scene")} in order`) : null;
    replace(head, heading(id, el("span", { class: "quiet" }, `${found.counts.completed} of ${found.counts.total} stored · ${money(cost)}`), play));
    replace(strip, ...scenes.map(frame));
  }

  function playAll() {
    const list = scenes.filter((scene) => scene.status === "completed");
    const video = el("video", { class: "player", controls: true, playsinline: true, "aria-label": `All scenes of ${id}` });
    const label = el("p", { role: "status" });
    replace(screen, video, label);
    screen.scrollIntoView({ block: "start" });
    let at = -1;
    video.addEventListener("ended", next);
    next();

    function next() {
      at += 1;
      if (at >= list.length) return;
      label.textContent = `Scene ${at + 1} of ${list.length}: ${list[at].sceneId ?? list[at].prompt.slice(0, 80)}`;
      video.src = videoOf(list[at].jobId);
      video.play().catch(() => {});
    }
  }
}

function frame(scene) {
  return el("li", { class: "card frame", "data-row": scene.jobId },
    poster({ jobId: scene.jobId, hasPoster: scene.thumbnailUrl !== null }),
    el("a", { href: `/admin/jobs/${scene.jobId}` }, scene.sceneId ?? scene.prompt.slice(0, 60)),
    badge(scene.status, scene.stage),
    scene.stage === "generating" ? el("progress", { max: 100, value: scene.progress ?? 0, "aria-label": "Progress at the provider" }) : null,
    el("p", { class: "quiet" }, scene.errorMessage ?? scene.prompt.slice(0, 90)));
}
