// How values are written on every page.

const MONEY = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const FINE_MONEY = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 4 });
const COUNT = new Intl.NumberFormat("en-US");
const AT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
const SIZES = ["B", "KB", "MB", "GB", "TB"];

/** Cents, and finer where a sum is smaller than a dollar. */
export function money(usd) {
  if (usd === null || usd === undefined) return "–";
  return Math.abs(usd) < 1 ? FINE_MONEY.format(usd) : MONEY.format(usd);
}

export const count = (number) => (number === null || number === undefined ? "–" : COUNT.format(number));
export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
export const moment = (text) => (text ? AT.format(new Date(text)) : "–");

/** Seconds in the two largest units that say something. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 10) return `${Math.max(seconds, 0).toFixed(1)} s`;
  let rest = Math.round(seconds);
  const parts = [];
  for (const [name, size] of UNITS) {
    if (rest >= size && parts.length < 2) {
      parts.push(`${Math.floor(rest / size)} ${name}`);
      rest %= size;
    }
  }
  return parts.join(" ");
}

export function bytes(size) {
  if (size === null || size === undefined) return "–";
  const step = size ? Math.min(Math.floor(Math.log2(size) / 10), SIZES.length - 1) : 0;
  return `${(size / 1024 ** step).toFixed(step ? 1 : 0)} ${SIZES[step]}`;
}

export const ago = (text, now = Date.now()) => (text ? `${duration((now - Date.parse(text)) / 1000)} ago` : "–");
export const between = (from, to) => (from && to ? (Date.parse(to) - Date.parse(from)) / 1000 : null);
export const words = (name) => name.replaceAll("_", " ");
