// The graph: fetches the picture, draws it, and does what is asked for by mouse, touch and keys.

import { makeQuery, readPlace, readWish, writePlace, writeWish } from "./address.js";
import { Camera } from "./camera.js";
import { readColours, watchColours } from "./colours.js";
import { listen } from "./gestures.js";
import { Picture } from "./model.js";
import { changedIn, Motion } from "./motion.js";
import { describe, isBox, NodeLayer } from "./nodes.js";
import { showPanel } from "./panel.js";
import { SelectionField } from "./selection.js";
import { Surface } from "./surface.js";
import { say, tellAll } from "./telling.js";
import { forget } from "./text.js";
import { step } from "./walk.js";

const ALL = "*all";
const ZOOM_STEP = 1.3;
const READABLE = 0.37;
const NARROW = 640; // CSS pixels
const LATE = 300; // ms
const SHOWN_KINDS = new Set(["loaded", "workspace", "findings"]);

const $ = (id) => document.getElementById(id);

class Graph {
  constructor() {
    this.stage = $("graph-stage");
    this.canvas = $("graph-canvas");
    this.wish = readWish();
    this.picture = null;
    this.revision = -1;
    this.selection = null;
    this.hovered = null;
    this.fetching = null;
    this.camera = new Camera();
    this.colours = readColours(this.stage);
    this.surface = new Surface(this.canvas, this.camera, () => this.look(), () => this.colours["surface-sunken"]);
    this.motion = new Motion(() => this.surface.request(true));
    this.layer = new NodeLayer($("graph-nodes"), this.camera, {
      onFocus: (item, focused) => this.onFocus(item, focused),
      onOpen: (item) => this.toggle(item),
    });
    this.field = new SelectionField($("graph-select"), {
      onType: (text) => this.choose(text),
      onSubmit: (text) => this.choose(text, { push: true }),
      onOnly: (only) => this.ask({ only }),
    });
    this.surface.onFrame((now) => {
      this.motion.tick(now);
      this.layer.follow();
    });
    this.start();
  }

  start() {
    new ResizeObserver(([entry]) => this.resize(entry.contentRect)).observe(this.stage);
    this.resize(this.stage.getBoundingClientRect());
    watchColours(() => {
      this.colours = readColours(this.stage);
      this.surface.request(true);
    });
    document.fonts?.ready.then(() => {
      forget();
      this.surface.request(true);
    });
    listen(this.canvas, {
      pan: (dx, dy) => this.move(() => this.camera.pan(dx, dy)),
      zoom: (factor, x, y) => this.move(() => this.camera.zoomAt(factor, x, y)),
      press: (x, y, event) => this.press(x, y, event),
      double: (x, y) => this.open(this.itemAt(x, y)),
      hover: (x, y) => this.hover(x === null ? null : this.itemAt(x, y)),
    });
    $("graph-nodes").addEventListener("keydown", (event) => this.key(event));
    this.stage.addEventListener("click", ({ target }) => this.act(target.closest("[data-do]")?.dataset.do));
    addEventListener("popstate", () => {
      // The link that skips to the content changes only what stands behind the `#`.
      if (makeQuery(readWish()).toString() === makeQuery(this.wish).toString()) return;
      this.wish = readWish();
      this.field.set(this.wish.select);
      this.field.only.checked = this.wish.only;
      this.load({ fit: true });
    });
    document.addEventListener("atoll:event", ({ detail: { kind, revision } }) => {
      if (SHOWN_KINDS.has(kind) && revision > this.revision) this.hear(revision);
    });
    // Another server counts anew, so a smaller number is news too.
    document.addEventListener("atoll:updated", ({ detail }) => {
      if (detail.revision !== this.revision) this.hear(detail.revision);
    });
    this.load({ first: true });
  }

  look() {
    const { picture } = this;
    if (!picture) return null;
    const { matches } = this.selection ?? {};
    return {
      picture,
      colours: this.colours,
      zoom: this.camera.zoom,
      matches: matches && !this.wish.only ? new Map(Object.entries(matches)) : null,
      tinted: this.motion.tinted,
      current: this.hovered ?? this.layer.current,
      strength: this.motion.moving ? this.motion.part ** 2 : 1,
      still: !this.motion.moving,
      view: this.camera.seen(),
      at: (item) => this.motion.at(item),
    };
  }

  resize({ width, height }) {
    if (!width || !height) return;
    this.surface.resize(width, height);
    this.layer.settle();
  }

  /** Changes the camera, and shows what that comes to. */
  move(how) {
    how();
    if (this.picture) this.camera.hold(this.picture.bounds);
    this.surface.request();
    this.layer.settle();
    writePlace(this.camera, this.layer.current);
  }

  // What is fetched.

  /** Fetches the picture, and shows it. A fetch under way is given up for it. */
  async load({ first = false, fit = false, anchor = null, tint = false } = {}) {
    this.fetching?.abort();
    const mine = (this.fetching = new AbortController());
    this.wanted = -1;
    const late = setTimeout(() => this.stage.setAttribute("aria-busy", "true"), LATE);
    try {
      const response = await fetch(`/graph/data?${makeQuery(this.wish)}`, { signal: mine.signal });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      const { revision, data } = await response.json();
      if (this.fetching !== mine) return;
      this.revision = revision;
      this.show(data, { first, fit, anchor, tint });
    } catch (error) {
      if (error.name !== "AbortError") this.field.tell({ message: `The graph can't be fetched: ${error.message}` });
    } finally {
      clearTimeout(late);
      if (this.fetching === mine) {
        this.fetching = null;
        this.stage.removeAttribute("aria-busy");
        if (this.wanted > this.revision) this.hear(this.wanted);
      }
    }
  }

  show(data, { first, fit, anchor, tint }) {
    const before = this.picture;
    const picture = new Picture(data);
    const place = readPlace();
    this.picture = picture;
    this.selection = data.selection;
    this.field.tell(data.selection?.error ?? null);
    if (first || !before?.nodes.length || fit) {
      if (first && place.camera) Object.assign(this.camera, place.camera);
      else this.fit();
      if (first && place.node) this.layer.current = place.node;
    } else {
      this.keepInPlace(before, picture, anchor);
    }
    this.camera.hold(picture.bounds);
    if (before && tint) this.motion.tint(changedIn(before, picture));
    this.layer.show(picture);
    this.tell();
    this.surface.request(true);
    if (!first) writePlace(this.camera, this.layer.current);
  }

  /** Moves the camera so that what the reader looks at stays where it is on the screen. */
  keepInPlace(before, picture, anchor) {
    const looked = [anchor, this.layer.current, before.nearestTo(this.camera.x, this.camera.y)?.id];
    const id = looked.find((name) => name && before.find(name) && picture.find(name));
    const [old, now] = id ? [before.find(id), picture.find(id)] : [{ x: 0, y: 0 }, { x: 0, y: 0 }];
    const shift = { dx: now.x - old.x, dy: now.y - old.y };
    this.camera.x += shift.dx;
    this.camera.y += shift.dy;
    this.motion.start(before, picture, shift);
  }

  /** News: fetches the picture again, after the fetch under way if there is one. */
  hear(revision) {
    if (this.fetching) this.wanted = revision;
    else this.load({ tint: true, fit: !this.picture?.nodes.length });
  }

  /** Asks for another part of the graph. */
  ask(change, { push = true, ...how } = {}) {
    Object.assign(this.wish, change);
    writeWish(this.wish, { push });
    return this.load({ fit: true, ...how });
  }

  /** Shows what a selection chooses. */
  async choose(text, { push = false } = {}) {
    this.wish.select = text;
    writeWish(this.wish, { push });
    if (this.wish.only || !text.trim()) return this.load({ fit: this.wish.only });
    this.choosing?.abort();
    this.choosing = new AbortController();
    try {
      const response = await fetch(`/graph/select?${makeQuery(this.wish)}`, { signal: this.choosing.signal });
      this.selection = (await response.json()).data;
    } catch {
      return undefined;
    }
    this.field.tell(this.selection?.error ?? null);
    if (push) this.fitMatches();
    this.tell();
    this.surface.request(true);
    return undefined;
  }

  // What is told beside the picture.

  tell() {
    tellAll(this.picture.data, this.wish, this.selection, this.picture.find(this.wish.focus ?? ""));
    this.tellCurrent();
  }

  tellCurrent() {
    const item = this.layer.current === null ? null : this.picture.find(this.layer.current);
    const around = item ? (this.picture.boxById.get(item.parent) ?? null) : null;
    showPanel($("graph-panel"), this.layer.chosen ? item : null, { box: item !== null && isBox(item), around });
  }

  onFocus(item, focused) {
    this.layer.chosen = true;
    if (focused) this.move(() => this.camera.reveal(isBox(item) ? { ...item, w: Math.min(item.w, 240), h: 30 } : item));
    this.tellCurrent();
    this.surface.request(true);
  }

  // What is done.

  itemAt(x, y) {
    if (!this.picture) return null;
    const [worldX, worldY] = this.camera.toWorld(x, y);
    return this.picture.nodeAt(worldX, worldY) ?? this.picture.titleAt(worldX, worldY, 22 / this.camera.zoom);
  }

  hover(item) {
    const id = item?.id ?? null;
    if (id === this.hovered) return;
    this.hovered = id;
    this.canvas.title = item && !isBox(item) ? describe(item) : "";
    this.canvas.classList.toggle("over", item !== null);
    this.surface.request(true);
  }

  press(x, y, event) {
    const item = this.itemAt(x, y);
    if (!item) return this.leave();
    if (item.kind !== "asset") return this.toggle(item);
    if (event.button === 1 || event.ctrlKey || event.metaKey) return window.open(item.url, "_blank", "noopener");
    this.layer.focus(item);
    return undefined;
  }

  leave() {
    this.layer.chosen = false;
    if (this.layer.hasFocus()) document.activeElement.blur();
    this.layer.current = null;
    this.layer.sync();
    this.tellCurrent();
    this.surface.request(true);
    writePlace(this.camera, null);
  }

  open(item) {
    if (item?.kind === "asset") location.assign(item.url);
  }

  /** Opens a folded region in place, or folds an open one. */
  async toggle(item) {
    const { open, close } = this.wish;
    const opens = !isBox(item);
    (opens ? close : open).delete(item.id);
    (opens ? open : close).add(item.id);
    const focused = this.layer.hasFocus();
    this.layer.current = item.id;
    writeWish(this.wish);
    await this.load({ anchor: item.id });
    const now = this.picture.find(item.id);
    if (focused && now) this.layer.focus(now);
    say(`${item.name} is ${opens ? "open" : "folded"}`);
  }

  act(name) {
    const item = this.layer.current === null ? null : this.picture?.find(this.layer.current);
    const { wish } = this;
    const middle = [this.camera.width / 2, this.camera.height / 2];
    const acts = {
      "zoom-in": () => this.move(() => this.camera.zoomAt(ZOOM_STEP, ...middle)),
      "zoom-out": () => this.move(() => this.camera.zoomAt(1 / ZOOM_STEP, ...middle)),
      fit: () => this.move(() => this.fit({ whole: true })),
      fold: () => this.ask({ open: new Set(), close: new Set([ALL]) }, { push: false }),
      unfold: () => this.ask({ open: new Set([ALL]), close: new Set() }, { push: false }),
      all: () => this.ask({ focus: null, way: "both", depth: null }),
      reset: () => this.reset(),
      deeper: () => this.ask({ depth: wish.depth === null ? null : wish.depth + 1 }),
      shallower: () => this.ask({ depth: wish.depth === null ? 3 : Math.max(wish.depth - 1, 1) }),
      up: () => item && this.ask({ focus: item.id, way: "up", depth: null }),
      down: () => item && this.ask({ focus: item.id, way: "down", depth: null }),
      near: () => item && this.ask({ focus: item.id, way: "both", depth: 1 }),
      toggle: () => item && this.toggle(item),
      "fold-around": () => item?.parent && this.toggle(this.picture.find(item.parent)),
    };
    return acts[name]?.();
  }

  reset() {
    this.field.set("");
    this.field.only.checked = false;
    return this.ask({ select: "", only: false, focus: null, way: "both", depth: null });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.picture) return;
    const acts = { u: "up", d: "down", f: "near", c: "fold-around", "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "fit" };
    const item = this.picture.find(this.layer.current ?? "");
    const next = item && step(this.picture, item, event.key);
    if (next) this.layer.focus(next);
    else if (event.key.startsWith("Arrow")) this.tellEnd(item, event.key);
    else if (event.key === "Escape") this.escape();
    else if (acts[event.key]) this.act(acts[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  tellEnd(item, key) {
    const side = { ArrowRight: "downstream", ArrowLeft: "upstream", ArrowUp: "above", ArrowDown: "below" }[key];
    if (item) say(`nothing ${side}`);
  }

  escape() {
    if (this.wish.focus) {
      const { focus } = this.wish;
      this.act("all").then(() => this.picture.find(focus) && this.layer.focus(this.picture.find(focus)));
    } else {
      this.leave();
      this.field.input.focus();
    }
  }

  fit({ whole = false } = {}) {
    this.camera.fit(this.picture.bounds, { least: whole ? 0 : this.camera.width < NARROW ? READABLE * 1.5 : READABLE });
  }

  fitMatches() {
    const chosen = this.picture.nodes.filter((node) => this.selection?.matches?.[node.id]);
    if (!chosen.length) return;
    const bounds = {
      left: Math.min(...chosen.map((node) => node.x)),
      top: Math.min(...chosen.map((node) => node.y)),
      right: Math.max(...chosen.map((node) => node.x + node.w)),
      bottom: Math.max(...chosen.map((node) => node.y + node.h)),
    };
    this.move(() => this.camera.fit(bounds, { least: READABLE }));
  }
}

new Graph();
