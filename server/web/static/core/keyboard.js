// Keys: sequences that go to views, rows that are walked, and a list of it all.

import { reload } from "./actions.js";

const VIEWS = {
  o: ["/", "Overview"],
  a: ["/assets", "Assets"],
  g: ["/graph", "Graph"],
  j: ["/jobs", "Jobs"],
  u: ["/automation", "Automation"],
  n: ["/runs", "Runs"],
  r: ["/resources", "Resources"],
  p: ["/problems", "Problems"],
  l: ["/locations", "Locations"],
};
const SEQUENCE = 1_200; // ms
const ROWS = ".rows > tbody > tr:not([data-attached])";

let first = null;

/** Listens to keys. */
export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (act(event.key)) event.preventDefault();
  });
  document.addEventListener("focusin", ({ target }) => mark(target.closest?.(ROWS)));
}

/** Shows the list of keys. */
export function help() {
  const dialog = document.querySelector("dialog.keys") ?? makeHelp();
  dialog.showModal();
}

function act(key) {
  if (first && key in VIEWS && isOn()) {
    first = null;
    location.assign(VIEWS[key][0]);
    return true;
  }
  first = null;
  if (key === "?") return help() ?? true;
  if (!isOn()) return false;
  if (key === "g") {
    const mine = (first = {});
    setTimeout(() => {
      if (first === mine) first = null;
    }, SEQUENCE);
    return true;
  }
  if (key === "j" || key === "k") return walk(key === "j" ? 1 : -1);
  if (key === "r") return reloadHere();
  return false;
}

function isOn() {
  try {
    return localStorage.getItem("keys") !== "off";
  } catch {
    return true;
  }
}

function isTyping(target) {
  if (target.type === "checkbox" || target.type === "radio") return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

function walk(step) {
  const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.querySelector("a, button"));
  if (!rows.length) return false;
  const current = rows.findIndex((row) => row.hasAttribute("data-current"));
  const position = current < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(current + step, 0), rows.length - 1);
  const link = rows[position].querySelector("th a, .name a, a, button");
  link.focus({ preventScroll: true });
  rows[position].scrollIntoView({ block: "nearest" });
  mark(rows[position]);
  return true;
}

function mark(row) {
  if (!row) return;
  for (const other of document.querySelectorAll("[data-current]")) if (other !== row) other.removeAttribute("data-current");
  row.setAttribute("data-current", "");
}

function reloadHere() {
  const here = document.getElementById("content").dataset.liveLocation;
  const row = document.querySelector(`${ROWS}[data-current]`)?.dataset.location;
  reload(here || row || undefined);
  return true;
}

function makeHelp() {
  const dialog = document.createElement("dialog");
  dialog.className = "keys";
  dialog.setAttribute("aria-label", "Keyboard shortcuts");
  const heading = document.createElement("h2");
  heading.textContent = "Keyboard shortcuts";
  const list = document.createElement("dl");
  list.append(
    line("Search everything, or run an action", ["Ctrl", "K"], ["/"]),
    line("Next row, previous row", ["j"], ["k"]),
    line("Open the row", ["Enter"]),
    line("Reload this location, the row’s, or all", ["r"]),
    ...Object.entries(VIEWS).map(([key, [, label]]) => line(label, ["g", key])),
    line("This list", ["?"]),
  );
  dialog.append(heading, list, makeSwitch(dialog));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  return dialog;
}

function makeSwitch(dialog) {
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "toolbar";
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = isOn();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem("keys", box.checked ? "on" : "off");
    } catch {
      // They stay as they are.
    }
  });
  label.append(box, "Shortcuts of single keys");
  const close = document.createElement("button");
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  form.append(label, close);
  return form;
}

function line(label, ...combinations) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  term.textContent = label;
  const keys = document.createElement("dd");
  combinations.forEach((combination, number) => {
    if (number) keys.append(" or ");
    combination.forEach((key, position) => {
      if (position) keys.append(" ");
      const element = document.createElement("kbd");
      element.textContent = key;
      keys.append(element);
    });
  });
  row.append(term, keys);
  return row;
}
