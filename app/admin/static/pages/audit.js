// Who did what, and to what.

import { get } from "../api.js";
import { el, replace } from "../dom.js";
import { ago, moment } from "../format.js";
import { empty, heading } from "../parts/states.js";

export async function audit(root, context) {
  const before = context.query.get("before");
  const found = await get("/api/admin/audit", { before, target: context.query.get("target") });
  const more = found.nextBefore && el("a", { href: `/admin/audit?before=${found.nextBefore}` }, "Older");
  replace(root, heading("Audit"), found.lines.length ? auditTable(found.lines) : empty("Nobody has done anything yet."),
    el("nav", { class: "pages", "aria-label": "Pages of the log" }, more));
}

export function auditTable(lines) {
  const titles = ["When", "Who", "What", "On what", "How"].map((title) => el("th", { scope: "col" }, title));
  const rows = lines.map((line) => el("tr", { "data-row": line.id },
    el("td", {}, el("time", { datetime: line.at, title: moment(line.at) }, ago(line.at))),
    el("td", {}, line.who),
    el("td", {}, line.action),
    el("td", {}, target(line)),
    el("td", {}, el("code", {}, Object.keys(line.data).length ? JSON.stringify(line.data) : ""))));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Audit log" },
    el("table", {}, el("thead", {}, el("tr", {}, ...titles)), el("tbody", {}, ...rows)));
}

function target(line) {
  if (line.target && /jobs|queue|video/.test(line.action)) return el("a", { href: `/admin/jobs/${line.target}` }, line.target);
  return line.target ?? "";
}
