// What can be done with what a page shows: reload, copy, filter, fold; and times that stay true.

import { refresh, say } from "./live.js";

const NEXT = { system: "light", light: "dark", dark: "system" };
const FILTER_DELAY = 150; // ms
const TICK = 5_000; // ms

/** Listens to what is done. */
export function start() {
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", onClick);
  document.addEventListener("input", onFilter);
  document.addEventListener("change", onFilter);
  document.addEventListener("toggle", rememberDetails, true);
  document.addEventListener("atoll:updated", ({ detail }) => {
    if (detail.changed.size) restoreDetails();
    tick();
  });
  document.addEventListener("atoll:event", ({ detail }) => {
    if (detail.kind === "loaded") settle(detail.location);
  });
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll('button[data-pending="act"]')) delete button.dataset.pending;
  });
  addEventListener("popstate", () => refresh({ force: true }));
  restoreDetails();
  showScheme();
  tick();
  setInterval(tick, TICK);
  // What goes on takes longer all the time, also while nothing happens that could be told.
  setInterval(() => {
    if (!document.hidden && document.querySelector("[data-goes-on]")) refresh({ force: true });
  }, TICK);
}

/**
 * Asks for locations to be loaded again.
 *
 * @param {string} [name] of one; all of them without
 */
export async function reload(name) {
  const buttons = pendingButtons(name);
  for (const button of buttons) button.dataset.pending = name ?? "";
  say(name ? `Reloading ${name}` : "Reloading all locations");
  try {
    const body = JSON.stringify(name ? { locations: [name] } : {});
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/api/reload", { method: "POST", headers, body });
    if (!response.ok) throw new Error((await response.json()).problems?.[0]?.message ?? response.statusText);
  } catch (error) {
    for (const button of buttons) delete button.dataset.pending;
    say(`Not reloaded: ${error.message}`);
    for (const button of buttons) button.title = `Not reloaded: ${error.message}`;
    return;
  }
  // Whatever becomes of it is on the page by then; a button never stays as it is for good.
  setTimeout(() => settle(name), 60_000);
}

/** Uses a colour scheme: `system`, `light` or `dark`. */
export function useScheme(name) {
  try {
    if (name === "system") localStorage.removeItem("scheme");
    else localStorage.setItem("scheme", name);
  } catch {
    // It holds for this page only.
  }
  if (name === "system") delete document.documentElement.dataset.scheme;
  else document.documentElement.dataset.scheme = name;
  showScheme();
  say(`Colour scheme: ${name}`);
}

function pendingButtons(name) {
  const forms = [...document.querySelectorAll("form[data-reload]")];
  const chosen = forms.filter((form) => form.dataset.reload === (name ?? ""));
  return chosen.flatMap((form) => [...form.querySelectorAll("button")]);
}

function settle(name) {
  for (const button of document.querySelectorAll("button[data-pending]")) {
    const of = button.dataset.pending;
    if (!name || of === name || of === "") delete button.dataset.pending;
  }
}

function onSubmit(event) {
  const form = event.target;
  if (form.dataset.reload !== undefined) {
    event.preventDefault();
    reload(form.dataset.reload || undefined);
  } else if (form.matches("form[data-filter], form.filter")) {
    event.preventDefault();
    applyFilter(form);
  } else if (form.dataset.act !== undefined) {
    // The answer is another page, or this one anew: until then it can be seen that it was asked for, and only once.
    const button = form.querySelector("button");
    if (button.dataset.pending !== undefined) event.preventDefault();
    else button.dataset.pending = "act";
  }
}

function onClick(event) {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    copyText(copy);
    return;
  }
  if (event.target.closest("button.scheme")) useScheme(NEXT[document.documentElement.dataset.scheme ?? "system"]);
}

async function copyText(button) {
  const word = button.querySelector(".copy-word") ?? button;
  let told = "Copied";
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    told = copyBySelection(button.dataset.copy) ? "Copied" : "Not copied";
  }
  const before = word.dataset.word ?? word.textContent;
  word.dataset.word = before;
  word.textContent = told;
  button.dataset.copied = "";
  say(told);
  setTimeout(() => {
    word.textContent = before;
    delete button.dataset.copied;
  }, 1_500);
}

function copyBySelection(text) {
  // Without https, on another machine's name, browsers have no clipboard for scripts.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

let delayed = 0;

function onFilter(event) {
  const form = event.target.form;
  if (!form?.matches("form[data-filter], form.filter")) return;
  clearTimeout(delayed);
  delayed = setTimeout(() => applyFilter(form), event.type === "change" ? 0 : FILTER_DELAY);
}

function applyFilter(form) {
  clearTimeout(delayed);
  const chosen = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) chosen.append(name, value);
  const address = new URL(form.action || location.href);
  address.search = chosen;
  if (address.href === location.href) return;
  history.replaceState(null, "", address);
  refresh({ force: true });
}

const store = () => `details:${location.pathname}`;

function readDetails() {
  try {
    return JSON.parse(sessionStorage.getItem(store()) ?? "{}");
  } catch {
    return {};
  }
}

function rememberDetails(event) {
  const key = event.target.dataset?.key;
  if (event.target.localName !== "details" || !key) return;
  const known = readDetails();
  if (known[key] === event.target.open) return;
  known[key] = event.target.open;
  try {
    sessionStorage.setItem(store(), JSON.stringify(known));
  } catch {
    // Folded again after a reload, then.
  }
}

function restoreDetails() {
  const known = readDetails();
  for (const [key, open] of Object.entries(known)) {
    const details = document.querySelector(`details[data-key="${CSS.escape(key)}"]`);
    if (details && details.open !== open) details.open = open;
  }
}

function showScheme() {
  const name = document.documentElement.dataset.scheme ?? "system";
  const button = document.querySelector("button.scheme");
  if (!button) return;
  button.dataset.scheme = name;
  button.title = `Colour scheme: ${name}`;
  button.setAttribute("aria-label", button.title);
}

let soon = 0;

function tick() {
  const now = Date.now() / 1000;
  let ahead = false;
  for (const element of document.querySelectorAll("time[data-when]")) {
    const moment = Number(element.dataset.when);
    ahead ||= moment > now;
    const text = moment > now ? `in ${Math.ceil(moment - now)} s` : age(now - moment);
    if (element.textContent !== text) element.textContent = text;
  }
  clearTimeout(soon);
  if (ahead) soon = setTimeout(tick, 1_000);
}

function age(seconds) {
  for (const [size, unit] of [[86_400, "d"], [3_600, "h"], [60, "min"]]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  }
  return "just now";
}
