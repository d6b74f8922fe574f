// What every page shows while it waits, where there is nothing, and where something failed.

import { el } from "../dom.js";
import { words } from "../format.js";

export const loading = () => el("p", { class: "quiet", role: "status" }, "Loading…");
export const empty = (text) => el("p", { class: "empty" }, text);

export function trouble(error, again) {
  const button = again && el("button", { type: "button", onclick: again }, "Try again");
  return el("div", { class: "trouble", role: "alert" }, el("p", {}, error.message), button);
}

/** A status in words and a colour; the stage where it says more. */
export function badge(status, stage = status) {
  return el("span", { class: `badge ${status}` }, words(stage));
}

export function heading(text, ...beside) {
  document.title = `${text} · Reelwork`;
  return el("div", { class: "heading" }, el("h1", {}, text), ...beside);
}
