// Who did what, and to what.

import { get } from "../api.js";
import { el, replace } from "../dom.js";
import { ago, moment } from "../format.js";
import { empty, heading } from "../parts/states.js";
import { table } from "../parts/table.js";

const COLUMNS = ["When", "Who", "What", "On what", "How"];

export async function audit(root, context) {
  const before = context.query.get("before");
  const found = await get("/api/admin/audit", { before, target: context.query.get("target") });
  const more = found.nextBefore && el("a", { href: `/admin/audit?before=${found.nextBefore}` }, "Older");
  replace(root, heading("Audit"), found.lines.length ? auditTable(found.lines) : empty("Nobody has done anything yet."),
    el("nav", { class: "pages", "aria-label": "Pages of the log" }, more));
}

export function auditTable(lines) {
  return table("Audit log", COLUMNS, lines.map((line) => [
    el("time", { datetime: line.at, title: moment(line.at) }, ago(line.at)), line.who, line.action, target(line),
    el("code", {}, Object.keys(line.data).length ? JSON.stringify(line.data) : ""),
  ]));
}

function target(line) {
  if (line.target && /jobs|queue|video/.test(line.action)) return el("a", { href: `/admin/jobs/${line.target}` }, line.target);
  return line.target ?? "";
}
