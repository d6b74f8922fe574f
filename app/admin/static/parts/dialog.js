// Dialogs of the browser itself: it keeps the focus inside and gives it back.

import { el } from "../dom.js";

/** A dialog with one button that closes it. */
export function show(title, ...content) {
  return opened(title, content, [el("button", { type: "submit", class: "primary" }, "Close")]);
}

/** Resolves to true where the person confirms; `action` is what the button says. */
export function confirm(title, action, ...content) {
  const buttons = [
    el("button", { type: "submit", value: "" }, "Keep as it is"),
    el("button", { type: "submit", value: "yes", class: "primary" }, action),
  ];
  return opened(title, content, buttons).then((value) => value === "yes");
}

/** Resolves to the fields of the form, or to null where it was closed. `fields` are labelled controls with names. */
export function ask(title, action, ...fields) {
  const buttons = [
    el("button", { type: "submit", value: "", formnovalidate: true }, "Cancel"),
    el("button", { type: "submit", value: "yes", class: "primary" }, action),
  ];
  let form = null;
  const done = opened(title, fields, buttons, (made) => (form = made));
  return done.then((value) => (value === "yes" ? new FormData(form) : null));
}

/** A control with its label. */
export function field(label, control, hint = null) {
  return el("label", { class: "field" }, el("span", {}, label), control, hint && el("small", {}, hint));
}

function opened(title, content, buttons, made = () => {}) {
  return new Promise((resolve) => {
    const form = el("form", { method: "dialog" }, ...content, el("div", { class: "buttons" }, ...buttons));
    const dialog = el("dialog", { "aria-label": title }, el("h2", {}, title), form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
    made(form);
    document.body.append(dialog);
    dialog.showModal();
  });
}
