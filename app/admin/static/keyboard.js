// Keys: `/` search, `j` and `k` through a list, Enter opens, `g` and a letter goes to a page, `?` says all this.

import { el } from "./dom.js";
import { show } from "./parts/dialog.js";

const HELP = [
  ["/", "search"], ["j, k", "next and previous row"], ["Enter", "open the row"], ["x", "select the row"],
  ["g o", "overview"], ["g j", "jobs"], ["g r", "needs review"], ["g l", "lanes"], ["?", "this list"],
  ["Esc", "close, or leave a field"],
];
const PAGES = { o: "/admin", j: "/admin/jobs", r: "/admin/review", l: "/admin/lanes" };

export function listenToKeys(navigate) {
  let going = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const page = going && PAGES[event.key];
    going = event.key === "g";
    const handled = page ? navigate(page) ?? true : pressed(event.key);
    if (handled) event.preventDefault();
  });
}

function pressed(key) {
  switch (key) {
    case "/": return focus(document.querySelector("input[type=search]"));
    case "?": return help();
    case "j": return step(1);
    case "k": return step(-1);
    case "x": return current()?.querySelector("input[type=checkbox]")?.click() ?? Boolean(current());
    default: return false;
  }
}

const rows = () => [...document.querySelectorAll("[data-row]")];
const current = () => document.activeElement.closest?.("[data-row]");

function step(by) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
  return focus(next?.querySelector("a"));
}

function focus(node) {
  node?.focus();
  return Boolean(node);
}

function help() {
  const lines = HELP.map(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)]);
  show("Keyboard", el("dl", { class: "keys" }, ...lines.flat()));
  return true;
}
