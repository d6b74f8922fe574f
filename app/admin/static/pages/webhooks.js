// What callers were told, what they were not, and the addresses that are switched off.

import { get, post, put } from "../api.js";
import { el, replace } from "../dom.js";
import { ago, moment } from "../format.js";
import { ask, confirm, field, show } from "../parts/dialog.js";
import { done, failed } from "../parts/notes.js";
import { badge, empty, heading } from "../parts/states.js";
import { row, table } from "../parts/table.js";

const ENDPOINTS = ["Address", "State", ["Failures"], "Failing since"];
const DELIVERIES = ["Video", "Event", "Address", "State", ["Tries"], "Last answer", "When", "Actions"];
const COLOURS = { delivered: "good", pending: "busy", given_up: "bad" };

export async function webhooks(root, context) {
  const may = context.session.scopes.includes("generate");
  return load();

  async function load() {
    const [found, own] = await Promise.all([get("/api/admin/webhooks", { limit: 100 }), get("/api/webhooks")]);
    const buttons = may ? [button("Address", () => address(own, load)), button("New secret", () => secret(load))] : [];
    replace(root, heading("Webhooks"),
      el("section", { class: "block" }, el("div", { class: "heading" }, el("h2", {}, "This key's client"), ...buttons),
        el("p", {}, own.url ? `Told at ${own.url}. ` : "No address is set. ", own.hasSecret ? "Messages are signed." : "There is no secret yet.")),
      el("section", { class: "block" }, el("h2", {}, "Addresses of all clients"), found.endpoints.length ? table("Addresses", ENDPOINTS, found.endpoints.map(endpointRow)) : empty("Nobody was told yet.")),
      el("section", {}, el("h2", {}, "Deliveries"), found.deliveries.length ? table("Deliveries", DELIVERIES, found.deliveries.map((one) => deliveryRow(one, may, load))) : empty("No message yet.")));
  }
}

const button = (label, onclick) => el("button", { type: "button", onclick }, label);

const endpointRow = (one) => [one.url, one.disabledAt ? [badge("bad", "switched off"), ` ${one.disabledReason}`] : badge("good", "on"), one.failures, one.failingSince ? ago(one.failingSince) : "–"];

const deliveryRow = (one, may, changed) => row(one.id, DELIVERIES, [
  el("a", { href: `/admin/jobs/${one.jobId}` }, one.jobId.slice(0, 8)), one.type, one.url, badge(COLOURS[one.status], one.status), one.attempts,
  [one.lastStatus, one.lastError].filter(Boolean).join(": "), el("time", { datetime: one.createdAt, title: moment(one.createdAt) }, ago(one.createdAt)),
  may ? el("button", { type: "button", "aria-label": `Send the message about ${one.jobId} again`, onclick: () => again(one, changed) }, "Send again") : "",
]);

async function address(own, changed) {
  const url = el("input", { type: "url", name: "url", value: own.url ?? "", placeholder: "https://…", autocomplete: "off" });
  const given = await ask("Where this client is told", "Save", field("Address", url, "Empty tells nobody"));
  if (given) await done(() => put("/api/webhooks", { url: given.get("url") || null }), "Saved", changed);
}

async function secret(changed) {
  if (!(await confirm("A new signing secret?", "Make it", el("p", {}, "The one before it signs along for a day.")))) return;
  try {
    const made = await post("/api/webhooks/secret", {});
    await show("The new secret", el("p", {}, "It is shown this once. Copy it now."), el("pre", { class: "secret" }, made.secret));
    await changed();
  } catch (error) {
    failed(error);
  }
}

const again = (one, changed) => done(() => post(`/api/webhooks/deliveries/${one.id}/replay`, {}), "The message goes out once more, under a new id", changed);
