// How nodes, boxes and edges look. Everything is drawn in the graph's own units; `look.zoom` tells how large that is.

import { AMBIGUOUS, BACKWARDS, CROSSES, CYCLIC } from "./model.js";
import { fit, widthOf } from "./text.js";

const RADIUS = 7;
const INSET = 12;
/** Zooms from which names are drawn, then a second line, then more in it. */
export const NAMES = 0.17;
export const LINES = 0.7;
export const DETAILS = 1.15;
const LEAST_TEXT = 10.5; // CSS pixels

const SIGNS = { loaded: "●", loading: "◐", stale: "▲", failed: "✕", idle: "○" };
const SIGN_COLOURS = { loaded: "ok", loading: "busy", stale: "warning", failed: "error", idle: "text-muted" };

/** Gives the path of a rectangle with round corners. */
function round(context, x, y, w, h, radius) {
  context.beginPath();
  context.roundRect(x, y, w, h, radius);
}

/** Gives the colour of a location, or a neutral one. */
export function hueOf(look, location) {
  const hue = look.picture.hues[location];
  return hue === undefined ? look.colours["line-strong"] : look.colours[`hue-${hue}`];
}

/** Draws the frame of a location or group. */
export function drawBox(context, look, box) {
  const { colours, zoom } = look;
  const outer = box.kind === "location";
  round(context, box.x, box.y, box.w, box.h, outer ? 12 : 9);
  context.globalAlpha = outer ? 0.07 : 0.55;
  context.fillStyle = outer ? hueOf(look, box.location) : colours.surface;
  context.fill();
  context.globalAlpha = outer ? 0.5 : 0.9;
  context.strokeStyle = outer ? hueOf(look, box.location) : colours.line;
  context.lineWidth = Math.max(1, 0.75 / zoom);
  context.setLineDash(box.location === null ? [6, 5] : []);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Draws the title of a box, never smaller than can be read; nothing where there is no room for it. */
export function drawTitle(context, look, box) {
  const { colours, picture, zoom } = look;
  const outer = box.kind === "location";
  const size = Math.max(outer ? 14 : 12.5, (outer ? 12 : LEAST_TEXT) / zoom);
  if (box.w * zoom < 36 || (!outer && zoom < 0.3) || size > box.h * 0.7) return;
  context.font = `${outer ? 600 : 500} ${size}px ${colours.font}`;
  const sign = box.state && box.state !== "loaded" && outer ? `${SIGNS[box.state]} ` : "";
  const count = `  ${box.count}`;
  // A title that is larger than its place stands on the frame's edge, where it hides nothing.
  const large = size > picture.header * 0.9;
  const left = box.x + (outer ? 16 : 12);
  const top = box.y + (large ? 0 : picture.header / 2);
  // A location's title stays in view as long as its frame does.
  const x = outer ? Math.min(Math.max(left, look.view.left + size), box.x + box.w - 180 / zoom) : left;
  const y = outer ? Math.min(Math.max(top, look.view.top + size), box.y + box.h - size) : top;
  const moved = x > left || y > top;
  const room = box.x + box.w - Math.max(x, left) - 12;
  const mark = zoom >= NAMES * 1.6 && !moved ? "▾ " : "";
  const lead = `${mark}${sign}`;
  const name = fit(context, box.name, room - widthOf(context, lead) - widthOf(context, count));
  const width = widthOf(context, lead) + widthOf(context, name) + widthOf(context, count);
  let at = Math.max(x, left);
  if (large || moved) {
    context.globalAlpha = 0.86;
    context.fillStyle = colours.surface;
    round(context, at - size * 0.3, y - size * 0.72, width + size * 0.6, size * 1.44, size * 0.3);
    context.fill();
    context.globalAlpha = 1;
  }
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillStyle = colours["text-muted"];
  context.fillText(mark, at, y);
  at += widthOf(context, mark);
  if (sign) {
    context.fillStyle = colours[SIGN_COLOURS[box.state]];
    context.fillText(sign, at, y);
    at += widthOf(context, sign);
  }
  context.fillStyle = outer ? colours.text : colours["text-muted"];
  context.fillText(name, at, y);
  context.fillStyle = colours["text-muted"];
  if (count) context.fillText(count, at + widthOf(context, name), y);
}

/** Adds the way of an edge to the current path. */
export function traceEdge(context, look, edge) {
  const { picture } = look;
  const from = look.at(edge.source);
  const to = look.at(edge.target);
  const half = picture.height / 2;
  let x = from.x + picture.width;
  let y = from.y + half;
  context.moveTo(x, y);
  if (edge.bits & BACKWARDS) {
    traceBack(context, picture, edge, x, y, to);
    return;
  }
  for (let place = 0; place < edge.passes.length; place += 2) {
    const left = edge.passes[place];
    const height = edge.passes[place + 1];
    bend(context, x, y, left, height);
    x = left + picture.width;
    y = height;
    context.lineTo(x, y);
  }
  bend(context, x, y, to.x, to.y + half);
}

function bend(context, x, y, toX, toY) {
  const middle = (x + toX) / 2;
  context.bezierCurveTo(middle, y, middle, toY, toX, toY);
}

function traceBack(context, picture, edge, startX, startY, to) {
  const reach = picture.pitch - picture.width;
  const half = picture.height / 2;
  let x = startX;
  let y = startY;
  for (let place = 0; place < edge.passes.length; place += 2) {
    const left = edge.passes[place];
    const height = edge.passes[place + 1];
    if (place === 0) context.bezierCurveTo(x + reach * 0.45, y, x + reach * 0.45, height, x, height);
    else bend(context, x, y, left + picture.width, height);
    context.lineTo(left, height);
    x = left;
    y = height;
  }
  context.bezierCurveTo(x - reach * 0.45, y, x - reach * 0.45, to.y + half, to.x, to.y + half);
}

/** Gives how an edge of these bits is drawn. */
export function styleOf(look, bits) {
  const { colours, zoom } = look;
  const thin = Math.max(1.3, 0.7 / zoom);
  if (bits & CYCLIC) return { colour: colours.error, width: thin * 1.5, dash: [], alpha: 0.9 };
  if (bits & AMBIGUOUS) return { colour: colours.warning, width: thin * 1.4, dash: [7, 5], alpha: 0.95 };
  if (bits & CROSSES) return { colour: colours["text-muted"], width: thin * 1.7, dash: [], alpha: 0.85 };
  return { colour: colours["line-strong"], width: thin, dash: [], alpha: 0.6 };
}

/** Adds the arrow's head of an edge to the current path. */
export function traceHead(context, look, edge) {
  const to = look.at(edge.target);
  const y = to.y + look.picture.height / 2;
  context.moveTo(to.x - 1, y);
  context.lineTo(to.x - 8, y - 4);
  context.lineTo(to.x - 8, y + 4);
  context.closePath();
}

/** Draws a node with as much in it as can be read. */
export function drawNode(context, look, node) {
  const { colours, zoom } = look;
  const { x, y } = look.at(node);
  const folded = node.kind !== "asset";
  if (zoom < NAMES) {
    drawSpeck(context, look, node, x, y);
    return;
  }
  if (folded) drawStack(context, look, node, x, y);
  drawFrame(context, look, node, x, y);
  const two = zoom >= LINES;
  const size = Math.min(Math.max(13.5, LEAST_TEXT / zoom), 30);
  context.font = `${folded ? 600 : 500} ${size}px ${colours.font}`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  const right = drawMarks(context, look, node, x + node.w - (two ? INSET : 5), two ? y + 16 : y + node.h / 2, size);
  context.font = `${folded ? 600 : 500} ${size}px ${colours.font}`;
  context.fillStyle = node.type === "unknown" ? colours["text-muted"] : colours.text;
  const left = x + (two ? INSET + 2 : 10);
  const count = ` ${node.count}`;
  const room = right - left;
  const counted = !two && folded && widthOf(context, node.name) + widthOf(context, count) <= room;
  context.fillText(fit(context, counted ? node.name + count : node.name, room), left, y + (two ? 16 : node.h / 2));
  if (two) drawSecondLine(context, look, node, left, y + 33);
}

function drawSpeck(context, look, node, x, y) {
  const { colours } = look;
  context.fillStyle = node.state === "failed" || node.errors ? colours.error : hueOf(look, node.location);
  context.globalAlpha *= node.kind === "asset" ? 0.55 : 0.8;
  context.fillRect(x, y, node.w, node.h);
}

function drawStack(context, look, node, x, y) {
  const { colours } = look;
  context.lineWidth = 1;
  context.strokeStyle = colours["line-strong"];
  context.fillStyle = colours["surface-raised"];
  for (const step of [6, 3]) {
    round(context, x + step, y + step, node.w, node.h, RADIUS);
    context.fill();
    context.globalAlpha *= 0.6;
    context.stroke();
    context.globalAlpha /= 0.6;
  }
}

function drawFrame(context, look, node, x, y) {
  const { colours, zoom } = look;
  const open = node.type === "unknown" || node.type === "external";
  round(context, x, y, node.w, node.h, RADIUS);
  context.fillStyle = look.tinted.has(node.id) ? colours["changed-tint"] : open ? colours["surface-raised"] : colours.surface;
  context.fill();
  context.save();
  context.clip();
  context.fillStyle = hueOf(look, node.location);
  context.fillRect(x, y, 4, node.h);
  context.restore();
  const chosen = look.matches?.has(node.id) || look.current === node.id;
  context.strokeStyle = chosen ? colours.accent : colours["line-strong"];
  context.globalAlpha *= chosen ? 1 : 0.75;
  context.lineWidth = Math.max(chosen ? 2 : 1, 0.6 / zoom);
  context.setLineDash(open ? [5, 4] : []);
  round(context, x, y, node.w, node.h, RADIUS);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha /= chosen ? 1 : 0.75;
}

/** Draws state and problems at the right end of the first line, and gives where they begin. */
function drawMarks(context, look, node, right, y, size) {
  const { colours, zoom } = look;
  const brief = zoom < LINES;
  context.textAlign = "right";
  context.font = `500 ${size * 0.9}px ${colours.font}`;
  let at = right;
  const put = (text, colour) => {
    context.fillStyle = colours[colour];
    context.fillText(text, at, y);
    at -= widthOf(context, text) + size / 2;
  };
  if (node.kind !== "asset" && !brief) put(`${node.count} ▸`, "text-muted");
  if (node.errors) put(`✕ ${node.errors}`, "error");
  if (node.warnings) put(`▲ ${node.warnings}`, "warning");
  if (node.cyclic) put("↻", "error");
  if (node.state && !(brief && node.state === "loaded")) put(SIGNS[node.state], SIGN_COLOURS[node.state]);
  else if (node.type === "unknown") put("?", "warning");
  context.textAlign = "left";
  return at;
}

function drawSecondLine(context, look, node, left, y) {
  const { colours, zoom } = look;
  context.font = `${Math.min(Math.max(11, 9.5 / zoom), 13)}px ${colours.font}`;
  const words = wordsOf(node, zoom >= DETAILS);
  let at = left;
  const end = left + node.w - 2 * INSET;
  for (const [text, colour, chip] of words) {
    const width = widthOf(context, text) + (chip ? 10 : 0);
    if (at + width > end) {
      const rest = fit(context, text, end - at);
      context.fillStyle = colours[colour];
      if (rest && !chip) context.fillText(rest, at, y);
      return;
    }
    if (chip) {
      context.lineWidth = 1;
      context.strokeStyle = colours.line;
      round(context, at, y - 8, width, 16, 3);
      context.fillStyle = colours["surface-raised"];
      context.fill();
      context.stroke();
    }
    context.fillStyle = colours[colour];
    context.fillText(text, at + (chip ? 5 : 0), y);
    at += width + 6;
  }
}

/** Gives what the second line says: [text, colour, whether in a frame]. */
function wordsOf(node, details) {
  const words = [];
  if (node.kind !== "asset") {
    words.push([node.kind === "group" ? "group" : node.parts > 1 ? `${node.parts} groups` : "location", "text-muted", false]);
    words.push([`${node.count} asset${node.count === 1 ? "" : "s"}`, "text-muted", false]);
  } else {
    if (node.type !== "materializable") words.push([node.type, node.type === "unknown" ? "warning" : "text-muted", false]);
    for (const kind of node.kinds) words.push([kind, "text-muted", true]);
  }
  if (node.state && node.state !== "loaded") words.unshift([node.state, SIGN_COLOURS[node.state], false]);
  if (node.cyclic) words.unshift(["cycle", "error", false]);
  if (details || (node.kind === "asset" && words.length === 0)) {
    words.push([`${node.up} up · ${node.down} down`, "text-muted", false]);
  }
  return words;
}
