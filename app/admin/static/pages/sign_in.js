// Sign-in with a key. The browser keeps a session for twelve hours, not the key.

import { post } from "../api.js";
import { el, replace } from "../dom.js";
import { field } from "../parts/dialog.js";

export function signIn(root, signedIn) {
  const key = el("input", { type: "password", name: "key", required: true, autocomplete: "current-password", spellcheck: "false" });
  const wrong = el("p", { class: "wrong", role: "alert" });
  const form = el("form", { class: "sign-in", onsubmit: submit },
    el("h1", {}, "Reelwork"),
    field("Key", key, "The admin key, or a key with the scope observe, operate or admin"),
    wrong,
    el("button", { type: "submit", class: "primary" }, "Sign in"));
  document.title = "Sign in · Reelwork";
  replace(root, form);
  key.focus();

  async function submit(event) {
    event.preventDefault();
    wrong.textContent = "";
    try {
      await post("/api/admin/session", { key: key.value });
      await signedIn();
    } catch (error) {
      wrong.textContent = error.message;
      key.select();
    }
  }
}
