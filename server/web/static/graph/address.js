// What is seen, kept in the page's address so that it can be shared and survives a reload.

/**
 * @typedef {object} Wish
 * @property {string} select selection, empty for none
 * @property {boolean} only whether what is not chosen is left out
 * @property {string | null} focus id of the node around which the graph is seen
 * @property {"up" | "down" | "both"} way which side of it
 * @property {number | null} depth how many steps, null for any number
 * @property {Set<string>} open regions that were opened
 * @property {Set<string>} close regions that were folded
 */

const WAIT = 250; // ms; browsers allow only so many changes of the address in a time.

let waiting = 0;

/** @returns {Wish} */
export function readWish() {
  const query = new URLSearchParams(location.search);
  const way = query.get("way");
  const depth = query.get("depth");
  return {
    select: query.get("select") ?? "",
    only: query.get("show") === "only",
    focus: query.get("focus") || null,
    way: way === "up" || way === "down" ? way : "both",
    depth: depth && /^\d{1,3}$/.test(depth) ? Number(depth) : null,
    open: new Set(query.getAll("open")),
    close: new Set(query.getAll("close")),
  };
}

/** @returns {{camera: {x: number, y: number, zoom: number} | null, node: string | null}} */
export function readPlace() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const at = (parts.get("at") ?? "").split(",").map(Number);
  const usable = at.length === 3 && at.every(Number.isFinite) && at[2] > 0;
  return { camera: usable ? { x: at[0], y: at[1], zoom: at[2] } : null, node: parts.get("node") };
}

/** Gives the query of a wish, in one order. */
export function makeQuery(wish) {
  const query = new URLSearchParams();
  if (wish.select.trim()) query.set("select", wish.select.trim());
  if (wish.only) query.set("show", "only");
  if (wish.focus) {
    query.set("focus", wish.focus);
    if (wish.way !== "both") query.set("way", wish.way);
    if (wish.depth !== null) query.set("depth", String(wish.depth));
  }
  for (const id of [...wish.open].sort()) query.append("open", id);
  for (const id of [...wish.close].sort()) query.append("close", id);
  return query;
}

/**
 * Writes what is seen into the address.
 *
 * @param {Wish} wish
 * @param {{push?: boolean}} options `push`: so that "back" leads to what was seen before
 */
export function writeWish(wish, { push = false } = {}) {
  clearTimeout(waiting);
  const query = makeQuery(wish).toString();
  const address = `${location.pathname}${query ? `?${query}` : ""}${push ? "" : location.hash}`;
  if (push) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

/** Writes the camera and the focused node into the address, when they have come to rest. */
export function writePlace(camera, node) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const parts = [`at=${Math.round(camera.x)},${Math.round(camera.y)},${Number(camera.zoom.toFixed(3))}`];
    if (node) parts.push(`node=${encodeURIComponent(node)}`);
    history.replaceState(null, "", `${location.pathname}${location.search}#${parts.join("&")}`);
  }, WAIT);
}
