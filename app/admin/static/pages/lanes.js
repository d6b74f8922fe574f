// Lanes and their limits, and the one switch for all spending.

import { get, patch, post } from "../api.js";
import { el, replace } from "../dom.js";
import { ask, field } from "../parts/dialog.js";
import { done, failed } from "../parts/notes.js";
import { empty, heading } from "../parts/states.js";
import { lanesTable, nameOf } from "./lanes_table.js";

const EVERY_MS = 5000;
const LIMITS = [
  ["ratePerMinute", "Starts a minute", "0 is no limit; empty is the environment's"],
  ["maxInFlight", "Videos in flight", "0 is no limit; empty is the environment's"],
  ["requestsPerSecond", "Polls and lists a second", "Empty is the environment's"],
  ["budgetUsdPerDay", "Budget a day, USD", "Empty is none"],
  ["budgetUsdPerMonth", "Budget a month, USD", "Empty is none"],
];

export async function lanes(root, context) {
  await load();
  const timer = setInterval(() => document.activeElement?.closest("table") ?? load().catch(failed), EVERY_MS);
  return () => clearInterval(timer);

  async function load() {
    const found = await get("/api/admin/lanes");
    const edit = context.session.mayOperate ? (lane) => settings(lane, load) : null;
    replace(root, heading("Lanes", context.session.mayOperate ? spending(found, load) : null),
      found.paused ? el("p", { class: "banner bad" }, `All spending is paused: ${found.pauseReason}`) : null,
      found.lanes.length ? lanesTable(found, context, edit, load) : empty("A lane comes with the first video of a provider's key."));
  }
}

function spending(found, changed) {
  const label = found.paused ? "Resume all spending" : "Pause all spending";
  return el("button", { type: "button", class: found.paused ? "primary" : "danger", onclick: () => (found.paused ? resume(changed) : pause(changed)) }, label);
}

async function pause(changed) {
  const reason = el("input", { name: "reason", maxlength: 500, autocomplete: "off" });
  const given = await ask("Pause all spending?", "Pause", field("Reason", reason, "Nothing new starts, over restarts too. What runs is waited for and collected."));
  if (given) await done(() => post("/api/admin/pause", { reason: given.get("reason") || undefined }), "All spending is paused", changed);
}

const resume = (changed) => done(() => post("/api/admin/resume", {}), "Spending goes on", changed);

async function settings(lane, changed) {
  const controls = LIMITS.map(([name, label, hint]) => field(label, el("input", { type: "number", name, min: 0, step: name.startsWith("budget") ? "0.01" : "1", value: lane[name] ?? "" }), hint));
  const policy = el("select", { name: "policy" }, ...[["", "the provider's usual"], ["review", "review: a person decides"], ["resubmit", "resubmit: may pay twice"]]
    .map(([value, text]) => el("option", { value, selected: (lane.policy ?? "") === value }, text)));
  const given = await ask(`Settings of ${nameOf(lane)}`, "Save", ...controls, field("Where an outcome cannot be known", policy));
  if (!given) return;
  const wanted = Object.fromEntries(LIMITS.map(([name]) => [name, given.get(name) === "" ? null : Number(given.get(name))]));
  const changedOnly = Object.entries({ ...wanted, policy: given.get("policy") || null }).filter(([name, value]) => value !== lane[name]);
  if (changedOnly.length) await done(() => patch(`/api/admin/lanes/${lane.id}`, Object.fromEntries(changedOnly)), "Saved; it holds within a second", changed);
}
