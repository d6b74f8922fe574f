// The frame around all pages: session, navigation, live connection, theme and keys.

import { get, remove, whenSignedOut } from "./api.js";
import { el, replace } from "./dom.js";
import { listenToKeys } from "./keyboard.js";
import * as live from "./live.js";
import { failed } from "./parts/notes.js";
import { loading, trouble } from "./parts/states.js";
import { signIn } from "./pages/sign_in.js";
import { ROUTES, routeOf } from "./routes.js";
import * as theme from "./theme.js";

const main = document.getElementById("main");
const bar = document.getElementById("bar");
let session = null;
let leave = () => {};

/** Go to an address of the dashboard; `replaced` puts it in place of the present one in the history. */
function navigate(address, { replaced = false } = {}) {
  history[replaced ? "replaceState" : "pushState"]({}, "", address);
  open();
}

async function open() {
  leave();
  leave = () => {};
  const { page, parameters } = routeOf(location.pathname);
  markCurrent();
  replace(main, loading());
  const context = { session, parameters, query: new URLSearchParams(location.search), navigate };
  const address = location.href;
  try {
    const made = await page(main, context);
    if (location.href === address) leave = made ?? leave;
    else made?.();
  } catch (error) {
    replace(main, trouble(error, open));
  }
}

async function begin() {
  try {
    session = await get("/api/admin/session");
  } catch (error) {
    return replace(main, trouble(error, begin));
  }
  if (!session.signedIn) return askForKey();
  replace(bar, ...frame());
  bar.hidden = false;
  live.start(showLive);
  return open();
}

function askForKey() {
  leave();
  leave = () => {};
  live.stop();
  session = null;
  bar.hidden = true;
  signIn(main, begin);
}

function frame() {
  const links = ROUTES.filter((route) => route.label).map((route) => el("a", { href: route.path }, route.label));
  const switcher = el("button", { type: "button", onclick: switchTheme, class: "plain" }, themeLabel());
  return [
    el("a", { href: "/admin", class: "brand" }, el("img", { src: "/admin/static/reel.svg", alt: "", width: 22, height: 22 }), "Reelwork"),
    el("nav", { "aria-label": "Pages" }, ...links),
    el("div", { class: "who" },
      el("span", { id: "live", class: "live", role: "status" }, "connecting"),
      el("span", { class: "quiet" }, session.mayOperate ? session.key : `${session.key}, read only`),
      switcher,
      el("button", { type: "button", onclick: signOut, class: "plain" }, "Sign out")),
  ];
}

const themeLabel = () => `Theme: ${theme.theme()}`;

function switchTheme(event) {
  theme.choose(theme.next());
  event.currentTarget.textContent = themeLabel();
}

function showLive(state) {
  const shown = document.getElementById("live");
  if (shown) replace(shown, { live: "live", waiting: "reconnecting", off: "not live" }[state]).dataset.state = state;
}

async function signOut() {
  try {
    await remove("/api/admin/session");
    askForKey();
  } catch (error) {
    failed(error);
  }
}

function markCurrent() {
  const { path } = routeOf(location.pathname);
  for (const link of bar.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === path) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='/admin']");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  navigate(link.getAttribute("href"));
  window.scrollTo(0, 0);
});
window.addEventListener("popstate", open);
whenSignedOut(askForKey);
listenToKeys(navigate);
theme.apply();
begin();
