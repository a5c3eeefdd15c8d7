// Keeps the page as the server would render it now: on news that concern the view it is fetched again and morphed.
// What the server renders is the only truth; nothing is held here but the number of its revision.

import { morph } from "./morph.js";

const HIDDEN_FOR = 10_000; // ms after which a hidden page lets its connection go: browsers open six to a server.
const LATE = 300; // ms after which a view that is being fetched says so.
const OFFLINE = 8_000;
const KINDS = ["activity", "loaded", "workspace", "findings", "runs", "ticks"];

const main = () => document.getElementById("content");
let stream = null;
let wanted = 0;
let fetching = false;
let pause = 0;
let offline = 0;
let hiding = 0;
let retry = 0;
let again = false;
let settled = [];

const shown = () => Number(document.body.dataset.revision);

/** Starts to listen. */
export function start() {
  connect();
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(disconnect, HIDDEN_FOR);
    else if (!stream) connect();
    else if (wanted > shown()) refresh();
  });
  addEventListener("pageshow", (event) => event.persisted && connect());
  addEventListener("pagehide", disconnect);
}

/**
 * Fetches the view at the page's address and shows it.
 *
 * @param {{force?: boolean}} options `force`: also when nothing changed on the server, as when the address did
 */
export async function refresh({ force = false } = {}) {
  if (fetching) {
    fetching = force ? "again" : fetching;
    return;
  }
  fetching = true;
  const late = setTimeout(() => main().setAttribute("data-late", ""), LATE);
  try {
    let more = true;
    while (more) {
      const address = location.href;
      const asked = wanted;
      const started = performance.now();
      await show(address);
      const took = performance.now() - started;
      // A server that does not have what was promised is another one.
      if (shown() < asked) wanted = Math.min(wanted, shown());
      more = fetching === "again" || location.href !== address || (wanted > shown() && !document.hidden);
      fetching = true;
      // A large page under many changes leaves the browser time for its reader.
      pause = took > 60 ? took * 2 : 0;
      if (more && pause) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  } catch (error) {
    // The server is gone, or going: the stream says so, and comes back with `hello`.
    console.debug("not fetched", error);
  } finally {
    fetching = false;
    clearTimeout(late);
    main().removeAttribute("data-late");
  }
}

async function show(address) {
  // Of a long table only the rows that changed are sent again.
  const rows = main().querySelector("[data-rows]")?.dataset.rows;
  let page = await fetchPage(address, rows && `${rows}:${shown()}`);
  if (location.href !== address) return;
  let changed;
  const before = main().querySelector("[data-status]")?.dataset.status;
  try {
    changed = morph(main(), page.getElementById("content"));
  } catch (error) {
    console.debug("fetched whole", error);
    page = await fetchPage(address);
    if (location.href !== address) return;
    changed = morph(main(), page.getElementById("content"));
  }
  morph(document.getElementById("side"), page.getElementById("side"));
  document.title = page.title;
  document.body.dataset.revision = page.body.dataset.revision;
  tint(changed);
  announce();
  const status = main().querySelector("[data-status]")?.dataset.status;
  if (before && status && status !== before) say(`${main().querySelector("h1").textContent}: ${status}`);
  document.dispatchEvent(new CustomEvent("atoll:updated", { detail: { revision: shown(), changed } }));
}

async function fetchPage(address, has) {
  const headers = { "X-Fragment": "1", Accept: "text/html" };
  if (has) headers["X-Has"] = has;
  const response = await fetch(address, { headers });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!page.getElementById("content")) throw new Error(`no page: ${response.status}`);
  return page;
}

function connect() {
  disconnect();
  stream = new EventSource("/api/events");
  stream.addEventListener("hello", (message) => {
    clearTimeout(offline);
    offline = 0;
    retry = 0;
    tellState("live", Number(document.getElementById("live").dataset.at));
    const { revision } = JSON.parse(message.data);
    wanted = revision;
    // After a pause it may be another server, which counts anew: what it has is what there is.
    if (revision !== shown() || again) refresh({ force: true });
    again = true;
  });
  for (const kind of KINDS) stream.addEventListener(kind, (message) => hear(JSON.parse(message.data)));
  stream.onerror = () => {
    tellState(offline === -1 ? "offline" : "reconnecting");
    offline ||= setTimeout(() => {
      offline = -1;
      tellState("offline");
    }, OFFLINE);
    if (stream?.readyState === EventSource.CLOSED) {
      retry = Math.min((retry || 500) * 2, 10_000);
      setTimeout(() => !document.hidden && stream?.readyState === EventSource.CLOSED && connect(), retry);
    }
  };
}

function disconnect() {
  stream?.close();
  stream = null;
}

function hear(event) {
  tellState("live", event.at);
  document.dispatchEvent(new CustomEvent("atoll:event", { detail: event }));
  if (event.kind === "loaded" && event.location) settled.push(event.location);
  if (!concerns(event)) return;
  wanted = Math.max(wanted, event.revision);
  if (wanted <= shown()) announce();
  else if (!document.hidden) refresh();
}

function concerns(event) {
  // The number of problems stands beside every view.
  if (event.kind === "findings") return true;
  const { live = "", liveLocation = "" } = main().dataset;
  if (!live.split(" ").includes(event.kind)) return false;
  const run = main().querySelector("[data-run]")?.dataset.run;
  if (event.kind === "runs" && run && event.runs?.length) return event.runs.includes(run);
  return !liveLocation || !event.location || event.location === liveLocation;
}

function tellState(state, at) {
  const element = document.getElementById("live");
  element.dataset.state = state;
  element.querySelector(".word").textContent = state;
  const time = element.querySelector("time");
  if (!at) return;
  const moment = new Date(at * 1000);
  time.dateTime = moment.toISOString();
  time.textContent = moment.toLocaleTimeString([], { hour12: false });
  time.title = `Last change: ${moment.toLocaleString()}`;
}

function tint(rows) {
  for (const row of rows) {
    if (!row) continue;
    if (row.classList.contains("changed")) {
      row.classList.remove("changed");
      // So that the animation begins anew.
      void row.offsetWidth;
    }
    row.classList.add("changed");
    row.addEventListener("animationend", () => row.classList.remove("changed"), { once: true });
  }
}

function announce() {
  if (!settled.length) return;
  const names = [...new Set(settled)];
  settled = [];
  const told = names.slice(0, 3).map((name) => {
    const word = document.querySelector(`[data-location="${CSS.escape(name)}"]`)?.dataset.word;
    return word ? `${name}: ${word}` : `${name} was loaded again`;
  });
  if (names.length > told.length) told.push(`and ${names.length - told.length} more`);
  say(told.join(", "));
}

/** Has a screen reader say something. */
export function say(text) {
  document.getElementById("announcements").textContent = text;
}
