// A table that scrolls by itself where it is wider than the page.

import { el } from "../dom.js";

/** `columns` are titles, or `[title]` for numbers; each of `rows` has one cell for each column, or is a row of its own. */
export function table(label, columns, rows) {
  const numeric = columns.map(Array.isArray);
  const heads = columns.flat().map((title, place) => el("th", { scope: "col", class: numeric[place] && "number" }, title));
  const body = rows.map((row) => (Array.isArray(row) ? el("tr", {}, ...cells(row, numeric)) : row));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...body)));
}

/** A row that `j` and `k` stop at: its first link takes the focus. */
export function row(id, columns, values) {
  return el("tr", { "data-row": id }, ...cells(values, columns.map(Array.isArray)));
}

const cells = (values, numeric) => values.map((value, place) => el("td", { class: numeric[place] && "number" }, ...[value].flat()));
