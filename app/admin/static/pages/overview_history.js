// The charts of the last hour, day or week.

import { el } from "../dom.js";
import { count, duration, money } from "../format.js";
import { bars, line } from "../parts/chart.js";

const SHORT = { hour: { timeStyle: "short" }, day: { timeStyle: "short" }, week: { weekday: "short", hour: "numeric" } };
const ENDS = [
  { name: "completed", color: "completed", of: (one) => one.completed },
  { name: "failed", color: "failed", of: (one) => one.failed },
  { name: "cancelled", color: "cancelled", of: (one) => one.cancelled },
];
const SPEND = [{ name: "USD", color: "completed", of: (one) => one.usd }];

export function historyOf(seen) {
  const format = new Intl.DateTimeFormat(undefined, SHORT[seen.span]);
  const at = (bucket) => format.format(new Date(bucket.at));
  return [
    el("section", { class: "grid", "aria-label": "History" },
      el("div", { class: "card" }, bars("Ended", seen.buckets, ENDS, at)),
      el("div", { class: "card" }, line("Time to finish, median", seen.buckets, (one) => one.medianSeconds, at, duration)),
      el("div", { class: "card" }, el("h2", {}, "In that time"), facts(seen)),
      el("div", { class: "card" }, el("h2", {}, "Failures by reason"), failures(seen.failures)),
      el("div", { class: "card" }, bars("Spend by day (UTC)", seen.spent, SPEND, (one) => one.day.slice(5)))),
  ];
}

function facts({ took }) {
  const lines = [
    ["Completed", count(took.completed)], ["Failed", count(took.failed)], ["Cancelled", count(took.cancelled)],
    ["Throughput", `${count(took.perHour)} an hour`], ["Half are there within", duration(took.medianSeconds)],
    ["95 of 100 within", duration(took.slowSeconds)],
  ];
  return el("dl", { class: "facts" }, ...lines.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function failures(found) {
  if (!found.length) return el("p", { class: "quiet" }, "Nothing failed.");
  const most = found[0].jobs;
  return el("ul", { class: "reasons" }, ...found.map((one) => el("li", {},
    el("a", { href: `/admin/jobs?status=failed&errorCode=${encodeURIComponent(one.code)}` }, one.code),
    el("meter", { min: 0, max: most, value: one.jobs, "aria-label": `${one.code}: ${one.jobs}` }),
    el("span", { class: "number" }, count(one.jobs)))));
}
