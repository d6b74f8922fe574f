// The filters of the job list: real form controls whose values are the query of the address.

import { el } from "../dom.js";
import { words } from "../format.js";

const NAMES = ["q", "status", "stage", "provider", "model", "clientId", "storyboardId", "errorCode", "since", "until", "sort", "after"];
const SORTS = [["", "newest first"], ["oldest", "oldest first"], ["ended", "last ended first"]];
const TYPED_MS = 350;

/** The part of an address's query that the list knows. */
export function shownQuery(given) {
  return Object.fromEntries(NAMES.map((name) => [name, given.get(name) ?? ""]));
}

export function filters(choices, query, change) {
  const models = choices.models.filter((one) => !query.provider || one.provider === query.provider);
  const providers = [...new Set(choices.models.map((one) => one.provider))];
  const more = ["stage", "model", "clientId", "storyboardId", "errorCode", "since", "until"];
  const details = el("details", { open: more.some((name) => query[name]) },
    el("summary", {}, "More filters"),
    el("div", { class: "filters" },
      choice("stage", "Stage", choices.stages),
      choice("model", "Model", [...new Set(models.map((one) => one.model))]),
      choice("clientId", "Client", choices.clients.map((one) => [one.id, one.name])),
      typed("storyboardId", "Storyboard"),
      typed("errorCode", "Error code"),
      time("since", "Created since"),
      time("until", "Created until")));
  return el("form", { class: "search", role: "search", onsubmit: (event) => event.preventDefault() },
    el("div", { class: "filters" },
      typed("q", "Search in prompts, or a job's id", "search"),
      choice("status", "Status", choices.statuses),
      choice("provider", "Provider", providers),
      choice("sort", "Order", SORTS.slice(1), SORTS[0][1])),
    details);

  function choice(name, label, values, any = "any") {
    const options = values.map((value) => (Array.isArray(value) ? value : [value, words(value)]));
    const control = el("select", { name, onchange: () => change({ [name]: control.value }) },
      el("option", { value: "" }, any),
      ...options.map(([value, text]) => el("option", { value, selected: value === query[name] }, text)));
    return labelled(label, control);
  }

  function typed(name, label, type = "text") {
    let waiting;
    const control = el("input", { type, name, value: query[name], autocomplete: "off", oninput: () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => apply(), TYPED_MS);
    }, onchange: apply });
    return labelled(label, control);

    function apply() {
      clearTimeout(waiting);
      if (!control.isConnected || control.value === query[name]) return;
      const at = control.selectionStart;
      change({ [name]: control.value });
      refocus(name, at);
    }
  }

  function time(name, label) {
    const control = el("input", { type: "datetime-local", name, value: localTime(query[name]), onchange: () => {
      change({ [name]: control.value && new Date(control.value).toISOString() });
    } });
    return labelled(label, control);
  }
}

/** The page is made anew by a change; who types goes on typing. */
function refocus(name, at) {
  new MutationObserver((_, observer) => {
    const control = document.querySelector(`#main form.search [name=${name}]`);
    if (!control) return;
    observer.disconnect();
    control.focus();
    control.setSelectionRange(at, at);
  }).observe(document.getElementById("main"), { childList: true });
}

function localTime(text) {
  if (!text) return "";
  const at = new Date(text);
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const labelled = (label, control) => el("label", { class: "field" }, el("span", {}, label), control);
