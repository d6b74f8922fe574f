// All jobs. What is filtered, searched, sorted and paged stands in the address; rows change in place and never jump.

import { get } from "../api.js";
import { el, replace } from "../dom.js";
import { filters, shownQuery } from "./jobs_filters.js";
import { rowOf, TITLES } from "./jobs_rows.js";
import { selection } from "./jobs_selection.js";
import { watchRows } from "./jobs_watch.js";
import { empty, heading, loading, trouble } from "../parts/states.js";

const PAGE = 50;

export async function jobs(root, context) {
  const choices = await get("/api/admin/choices");
  const query = shownQuery(context.query);
  const list = el("div", {});
  const fresh = el("button", { type: "button", class: "fresh", hidden: true, onclick: () => load() });
  const chosen = selection(context, query, () => load());
  replace(root, heading("Jobs", fresh), filters(choices, query, change), chosen.bar, list);
  const rows = new Map();
  const stop = watchRows(rows, chosen, fresh, query);
  await load();
  return stop;

  function change(members) {
    context.navigate(`/admin/jobs${addressOf({ ...query, after: "", ...members })}`);
  }

  async function load() {
    replace(list, loading());
    fresh.hidden = true;
    try {
      show(await get("/api/admin/jobs", { ...query, limit: PAGE }));
    } catch (error) {
      replace(list, trouble(error, load));
    }
  }

  function show(found) {
    rows.clear();
    for (const job of found.jobs) rows.set(job.jobId, rowOf(job, chosen));
    chosen.shown([...rows.keys()]);
    if (!found.jobs.length) return replace(list, empty(query.after ? "No more videos." : "No video matches."));
    return replace(list, table([...rows.values()]), pages(found.nextCursor));
  }

  function table(shown) {
    const head = el("tr", {}, el("th", { scope: "col" }, chosen.all), ...TITLES.map((title) => el("th", { scope: "col" }, title)));
    return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Jobs" },
      el("table", { class: "jobs" }, el("thead", {}, head), el("tbody", {}, ...shown)));
  }

  function pages(next) {
    const first = query.after && el("a", { href: `/admin/jobs${addressOf({ ...query, after: "" })}` }, "First page");
    const following = next && el("a", { href: `/admin/jobs${addressOf({ ...query, after: next })}`, rel: "next" }, "Next page");
    return el("nav", { class: "pages", "aria-label": "Pages of jobs" }, first || null, following);
  }
}

function addressOf(query) {
  const given = Object.entries(query).filter(([, value]) => value);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
