// Clients, their keys and the provider keys they keep: made, changed, revoked. A new secret is shown once.

import { get, patch, post, remove } from "../api.js";
import { el, replace } from "../dom.js";
import { ago, count, moment, money } from "../format.js";
import { ask, confirm, field, show } from "../parts/dialog.js";
import { done, failed } from "../parts/notes.js";
import { empty, heading } from "../parts/states.js";
import { table } from "../parts/table.js";

const SCOPES = [
  ["generate", "asks for videos and spends"], ["read", "sees its client's own"], ["observe", "sees the whole installation"],
  ["operate", "runs the installation"], ["admin", "hands out keys"],
];
const CLIENTS = ["Client", ["Share"], ["Most queued"], ["Budget a day"], ["Budget a month"], "Actions"];
const KEYS = ["Key", "Client", "May", "Last used", "Ends", "Actions"];
const CREDENTIALS = ["Provider", "Key", "Client", "Came", "Since", "Actions"];
const PROVIDERS = ["sora", "veo", "omni"];

export async function accounts(root, context) {
  if (!context.session.mayAdminister) {
    return void replace(root, heading("Accounts"), empty("Clients and keys need a key with the scope admin."));
  }
  return load();

  async function load() {
    const [{ clients }, { keys }, { credentials }] = await Promise.all(["clients", "keys", "credentials"].map((name) => get(`/api/admin/${name}`)));
    const names = Object.fromEntries(clients.map((client) => [client.id, client.name]));
    replace(root, heading("Accounts"),
      part("Clients", "New client", () => newClient(load), table("Clients", CLIENTS, clients.map((one) => clientRow(one, load)))),
      part("API keys", "New key", () => newKey(clients, load), keys.length ? table("API keys", KEYS, keys.map((one) => keyRow(one, names, load))) : empty("Only the admin key is there yet.")),
      part("Provider keys", "Store a key", () => newCredential(clients, load), credentials.length ? table("Provider keys", CREDENTIALS, credentials.map((one) => credentialRow(one, names, load))) : empty("None is stored: the server's own accounts are used.")));
  }
}

const part = (title, label, add, content) => el("section", { class: "block" },
  el("div", { class: "heading" }, el("h2", {}, title), el("button", { type: "button", onclick: add }, label)), content);

const clientRow = (one, changed) => [one.name, one.weight, one.maxQueued === null ? "default" : count(one.maxQueued), money(one.budgetUsdPerDay), money(one.budgetUsdPerMonth),
  el("button", { type: "button", "aria-label": `Change ${one.name}`, onclick: () => changeClient(one, changed) }, "Change")];

function keyRow(one, names, changed) {
  const isOver = one.revokedAt || (one.expiresAt && Date.parse(one.expiresAt) < Date.now());
  const buttons = [
    el("button", { type: "button", "aria-label": `Replace ${one.name}`, onclick: () => rotate(one, changed) }, "Replace"),
    el("button", { type: "button", class: "danger", "aria-label": `Revoke ${one.name}`, onclick: () => revoke("key", "keys", one, changed) }, "Revoke"),
  ];
  return [[one.name, " ", el("code", {}, `${one.prefix}…`)], names[one.clientId], one.scopes.join(", "), one.lastUsedAt ? ago(one.lastUsedAt) : "never",
    one.revokedAt ? "revoked" : moment(one.expiresAt), isOver ? "" : el("div", { class: "row" }, ...buttons)];
}

const credentialRow = (one, names, changed) => [[one.provider, el("div", { class: "quiet" }, one.baseUrl)], el("code", {}, `…${one.last4}`), names[one.clientId],
  { stored: "stored", call: "with a call", server: "the server's own" }[one.source] ?? one.source, moment(one.createdAt),
  one.revokedAt ? "revoked" : el("button", { type: "button", class: "danger", "aria-label": `Revoke the key ${one.last4}`, onclick: () => revoke("provider key", "credentials", one, changed) }, "Revoke")];

async function newClient(changed) {
  const given = await ask("New client", "Make it", ...clientFields({ name: "", weight: 1 }));
  if (given) await done(() => post("/api/admin/clients", { name: given.get("name"), weight: Number(given.get("weight")) }), "The client is made", changed);
}

async function changeClient(one, changed) {
  const limits = [["maxQueued", "Most queued videos", "Empty is the environment's", "1"], ["budgetUsdPerDay", "Budget a day, USD", "Empty is none", "0.01"], ["budgetUsdPerMonth", "Budget a month, USD", "Empty is none", "0.01"]];
  const controls = limits.map(([name, label, hint, step]) => field(label, el("input", { type: "number", name, min: 0, step, value: one[name] ?? "" }), hint));
  const given = await ask(`Change ${one.name}`, "Save", ...clientFields(one), ...controls);
  if (!given) return;
  const wanted = { name: given.get("name"), weight: Number(given.get("weight")), ...Object.fromEntries(limits.map(([name]) => [name, given.get(name) === "" ? null : Number(given.get(name))])) };
  const members = Object.entries(wanted).filter(([name, value]) => value !== one[name]);
  if (members.length) await done(() => patch(`/api/admin/clients/${one.id}`, Object.fromEntries(members)), "Saved", changed);
}

const clientFields = (one) => [
  field("Name", el("input", { name: "name", required: true, maxlength: 200, value: one.name, autocomplete: "off" })),
  field("Share of a lane", el("input", { type: "number", name: "weight", min: 0.01, step: 0.01, required: true, value: one.weight }), "Twice the share, twice the starts"),
];

async function newKey(clients, changed) {
  const boxes = SCOPES.map(([scope, what]) => el("label", { class: "choice" }, el("input", { type: "checkbox", name: "scope", value: scope }), ` ${scope}: ${what}`));
  const given = await ask("New key", "Make it",
    field("Name", el("input", { name: "name", required: true, maxlength: 200, autocomplete: "off" })),
    field("Client", el("select", { name: "client" }, ...clients.map((one) => el("option", {}, one.name)))),
    el("fieldset", {}, el("legend", {}, "May"), ...boxes),
    field("Ends", el("input", { type: "datetime-local", name: "ends" }), "Empty is never"));
  if (!given) return;
  const ends = given.get("ends") ? new Date(given.get("ends")).toISOString() : undefined;
  const body = { name: given.get("name"), client: given.get("client"), scopes: given.getAll("scope"), expiresAt: ends };
  await shownOnce(() => post("/api/admin/keys", body), changed);
}

async function rotate(one, changed) {
  const text = "A new key of the same client and scopes. The old one opens everything for one more day.";
  if (await confirm(`Replace ${one.name}?`, "Replace", el("p", {}, text))) await shownOnce(() => post(`/api/admin/keys/${one.id}/rotate`, {}), changed);
}

async function shownOnce(work, changed) {
  try {
    const { key } = await work();
    await show("The new key", el("p", {}, "It is shown this once. Copy it now."), el("pre", { class: "secret" }, key));
    await changed();
  } catch (error) {
    failed(error);
  }
}

async function newCredential(clients, changed) {
  const given = await ask("Store a provider key", "Store it",
    field("Provider", el("select", { name: "provider" }, ...PROVIDERS.map((name) => el("option", {}, name)))),
    field("Key", el("input", { type: "password", name: "key", required: true, autocomplete: "off" }), "The provider is asked whether it takes it. It never comes out again."),
    field("Client", el("select", { name: "clientId" }, ...clients.map((one) => el("option", { value: one.id }, one.name)))));
  if (given) await done(() => post("/api/admin/credentials", Object.fromEntries(given)), "The key is stored", changed);
}

async function revoke(what, path, one, changed) {
  const text = path === "keys" ? "It opens nothing from this second on." : "No new video uses it; those accepted with it go on.";
  if (await confirm(`Revoke this ${what}?`, "Revoke", el("p", {}, text))) await done(() => remove(`/api/admin/${path}/${one.id}`), "Revoked", changed);
}
