// Bars and lines in SVG, with the same figures in words for those who do not see them.

import { el, svg } from "../dom.js";

const WIDTH = 420;
const HEIGHT = 140;
const FOOT = 18;

/** Stacked bars: `series` are `{name, color, of(point)}`, `at(point)` names a point under the pointer and on the axis. */
export function bars(title, points, series, at) {
  const sums = points.map((point) => series.reduce((sum, one) => sum + one.of(point), 0));
  const top = Math.max(1, ...sums);
  const step = WIDTH / Math.max(points.length, 1);
  const drawn = points.flatMap((point, place) => column(point, place * step, step, top, series, at));
  return figure(title, sumsOf(points, series), series, [grid(top), ...drawn, ...axis(points, step, at)]);
}

/** One line; points without a value leave a gap. */
export function line(title, points, of, at, shown) {
  const values = points.map(of).filter((value) => value !== null);
  const top = Math.max(0.001, ...values);
  const step = WIDTH / Math.max(points.length - 1, 1);
  const pieces = [];
  let open = false;
  points.forEach((point, place) => {
    const value = of(point);
    if (value !== null) pieces.push(`${open ? "L" : "M"}${(place * step).toFixed(1)} ${y(value, top).toFixed(1)}`);
    open = value !== null;
  });
  const dots = points.map((point, place) => of(point) !== null && svg("circle", { cx: place * step, cy: y(of(point), top), r: 3, class: "dot" },
    svg("title", {}, `${at(point)}: ${shown(of(point))}`))).filter(Boolean);
  const summary = values.length ? `between ${shown(Math.min(...values))} and ${shown(top)}` : "nothing yet";
  return figure(title, summary, [], [svg("text", { x: 2, y: 10 }, shown(top)), svg("path", { d: pieces.join(" "), class: "line" }), ...dots, ...axis(points, step, at)]);
}

function figure(title, summary, series, children) {
  const legend = series.map((one) => el("li", { class: `key ${one.color}` }, one.name));
  return el("figure", { class: "chart" },
    el("figcaption", {}, title, el("span", { class: "quiet" }, ` ${summary}`)),
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + FOOT}`, role: "img", "aria-label": `${title}: ${summary}` }, ...children),
    legend.length > 1 ? el("ul", { class: "legend" }, ...legend) : null);
}

function column(point, x, step, top, series, at) {
  let reached = 0;
  const words = series.map((one) => `${one.name} ${one.of(point)}`).join(", ");
  return series.filter((one) => one.of(point)).map((one) => {
    const from = reached;
    reached += one.of(point);
    const box = { x: (x + step * 0.1).toFixed(1), width: (step * 0.8).toFixed(1), y: y(reached, top), height: y(from, top) - y(reached, top) };
    return svg("rect", { ...box, class: one.color }, svg("title", {}, `${at(point)}: ${words}`));
  });
}

const y = (value, top) => HEIGHT - (value / top) * (HEIGHT - 14);

const grid = (top) => svg("g", {}, svg("line", { x1: 0, x2: WIDTH, y1: y(top, top), y2: y(top, top), class: "rule" }), svg("text", { x: 2, y: 10 }, String(Math.round(top * 100) / 100)));

function axis(points, step, at) {
  const marks = points.length ? [0, Math.floor(points.length / 2), points.length - 1] : [];
  const anchors = ["start", "middle", "end"];
  return [
    svg("line", { x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT, class: "rule" }),
    ...marks.map((place, number) => svg("text", { x: [0, WIDTH / 2, WIDTH][number], y: HEIGHT + FOOT - 4, "text-anchor": anchors[number] }, at(points[place]))),
  ];
}

const sumsOf = (points, series) => series.map((one) => `${Math.round(points.reduce((sum, point) => sum + one.of(point), 0) * 100) / 100} ${one.name}`).join(", ");
