// Draws the picture in small steps, so that a large one can be drawn between frames.

import { drawBox, drawNode, drawTitle, LINES, NAMES, styleOf, traceEdge, traceHead } from "./shapes.js";

const NODES_A_STEP = 24;
const EDGES_A_STEP = 40;
const SPECKS_A_STEP = 400;
const DIM = 0.22;

/**
 * What a picture is drawn with.
 *
 * @typedef {object} Look
 * @property {import("./model.js").Picture} picture
 * @property {Record<string, string>} colours
 * @property {number} zoom
 * @property {Map<string, number> | null} matches how many assets of each node are chosen; null without a selection
 * @property {Set<string>} tinted ids of nodes that changed just now
 * @property {string | null} current id of the node that has the focus or the pointer
 * @property {number} strength of edges, from 0 to 1
 * @property {{left: number, top: number, right: number, bottom: number}} view what the reader sees
 * @property {boolean} still whether nothing moves
 * @property {(node: object) => {x: number, y: number}} at where a node is at this moment
 */

/**
 * Draws what is in view.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import("./camera.js").Camera} camera
 * @param {Look} look
 * @param {number} scale pixels of the canvas for a CSS pixel
 * @yields after each step
 */
export function* paint(context, camera, look, scale) {
  const { picture, zoom } = look;
  const seen = camera.seen(24);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
  context.fillStyle = look.colours["surface-sunken"];
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  const shiftX = camera.width / 2 - camera.x * zoom;
  const shiftY = camera.height / 2 - camera.y * zoom;
  context.setTransform(scale * zoom, 0, 0, scale * zoom, scale * shiftX, scale * shiftY);
  for (const box of picture.boxes) if (look.still ? isSeen(box, seen) : true) drawBox(context, look, place(look, box));
  yield;
  yield* paintEdges(context, look, seen);
  yield* paintNodes(context, look, look.still ? picture.nodesIn(seen) : picture.nodes);
  for (const box of picture.boxes) if (isSeen(box, seen)) drawTitle(context, look, place(look, box));
}

function place(look, box) {
  return look.still ? box : { ...box, ...look.at(box) };
}

function isSeen(box, seen) {
  return box.x <= seen.right && box.x + box.w >= seen.left && box.y <= seen.bottom && box.y + box.h >= seen.top;
}

function* paintEdges(context, look, seen) {
  const { picture, matches, current } = look;
  const styles = new Map();
  const near = [];
  for (const edge of picture.edges) {
    if (edge.left > seen.right || edge.right < seen.left || edge.top > seen.bottom || edge.bottom < seen.top) continue;
    if (current !== null && (edge.source.id === current || edge.target.id === current)) {
      near.push(edge);
      continue;
    }
    const dim = matches !== null && !(matches.has(edge.source.id) && matches.has(edge.target.id));
    const key = (edge.bits & 7) * 2 + (dim ? 1 : 0);
    if (!styles.has(key)) styles.set(key, []);
    styles.get(key).push(edge);
  }
  // Dim ones first and strong ones last: they lie on top.
  const keys = [...styles.keys()].sort((one, other) => (other & 1) - (one & 1) || one - other);
  for (const key of keys) {
    const style = styleOf(look, key >> 1);
    yield* stroke(context, look, styles.get(key), style, key & 1 ? DIM : 1);
  }
  if (near.length) {
    const style = { colour: look.colours.accent, width: Math.max(2.2, 1.4 / look.zoom), dash: [], alpha: 1 };
    yield* stroke(context, look, near, style, 1);
  }
}

function* stroke(context, look, edges, style, strength) {
  const heads = look.zoom >= NAMES * 1.5;
  for (let start = 0; start < edges.length; start += EDGES_A_STEP) {
    const part = edges.slice(start, start + EDGES_A_STEP);
    context.globalAlpha = style.alpha * strength * look.strength;
    context.strokeStyle = style.colour;
    context.lineWidth = style.width;
    context.setLineDash(style.dash);
    context.beginPath();
    for (const edge of part) traceEdge(context, look, edge);
    context.stroke();
    context.setLineDash([]);
    if (heads) {
      context.fillStyle = style.colour;
      context.beginPath();
      for (const edge of part) traceHead(context, look, edge);
      context.fill();
    }
    yield;
  }
  context.globalAlpha = 1;
}

function* paintNodes(context, look, nodes) {
  const step = look.zoom < NAMES ? SPECKS_A_STEP : look.zoom < LINES ? NODES_A_STEP * 2 : NODES_A_STEP;
  for (let start = 0; start < nodes.length; start += step) {
    for (const node of nodes.slice(start, start + step)) {
      context.globalAlpha = look.matches === null || look.matches.has(node.id) ? 1 : DIM + 0.08;
      drawNode(context, look, node);
    }
    context.globalAlpha = 1;
    yield;
  }
}
