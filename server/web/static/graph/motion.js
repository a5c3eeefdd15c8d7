// Moves nodes from where they were to where they are, once, when the picture changes; and tints what changed.

const MOVING = 240; // ms
const TINTED = 1_600;
const MOST = 1_200; // nodes; more are not worth what they cost

export class Motion {
  constructor(onChange) {
    this.onChange = onChange;
    this.began = 0;
    this.part = 1;
    this.from = null;
    this.tinted = new Set();
    this.timer = 0;
  }

  get moving() {
    return this.from !== null;
  }

  /**
   * Starts to move.
   *
   * @param {import("./model.js").Picture} before
   * @param {import("./model.js").Picture} after
   * @param {{dx: number, dy: number}} shift by how much the new picture was moved against the old one
   */
  start(before, after, { dx, dy }) {
    this.from = null;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || after.nodes.length > MOST) return;
    const from = new Map();
    let moved = false;
    for (const item of [...after.nodes, ...after.boxes]) {
      const old = before.find(item.id) ?? before.find(item.parent ?? "") ?? foldedOf(item, before);
      const place = old ? { x: old.x + dx, y: old.y + dy, w: item.w, h: item.h } : item;
      moved ||= Math.abs(place.x - item.x) + Math.abs(place.y - item.y) > 1;
      from.set(item.id, place);
    }
    if (!moved) return;
    this.from = from;
    this.began = 0;
    this.part = 0;
    this.onChange();
  }

  /** Called before each frame. */
  tick(now) {
    if (!this.from) return;
    this.began ||= now;
    const time = Math.min((now - this.began) / MOVING, 1);
    this.part = 1 - (1 - time) ** 3;
    if (time >= 1) this.from = null;
    this.onChange();
  }

  /** Gives where a node or box is at this moment. */
  at(item) {
    const from = this.from?.get(item.id);
    if (!from) return item;
    const rest = 1 - this.part;
    return { x: item.x - (item.x - from.x) * rest, y: item.y - (item.y - from.y) * rest };
  }

  /** Tints nodes for a moment. */
  tint(ids) {
    if (!ids.length) return;
    clearTimeout(this.timer);
    for (const id of ids) this.tinted.add(id);
    this.timer = setTimeout(() => {
      this.tinted.clear();
      this.onChange();
    }, TINTED);
    this.onChange();
  }
}

/** Gives the box that a folded region was before. */
function foldedOf(item, before) {
  return item.index === undefined ? null : (before.boxById.get(item.id) ?? null);
}

/** Gives the ids of the nodes that are new or of which something else is known. */
export function changedIn(before, after) {
  const known = ({ version, state, count, up, down, errors, warnings }) =>
    [version, state, count, up, down, errors, warnings].join();
  return after.nodes
    .filter((node) => !before.byId.has(node.id) || known(before.byId.get(node.id)) !== known(node))
    .map((node) => node.id);
}
