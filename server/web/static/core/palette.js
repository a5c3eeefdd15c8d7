// The palette: one field to find everything by, and to do what can be done. Opens with Ctrl-K, Cmd-K or `/`.

import { reload, useScheme } from "./actions.js";
import { help } from "./keyboard.js";

const ACTIONS = [
  { what: "do", name: "Reload all locations", run: () => reload() },
  { what: "do", name: "Dark scheme", run: () => useScheme("dark") },
  { what: "do", name: "Light scheme", run: () => useScheme("light") },
  { what: "do", name: "Colour scheme of the system", run: () => useScheme("system") },
  { what: "do", name: "Keyboard shortcuts", run: help },
];
const RELOADING = /^\s*(?:r|re|rel|relo|reloa|reload)\s+(.+)$/i;

let dialog = null;
let field = null;
let list = null;
let none = null;
let items = [];
let selected = 0;
let asked = null;

/** Listens for what opens it. */
export function start() {
  document.addEventListener("keydown", (event) => {
    const withKey = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
    const typing = event.target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName);
    const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    if ((!withKey && !slash) || event.defaultPrevented) return;
    if (slash && document.querySelector("dialog[open]")) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
}

/** Opens it, empty. */
export function open() {
  dialog ??= make();
  if (dialog.open) return;
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  field.value = "";
  show([]);
  dialog.showModal();
  field.focus();
  search();
}

function make() {
  const made = document.createElement("dialog");
  made.className = "palette";
  made.setAttribute("aria-label", "Search everything");
  field = document.createElement("input");
  field.type = "search";
  field.placeholder = "Search assets, jobs, locations, problems… or run an action";
  field.autocomplete = "off";
  field.spellcheck = false;
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-label": "Search everything",
    "aria-expanded": "true",
    "aria-controls": "palette-found",
    "aria-autocomplete": "list",
  })) field.setAttribute(name, value);
  list = document.createElement("ul");
  list.id = "palette-found";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Found");
  none = document.createElement("p");
  none.className = "none";
  none.setAttribute("role", "status");
  const footer = document.createElement("footer");
  footer.textContent = "↑ ↓ to choose · Enter to open · Esc to leave";
  made.append(field, list, none, footer);
  field.addEventListener("input", search);
  made.addEventListener("keydown", onKey);
  made.addEventListener("click", onClick);
  list.addEventListener("pointermove", ({ target }) => {
    const option = target.closest("li");
    if (option) select([...list.children].indexOf(option), { scroll: false });
  });
  document.body.append(made);
  return made;
}

function onKey(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
  if (event.key in steps) {
    event.preventDefault();
    const step = steps[event.key];
    const count = items.length || 1;
    select(Math.abs(step) > 1 ? Math.min(Math.max(selected + step, 0), count - 1) : (selected + step + count) % count);
  } else if (event.key === "Enter") {
    event.preventDefault();
    perform(items[selected], event.ctrlKey || event.metaKey);
  } else if (event.key === "Escape") {
    event.preventDefault();
    dialog.close();
  } else if (event.key === "Tab") {
    event.preventDefault();
  }
}

function onClick(event) {
  if (event.target === dialog) {
    dialog.close();
    return;
  }
  const option = event.target.closest("li");
  if (option) perform(items[[...list.children].indexOf(option)], event.ctrlKey || event.metaKey);
}

function perform(item, elsewhere) {
  if (!item) return;
  dialog.close();
  if (item.run) item.run();
  else if (elsewhere) window.open(item.url, "_blank", "noopener");
  else location.assign(item.url);
}

async function search() {
  const query = field.value.trim();
  const reloading = RELOADING.exec(query);
  const actions = ACTIONS.filter((action) => fits(action.name, query));
  if (query) show([...(query ? actions : []), ...items.filter((item) => item.url && fits(item.name, query))]);
  asked?.abort();
  const mine = (asked = new AbortController());
  const text = reloading ? reloading[1] : query;
  let found = [];
  try {
    const answer = await fetch(`/api/search?q=${encodeURIComponent(text)}`, { signal: mine.signal });
    found = (await answer.json()).data ?? [];
  } catch {
    if (mine.signal.aborted) return;
  }
  const views = found.map((item) => ({ ...item, what: item.kind }));
  const reloads = (reloading ? found.filter((item) => item.kind === "location") : []).map((item) => ({
    what: "do",
    name: `Reload ${item.name}`,
    run: () => reload(item.name),
  }));
  const rest = [...reloads, ...views];
  // Who types a name wants what has it; who types nothing wants to see where to go.
  const strong = views.length && views[0].exact;
  show(query && !strong ? [...actions, ...rest] : [...rest, ...actions], query);
}

function fits(name, query) {
  const folded = name.toLowerCase();
  return query.toLowerCase().split(/\s+/).every((word) => folded.includes(word));
}

function show(found, query = field.value.trim()) {
  const kept = items[selected];
  items = found.slice(0, 60);
  list.replaceChildren(...items.map((item, number) => makeOption(item, number, query)));
  none.hidden = items.length > 0 || !query;
  none.textContent = none.hidden ? "" : `Nothing is called “${query}”`;
  const same = kept ? items.findIndex((item) => item.name === kept.name && item.url === kept.url) : -1;
  select(query && same > 0 && selected > 0 ? same : 0);
}

function makeOption(item, number, query) {
  const option = document.createElement("li");
  option.id = `palette-${number}`;
  option.setAttribute("role", "option");
  const what = document.createElement("span");
  what.className = "what";
  what.textContent = item.what;
  const name = document.createElement("span");
  name.className = "name";
  name.dir = "auto";
  name.title = item.name;
  name.append(...highlight(item.name, query));
  option.append(what, name);
  if (item.location && item.kind !== "location") {
    const where = document.createElement("span");
    where.className = `where ${/^hue-\d$/.test(item.hue) ? item.hue : ""}`;
    where.textContent = item.location;
    option.append(where);
  }
  return option;
}

function highlight(name, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const folded = name.toLowerCase();
  const at = words.map((word) => [folded.indexOf(word), word.length]).filter(([start]) => start >= 0);
  if (!at.length || folded.length !== name.length) return [name];
  const [start, length] = at.sort((one, other) => other[1] - one[1])[0];
  const mark = document.createElement("mark");
  mark.textContent = name.slice(start, start + length);
  return [name.slice(0, start), mark, name.slice(start + length)];
}

function select(position, { scroll = true } = {}) {
  selected = Math.max(0, Math.min(position, items.length - 1));
  [...list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === selected)));
  const option = list.children[selected];
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  if (scroll) option?.scrollIntoView({ block: "nearest" });
}
