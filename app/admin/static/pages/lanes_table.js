// Lanes with what holds them back, and the switch that pauses them.

import { patch } from "../api.js";
import { el } from "../dom.js";
import { count, money } from "../format.js";
import { failed, said } from "../parts/notes.js";
import { table } from "../parts/table.js";

const COLUMNS = ["Lane", "State", ["In flight"], ["Waiting"], ["Rate"], "Switch"];

/** `edit(lane)`, where given, adds a button for a lane's settings. */
export function lanesTable(found, context, edit = null, changed = () => {}) {
  return table("Lanes", COLUMNS, found.lanes.map((lane) => [
    [nameOf(lane), el("div", { class: "quiet" }, lane.baseUrl)],
    state(lane, found.paused),
    `${count(lane.inFlight)} of ${limit(lane.maxInFlight)}`,
    count(lane.queued),
    lane.ratePerMinute ? `${limit(lane.ratePerMinute)} / min` : limit(lane.ratePerMinute),
    el("div", { class: "row" }, context.session.mayOperate ? switchOf(lane, changed) : null, edit && el("button", { type: "button", onclick: () => edit(lane) }, "Settings")),
  ]));
}

export const nameOf = (lane) => [lane.server ?? lane.provider, lane.keyLast4 && `…${lane.keyLast4}`].filter(Boolean).join(" ");

const limit = (value) => (value === null ? "default" : value ? count(value) : "no limit");

function state(lane, allPaused) {
  if (allPaused) return el("span", { class: "badge bad" }, "all paused");
  if (lane.breaker !== "closed") return el("span", {}, el("span", { class: "badge bad" }, `breaker ${lane.breaker.replace("_", " ")}`), " ", lane.breakerReason);
  if (lane.paused) return el("span", {}, el("span", { class: "badge warn" }, "paused"), " ", lane.pauseReason);
  if (lane.blockedUntil && Date.parse(lane.blockedUntil) > Date.now()) return el("span", {}, el("span", { class: "badge warn" }, "waits"), " ", lane.blockedReason);
  const budget = lane.budgetUsdPerDay === null ? null : el("div", { class: "quiet" }, `${money(lane.budgetUsdPerDay)} a day`);
  return el("span", {}, el("span", { class: "badge good" }, "open"), budget);
}

function switchOf(lane, changed) {
  const button = el("button", { type: "button", role: "switch", "aria-checked": String(!lane.paused), "aria-label": `${nameOf(lane)} starts videos`, class: "switch", onclick: flip },
    lane.paused ? "Resume" : "Pause");
  return button;

  async function flip() {
    button.disabled = true;
    try {
      await patch(`/api/admin/lanes/${lane.id}`, { paused: !lane.paused });
      said(lane.paused ? "The lane starts videos again" : "The lane starts nothing new; what runs is waited for");
      lane.paused = !lane.paused;
      button.replaceWith(switchOf(lane, changed));
      changed();
    } catch (error) {
      failed(error);
      button.disabled = false;
    }
  }
}
