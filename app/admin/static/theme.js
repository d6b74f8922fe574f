// Light, dark, or as the system has it. The choice is kept in this browser.

const NAMES = ["system", "light", "dark"];

export const theme = () => (NAMES.includes(localStorage.getItem("theme")) ? localStorage.getItem("theme") : "system");

export function choose(name) {
  localStorage.setItem("theme", name);
  apply();
}

export function apply() {
  document.documentElement.dataset.theme = theme();
}

export const next = () => NAMES[(NAMES.indexOf(theme()) + 1) % NAMES.length];
