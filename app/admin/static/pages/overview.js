// Is it healthy, what is stuck and why, what does it cost: in words first, then in figures.

import { get } from "../api.js";
import { el, replace } from "../dom.js";
import { between, bytes, count, duration, money, words } from "../format.js";
import { listen } from "../live.js";
import { heading, loading, trouble } from "../parts/states.js";
import { table } from "../parts/table.js";
import { lanesTable } from "./lanes_table.js";
import { historyOf } from "./overview_history.js";

const EVERY_MS = 5000;
const GATHER_MS = 800;
const SPANS = ["hour", "day", "week"];
const WORKERS = ["Worker", ["In flight"], ["Heartbeat"], ["Memory"], ["Up"], "Version"];
const STAGES = ["queued", "submitting", "generating", "collecting", "needs_review"];

export async function overview(root, context) {
  const span = SPANS.includes(context.query.get("span")) ? context.query.get("span") : "hour";
  const now = el("div", {}, loading());
  const past = el("div", {}, loading());
  replace(root, heading("Overview"), now, spans(span), past);
  await Promise.all([look(), remember()]);
  let gathering = null;
  const timers = [setInterval(look, EVERY_MS), setInterval(remember, EVERY_MS * 6)];
  const stop = listen({ timeline: () => (gathering ??= setTimeout(both, GATHER_MS)) });
  return () => {
    timers.forEach(clearInterval);
    clearTimeout(gathering);
    stop();
  };

  function both() {
    gathering = null;
    look();
    if (span === "hour") remember();
  }

  async function look() {
    try {
      const [seen, found] = await Promise.all([get("/api/admin/overview"), get("/api/admin/lanes")]);
      replace(now, banner(seen), figures(seen), lanes(found, seen, context), workers(seen.workers));
    } catch (error) {
      replace(now, trouble(error, look));
    }
  }

  async function remember() {
    try {
      replace(past, ...historyOf(await get("/api/admin/history", { span })));
    } catch (error) {
      replace(past, trouble(error, remember));
    }
  }
}

function banner(seen) {
  if (!seen.advice.some((one) => one.level !== "note")) {
    return el("section", { class: "banner good", "aria-label": "Health" }, el("strong", {}, "All is well."), notes(seen.advice));
  }
  const worst = seen.advice[0].level;
  return el("section", { class: `banner ${worst}`, "aria-label": "Health" },
    el("strong", {}, worst === "bad" ? "Something needs you." : "Worth a look."), notes(seen.advice));
}

function notes(advice) {
  if (!advice.length) return null;
  return el("ul", {}, ...advice.map((one) => el("li", {}, one.text, " ", one.page && el("a", { href: one.page }, "Go there"))));
}

function figures(seen) {
  const stages = STAGES.map((stage) => figure(words(stage), count(seen.stages[stage] ?? 0), `/admin/jobs?stage=${stage}`));
  const oldest = seen.oldestWaitingSeconds;
  const spent = seen.budgetUsdPerDay ? `of ${money(seen.budgetUsdPerDay)} today` : "today, no budget set";
  return el("section", { class: "grid small", "aria-label": "Now" }, ...stages,
    figure("waits longest", oldest === null ? "–" : duration(oldest), "/admin/jobs?stage=queued&sort=oldest"),
    figure(spent, money(seen.spentTodayUsd), null, seen.budgetUsdPerDay && el("meter", { min: 0, max: seen.budgetUsdPerDay, high: seen.budgetUsdPerDay * 0.8, value: seen.spentTodayUsd, "aria-label": "Spend of today against the budget" })));
}

function figure(label, value, href = null, below = null) {
  const inside = [el("div", { class: "value" }, value), el("div", { class: "quiet" }, label), below];
  return href ? el("a", { class: "card figure", href }, ...inside) : el("div", { class: "card figure" }, ...inside);
}

function lanes(found, seen, context) {
  const shown = found.lanes.length ? lanesTable(found, context) : el("p", { class: "quiet" }, "No lane yet: it comes with the first video.");
  return el("section", { class: "block" }, el("h2", {}, "Lanes"), shown);
}

function workers(living) {
  const rows = living.map((one) => [
    `${one.host} · ${one.pid}${one.draining ? " (leaving)" : ""}`, `${count(one.inFlight)} of ${count(one.capacity)}`,
    `${one.heartbeatAgeSeconds.toFixed(1)} s ago`, bytes(one.rssBytes), duration(between(one.startedAt, new Date().toISOString())), one.version,
  ]);
  const shown = rows.length ? table("Workers", WORKERS, rows) : el("p", { class: "quiet" }, "None is alive.");
  return el("section", { class: "block" }, el("h2", {}, "Workers"), shown);
}

function spans(current) {
  const links = SPANS.map((span) => el("a", { href: `/admin?span=${span}`, "aria-current": span === current && "true" }, `Last ${span}`));
  return el("nav", { class: "tabs", "aria-label": "Span of the charts" }, ...links);
}
