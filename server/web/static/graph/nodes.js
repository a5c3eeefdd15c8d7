// The nodes as links and buttons, for the keyboard and for screen readers. They lie above the canvas, which has their
// looks; only those in view and the current one exist.

const MOST = 400;
const SETTLED = 120; // ms

export class NodeLayer {
  /**
   * @param {HTMLElement} element
   * @param {import("./camera.js").Camera} camera
   * @param {{onFocus: (item: object) => void, onOpen: (item: object) => void}} calls
   */
  constructor(element, camera, calls) {
    this.element = element;
    this.camera = camera;
    this.calls = calls;
    this.picture = null;
    this.current = null;
    this.chosen = false;
    this.synced = null;
    this.items = new Map();
    this.timer = 0;
    element.addEventListener("focusin", ({ target }) => {
      const item = this.itemOf(target);
      if (item) this.mark(item, true);
    });
    element.addEventListener("click", (event) => {
      const item = this.itemOf(event.target);
      if (item && item.kind !== "asset") {
        event.preventDefault();
        this.calls.onOpen(item);
      }
    });
  }

  itemOf(element) {
    const id = element.closest?.("[data-id]")?.dataset.id;
    return id === undefined ? null : (this.picture?.find(id) ?? null);
  }

  /** Shows another picture; the current node stays current if it is still there. */
  show(picture) {
    this.picture = picture;
    if (this.current && !picture.find(this.current)) this.current = null;
    this.sync();
  }

  /** Puts the elements where the nodes are, soon: not while the picture moves. */
  settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sync(), SETTLED);
  }

  /** Makes an item the one that the tabulator key leads to. */
  mark(item, focused = false) {
    const before = this.current;
    this.current = item.id;
    if (before !== item.id) {
      for (const id of [before, item.id]) {
        const element = this.items.get(id);
        if (element) element.tabIndex = id === item.id ? 0 : -1;
      }
    }
    this.calls.onFocus(item, focused);
  }

  /** Gives the focus to an item, which may be out of view still. */
  focus(item) {
    this.current = item.id;
    this.sync();
    const element = this.items.get(item.id);
    element?.focus({ preventScroll: true });
  }

  hasFocus() {
    return this.element.contains(document.activeElement);
  }

  /** Moves all elements together with the picture, until they are put in place one by one. */
  follow() {
    const { camera, synced } = this;
    if (!synced || synced.equals(camera)) return;
    const [x, y] = camera.toScreen(...synced.toWorld(0, 0));
    this.element.style.transform = `translate(${x}px, ${y}px) scale(${camera.zoom / synced.zoom})`;
  }

  sync() {
    clearTimeout(this.timer);
    const { picture, camera } = this;
    if (!picture) return;
    this.synced = camera.frozen();
    this.element.style.transform = "";
    const seen = camera.seen();
    const wanted = new Map();
    const current = this.current === null ? null : picture.find(this.current);
    for (const box of picture.boxes) {
      if (wanted.size < MOST / 2 && isIn(box, seen)) wanted.set(box.id, box);
    }
    for (const node of picture.nodesIn(seen)) if (wanted.size < MOST) wanted.set(node.id, node);
    if (current) wanted.set(current.id, current);
    const focused = this.hasFocus() ? document.activeElement.dataset.id : null;
    for (const [id, element] of this.items) {
      const item = wanted.get(id);
      if (!item || element.localName !== (item.kind === "asset" ? "a" : "button") || element.open !== isBox(item)) {
        element.remove();
        this.items.delete(id);
      }
    }
    const sorted = [...wanted.values()].sort((one, other) => one.y - other.y || one.x - other.x);
    const first = current ?? sorted[0];
    for (const item of sorted) this.place(item, item === first);
    if (focused !== null && this.items.has(focused) && document.activeElement !== this.items.get(focused)) {
      this.items.get(focused).focus({ preventScroll: true });
    }
  }

  place(item, first) {
    let element = this.items.get(item.id);
    if (!element) {
      element = document.createElement(item.kind === "asset" ? "a" : "button");
      element.className = "graph-node";
      element.dataset.id = item.id;
      element.open = isBox(item);
      if (item.kind !== "asset") {
        element.type = "button";
        element.setAttribute("aria-expanded", String(element.open));
      }
      this.items.set(item.id, element);
      this.element.append(element);
    }
    if (item.kind === "asset") element.href = item.url;
    const label = describe(item);
    if (element.getAttribute("aria-label") !== label) element.setAttribute("aria-label", label);
    element.tabIndex = first ? 0 : -1;
    const { camera } = this;
    const [x, y] = camera.toScreen(item.x, item.y);
    const width = Math.max(item.w * camera.zoom, 24);
    const height = Math.max((element.open ? this.picture.header : item.h) * camera.zoom, 24);
    Object.assign(element.style, {
      transform: `translate(${x}px, ${y}px)`,
      width: `${width}px`,
      height: `${height}px`,
    });
  }
}

/** Tells whether something is drawn as a frame. */
export function isBox(item) {
  return item.index === undefined;
}

function isIn(box, seen) {
  return box.x <= seen.right && box.x + box.w >= seen.left && box.y <= seen.bottom && box.y + 30 >= seen.top;
}

/** Says in words what a node is. */
export function describe(item) {
  const parts = [];
  if (item.kind === "asset") {
    const sort = item.type === "materializable" ? "asset" : `${item.type} asset`;
    parts.push(`${item.name}, ${sort}${item.location === null ? "" : ` in ${item.location}`}`);
    if (item.group && item.group !== "default") parts.push(`group ${item.group}`);
    if (item.kinds.length) parts.push(item.kinds.join(" and "));
  } else {
    parts.push(`${item.name}, ${item.kind}${item.kind === "group" && item.location ? ` in ${item.location}` : ""}`);
    parts.push(`${item.count} asset${item.count === 1 ? "" : "s"}`);
  }
  if (item.state && item.state !== "loaded") parts.push(item.state);
  if (item.errors) parts.push(`${item.errors} error${item.errors === 1 ? "" : "s"}`);
  if (item.warnings) parts.push(`${item.warnings} warning${item.warnings === 1 ? "" : "s"}`);
  if (item.cyclic) parts.push("in a cycle");
  if (!isBox(item)) parts.push(`${item.up} upstream`, `${item.down} downstream`);
  return parts.join(", ");
}
