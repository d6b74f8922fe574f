// One way to act on jobs, one or many: what it would do and cost is said first, then it is done piece by piece.

import { post } from "../api.js";
import { el } from "../dom.js";
import { bytes, count, money, plural, words } from "../format.js";
import { confirm, field } from "./dialog.js";
import { failed, said } from "./notes.js";

const PATH = "/api/admin/jobs/bulk";
const DONE = { retry: "taken up again", cancel: "cancelled", reprioritise: "moved", delete: "deleted" };
export const PRIORITIES = ["0 – first", "1", "2 – usual", "3", "4 – last"];

/** `chosen` is `{ids}` or `{filter}`. Resolves to true where something may have changed. */
export async function act(action, chosen) {
  try {
    const wish = { action, ...chosen, ...(action === "reprioritise" ? { priority: 2 } : {}) };
    const forecast = await post(PATH, { ...wish, dryRun: true });
    const options = optionsOf(action, forecast);
    const agreed = await confirm(titleOf(action, forecast), labelOf(action, forecast), ...tell(action, forecast), ...options.fields);
    if (!agreed) return false;
    await carryOut({ ...wish, ...options.read() }, forecast.affected);
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

function titleOf(action, forecast) {
  return `${capital(action)} ${plural(forecast.affected, "video")}?`;
}

const labelOf = (action, forecast) =>
  action === "retry" && forecast.costUsd ? `Retry for ${money(forecast.costUsd)}` : capital(action);

function tell(action, forecast) {
  const lines = [`${plural(forecast.matched, "video")} match; ${count(forecast.affected)} of them can be acted on.`];
  if (action === "retry") {
    const free = forecast.affected - forecast.paidRetries;
    lines.push(`${count(free)} go on with what is already paid for, at no cost.`);
    lines.push(`${count(forecast.paidRetries)} are submitted anew, for ${money(forecast.costUsd)}.`);
  }
  if (action === "cancel" && forecast.alreadyPaid) {
    lines.push(`${plural(forecast.alreadyPaid, "video")} worth ${money(forecast.alreadyPaidUsd)} are under way: what the provider cannot stop stays paid for.`);
  }
  if (action === "delete") lines.push(`Their files go too: ${bytes(forecast.bytes)}. This cannot be undone.`);
  const stages = Object.entries(forecast.byStage).map(([stage, jobs]) => `${words(stage)} ${count(jobs)}`);
  return [el("ul", {}, ...lines.map((line) => el("li", {}, line))), el("p", { class: "quiet" }, stages.join(" · "))];
}

function optionsOf(action, forecast) {
  if (action === "reprioritise") {
    const choice = el("select", { name: "priority" }, ...PRIORITIES.map((name, value) => el("option", { value: String(value), selected: value === 2 }, name)));
    return { fields: [field("New priority", choice)], read: () => ({ priority: Number(choice.value) }) };
  }
  if (action === "cancel" && forecast.alreadyPaid) {
    const box = el("input", { type: "checkbox", name: "discard" });
    const label = el("label", { class: "choice" }, box, " End also what is already paid for, and discard it");
    return { fields: [label], read: () => ({ discard: box.checked }) };
  }
  return { fields: [], read: () => ({}) };
}

async function carryOut(wish, expected) {
  let done = 0;
  const refused = {};
  for (let after; after !== null; ) {
    const piece = await post(PATH, { ...wish, after });
    done += piece.done.length;
    for (const [code, jobs] of Object.entries(piece.refusedBy ?? {})) refused[code] = (refused[code] ?? 0) + jobs;
    after = piece.nextAfter;
    if (after) said(`${count(done)} of ${count(expected)} ${DONE[wish.action]}…`);
  }
  const reasons = Object.entries(refused).map(([code, jobs]) => `${count(jobs)} refused: ${words(code)}`);
  said([`${plural(done, "video")} ${DONE[wish.action]}`, ...reasons].join("; "));
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);
