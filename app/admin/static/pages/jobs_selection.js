// Which jobs are selected, those shown or all that match, and what can be done with them.

import { el, replace } from "../dom.js";
import { plural } from "../format.js";
import { act } from "../parts/bulk.js";

const ACTIONS = [["retry", "Retry"], ["cancel", "Cancel"], ["reprioritise", "Priority"], ["delete", "Delete"]];

export function selection(context, query, changed) {
  const picked = new Set();
  let shownIds = [];
  let whole = false;
  const bar = el("div", { class: "actions", role: "toolbar", "aria-label": "Actions on the selected videos", hidden: true });
  const all = el("input", { type: "checkbox", "aria-label": "Select all shown", onchange: () => pickShown(all.checked) });
  all.hidden = !context.session.mayOperate;
  return { bar, all, may: context.session.mayOperate, shown, toggle, has: (jobId) => picked.has(jobId), };

  function shown(ids) {
    shownIds = ids;
    picked.clear();
    whole = false;
    draw();
  }

  function toggle(jobId, is) {
    if (is) picked.add(jobId);
    else picked.delete(jobId);
    whole = false;
    draw();
  }

  function pickShown(is) {
    for (const box of document.querySelectorAll("[data-row] input[type=checkbox]")) box.checked = is;
    picked.clear();
    if (is) shownIds.forEach((jobId) => picked.add(jobId));
    whole = false;
    draw();
  }

  function draw() {
    bar.hidden = !picked.size || !context.session.mayOperate;
    all.checked = picked.size > 0 && picked.size === shownIds.length;
    all.indeterminate = picked.size > 0 && picked.size < shownIds.length;
    const label = whole ? "All that match are selected" : `${plural(picked.size, "video")} selected`;
    const matching = !whole && el("button", { type: "button", onclick: pickWhole }, "Select all that match");
    const buttons = ACTIONS.map(([action, name]) => el("button", { type: "button", onclick: () => run(action) }, name));
    replace(bar, el("span", { role: "status" }, label), matching || null, ...buttons);
  }

  function pickWhole() {
    whole = true;
    draw();
  }

  async function run(action) {
    if (await act(action, whole ? { filter: filterOf() } : { ids: [...picked] })) changed();
  }

  /** What comes in from now on is not part of what was looked at. */
  function filterOf() {
    const { sort, after, ...filter } = query;
    const given = Object.entries(filter).filter(([, value]) => value);
    return { until: new Date().toISOString(), ...Object.fromEntries(given) };
  }
}
