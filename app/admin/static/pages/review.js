// Videos whose submission nobody can account for: what is known of each, and three ways out with their price.

import { get, post } from "../api.js";
import { el, replace } from "../dom.js";
import { ago, moment, money, words } from "../format.js";
import { listen } from "../live.js";
import { ask, confirm, field } from "../parts/dialog.js";
import { done, failed } from "../parts/notes.js";
import { empty, heading, loading } from "../parts/states.js";
import { row, table } from "../parts/table.js";

const SETTLED = ["needs_review", "resubmitted", "adopted_id", "failed", "cancelled"];
const CANDIDATES = ["Provider's id", "Made", "Status", "Compared with this request", "Actions"];

export async function review(root, context) {
  const inbox = el("div", {});
  replace(root, heading("Needs review"), inbox);
  await load();
  return listen({ timeline: (line) => SETTLED.includes(line.type) && load() });

  async function load() {
    const { jobs } = await get("/api/admin/review", { limit: 50 });
    const cards = jobs.map((job) => card(job, context, load));
    replace(inbox, ...(cards.length ? cards : [empty("Nothing waits for a decision.")]));
  }
}

function card(job, context, changed) {
  const known = el("div", {}, loading());
  get(`/api/admin/review/${job.jobId}`).then((seen) => replace(known, ...intent(job, seen, context, changed))).catch(failed);
  return el("article", { class: "card block", "data-row": job.jobId, "aria-label": `Decision about ${job.prompt.slice(0, 60)}` },
    el("h2", {}, el("a", { href: `/admin/jobs/${job.jobId}` }, job.prompt.slice(0, 140))),
    el("p", { class: "quiet" }, `${job.provider} · ${job.model} · waits since ${ago(job.reviewAt)}`),
    known,
    context.session.mayOperate ? decisions(job, changed) : null);
}

function intent(job, seen, context, changed) {
  const lines = [
    ["Sent", moment(seen.intentAt)], ["Could be answered until", moment(seen.deadlineAt)],
    ["What happened", [words(seen.errorCode ?? "no answer"), seen.errorMessage].filter(Boolean).join(": ")],
    ["Reserved for it", money(seen.costEstimateUsd)], ["Label", seen.label],
  ];
  const facts = el("dl", { class: "facts" }, ...lines.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  return [facts, candidates(job, seen, context, changed)];
}

function candidates(job, seen, context, changed) {
  if (seen.trouble) return el("p", { class: "quiet" }, seen.trouble);
  if (!seen.listed) return el("p", { class: "quiet" }, "This provider cannot list its videos: look in its console for one made at that time.");
  if (!seen.candidates.length) return el("p", { class: "quiet" }, "The provider shows no video of that time that is not ours already.");
  return table("Candidates at the provider", CANDIDATES, seen.candidates.map((one) => row(one.providerJobId, CANDIDATES, [
    el("code", {}, one.providerJobId), moment(one.createdAt), one.status, one.likeness,
    context.session.mayOperate ? el("button", { type: "button", onclick: () => adopt(job, one.providerJobId, changed) }, "Adopt") : "",
  ])));
}

function decisions(job, changed) {
  const price = money(job.costEstimateUsd);
  return el("div", { class: "buttons left" },
    el("button", { type: "button", onclick: () => adoptNamed(job, changed) }, "Adopt an id, at no further cost"),
    el("button", { type: "button", onclick: () => resubmit(job, changed) }, `Submit again for ${price}, may pay twice`),
    el("button", { type: "button", class: "danger", onclick: () => giveUp(job, changed) }, `Give up, ${price} counts as spent`));
}

async function adoptNamed(job, changed) {
  const id = el("input", { name: "id", required: true, autocomplete: "off" });
  const given = await ask("Adopt a video of the provider", "Adopt", field("The provider's id", id, "The provider is asked whether it shows this id to the key that submitted."));
  if (given) await adopt(job, given.get("id"), changed);
}

const adopt = (job, providerJobId, changed) => decide(job, { action: "adopt", providerJobId }, "Adopted: it is waited for and stored", changed);

async function resubmit(job, changed) {
  const price = money(job.costEstimateUsd);
  const text = `The first submission may have been accepted: then this pays ${price} a second time. What was reserved counts as spent.`;
  if (await confirm("Submit again?", `Submit again for ${price}`, el("p", {}, text))) {
    await decide(job, { action: "resubmit" }, "It is submitted again", changed);
  }
}

async function giveUp(job, changed) {
  const note = el("input", { name: "note", maxlength: 500, autocomplete: "off" });
  const given = await ask("Give up this video", "Give up", field("Why, for its timeline", note, `${money(job.costEstimateUsd)} counts as spent, since nobody knows that it was not.`));
  if (given) await decide(job, { action: "fail", note: given.get("note") || undefined }, "It is failed", changed);
}

const decide = (job, decision, text, changed) => done(() => post(`/api/admin/jobs/${job.jobId}/resolve`, decision), text, changed);
