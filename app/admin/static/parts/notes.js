// Short words about what was done or refused, read out by screen readers.

import { el } from "../dom.js";

const SHOWN_MS = 6000;

export const said = (text) => add(text, "note");
export const failed = (error) => add(error.message, "note bad");

function add(text, kind) {
  const note = el("p", { class: kind }, text);
  document.getElementById("notes").append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

/** Do it, say so, and show what has become of it; a refusal is shown instead. */
export async function done(work, text, changed) {
  try {
    await work();
    said(text);
    await changed();
  } catch (error) {
    failed(error);
  }
}
