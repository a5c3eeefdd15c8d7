// Where the arrow keys lead.

import { isBox } from "./nodes.js";

/**
 * Gives the item that a key leads to from another one, or null.
 *
 * @param {import("./model.js").Picture} picture
 * @param {object} from a node or box
 * @param {string} key name of the key
 */
export function step(picture, from, key) {
  if (key === "Home") return picture.nodes[0] ?? null;
  if (key === "End") return picture.nodes.at(-1) ?? null;
  if (key === "ArrowRight" || key === "ArrowLeft") return along(picture, from, key === "ArrowRight");
  if (key === "ArrowDown" || key === "ArrowUp") return beside(picture, from, key === "ArrowDown" ? 1 : -1);
  return null;
}

function along(picture, from, forwards) {
  if (isBox(from)) return forwards ? inside(picture, from) : null;
  const edges = forwards ? picture.after[from.index] : picture.before[from.index];
  const others = edges.map((edge) => (forwards ? edge.target : edge.source)).filter((node) => node !== from);
  return nearest(others, (node) => Math.abs(node.y - from.y) + Math.abs(node.x - from.x) / 8);
}

/** Gives the first node in a box. */
function inside(picture, box) {
  const nodes = picture.nodesIn({ left: box.x, top: box.y, right: box.x + box.w, bottom: box.y + box.h });
  return nearest(nodes, (node) => node.x * 4 + node.y);
}

/** Gives what is above or below: in the same column, then anywhere. Titles of boxes count too. */
function beside(picture, from, direction) {
  const column = Math.round((from.x + 40) / picture.pitch);
  const isBeyond = (item) => item !== from && (item.y - from.y) * direction > 0;
  const nodes = (picture.columns.get(column) ?? []).filter(isBeyond);
  const boxes = picture.boxes.filter((box) => isBeyond(box) && Math.round((box.x + 40) / picture.pitch) === column);
  const distance = (item) => Math.abs(item.y - from.y);
  const found = nearest([...nodes, ...boxes], distance);
  if (found) return found;
  return nearest(picture.nodes.filter(isBeyond), (item) => distance(item) + 2 * Math.abs(item.x - from.x));
}

function nearest(items, distance) {
  let best = null;
  let least = Infinity;
  for (const item of items) {
    const far = distance(item);
    if (far < least) [best, least] = [item, far];
  }
  return best;
}
