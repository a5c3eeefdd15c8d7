// The picture as the server laid it out, with what is needed to find things in it quickly.

export const CROSSES = 1;
export const AMBIGUOUS = 2;
export const CYCLIC = 4;
export const BACKWARDS = 8;

/** What is drawn. Nothing in it changes; a new picture is a new one. */
export class Picture {
  /** @param {object} data what `/graph/data` gives */
  constructor(data) {
    const [width, height] = data.sizes.node;
    this.data = data;
    this.width = width;
    this.height = height;
    this.pitch = data.sizes.pitch;
    this.header = data.sizes.header;
    this.nodes = data.nodes;
    this.boxes = data.boxes;
    this.hues = data.hues;
    this.byId = new Map();
    this.boxById = new Map(data.boxes.map((box) => [box.id, box]));
    this.columns = new Map();
    this.nodes.forEach((node, index) => {
      node.index = index;
      node.w = width;
      node.h = height;
      this.byId.set(node.id, node);
      const column = Math.round(node.x / this.pitch);
      if (!this.columns.has(column)) this.columns.set(column, []);
      this.columns.get(column).push(node);
    });
    for (const column of this.columns.values()) column.sort((one, other) => one.y - other.y);
    this.edges = data.edges.map((edge, index) => makeEdge(this, edge, index));
    this.after = this.nodes.map(() => []);
    this.before = this.nodes.map(() => []);
    for (const edge of this.edges) {
      this.after[edge.source.index].push(edge);
      this.before[edge.target.index].push(edge);
    }
    this.bounds = measure(this);
  }

  /** Gives the nodes that lie in a part of the graph. */
  nodesIn({ left, top, right, bottom }) {
    const found = [];
    const last = Math.floor(right / this.pitch);
    for (let column = Math.floor((left - this.width) / this.pitch); column <= last; column += 1) {
      const nodes = this.columns.get(column);
      if (!nodes) continue;
      for (let place = firstBelow(nodes, top); place < nodes.length && nodes[place].y <= bottom; place += 1) {
        found.push(nodes[place]);
      }
    }
    return found;
  }

  /** Gives the node at a point, or null. */
  nodeAt(x, y) {
    const found = this.nodesIn({ left: x, top: y, right: x, bottom: y });
    return found.find((node) => x >= node.x && x <= node.x + node.w && y >= node.y && y <= node.y + node.h) ?? null;
  }

  /** Gives the innermost box whose title is at a point, or null. */
  titleAt(x, y, height = this.header) {
    let found = null;
    for (const box of this.boxes) {
      if (x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + Math.max(height, this.header)) found = box;
    }
    return found;
  }

  /** Gives the node whose beginning is nearest to a point, or null. */
  nearestTo(x, y) {
    let best = null;
    let least = Infinity;
    for (const node of this.nodes) {
      const far = Math.abs(node.x - x) + Math.abs(node.y - y);
      if (far < least) [best, least] = [node, far];
    }
    return best;
  }

  /** Gives a node or box. */
  find(id) {
    return this.byId.get(id) ?? this.boxById.get(id) ?? null;
  }
}

function firstBelow(nodes, top) {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle].y + nodes[middle].h < top) low = middle + 1;
    else high = middle;
  }
  return low;
}

function makeEdge(picture, [from, to, bits, count, ...passes], index) {
  const source = picture.nodes[from];
  const target = picture.nodes[to];
  const half = picture.height / 2;
  let left = Math.min(source.x + source.w, target.x);
  let right = Math.max(source.x + source.w, target.x);
  let top = Math.min(source.y, target.y) + half;
  let bottom = Math.max(source.y, target.y) + half;
  for (let place = 0; place < passes.length; place += 2) {
    passes[place] *= picture.pitch;
    left = Math.min(left, passes[place]);
    right = Math.max(right, passes[place] + source.w);
    top = Math.min(top, passes[place + 1]);
    bottom = Math.max(bottom, passes[place + 1]);
  }
  const reach = bits & BACKWARDS ? picture.pitch / 4 : 0;
  return { index, source, target, bits, count, passes, left: left - reach, right: right + reach, top, bottom };
}

function measure(picture) {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const place of [...picture.nodes, ...picture.boxes]) {
    bounds.left = Math.min(bounds.left, place.x);
    bounds.top = Math.min(bounds.top, place.y);
    bounds.right = Math.max(bounds.right, place.x + place.w);
    bounds.bottom = Math.max(bounds.bottom, place.y + place.h);
  }
  return Number.isFinite(bounds.left) ? bounds : { left: 0, top: 0, right: 1, bottom: 1 };
}
