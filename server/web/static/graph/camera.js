// Where the reader looks: the middle of the picture in the graph's own units, and the zoom.

const LEAST = 0.03;
const MOST = 2.5;
const MARGIN = 48;

export class Camera {
  constructor() {
    this.x = 0;
    this.y = 0;
    this.zoom = 1;
    this.width = 1;
    this.height = 1;
  }

  /** Gives a copy that does not move. */
  frozen() {
    return Object.assign(new Camera(), this);
  }

  equals(other) {
    return (
      other !== null && this.x === other.x && this.y === other.y && this.zoom === other.zoom &&
      this.width === other.width && this.height === other.height
    );
  }

  toScreen(x, y) {
    return [(x - this.x) * this.zoom + this.width / 2, (y - this.y) * this.zoom + this.height / 2];
  }

  toWorld(x, y) {
    return [(x - this.width / 2) / this.zoom + this.x, (y - this.height / 2) / this.zoom + this.y];
  }

  /** Gives the part of the graph that is in view, with a margin in CSS pixels. */
  seen(margin = 0) {
    const [left, top] = this.toWorld(-margin, -margin);
    const [right, bottom] = this.toWorld(this.width + margin, this.height + margin);
    return { left, top, right, bottom };
  }

  pan(dx, dy) {
    this.x -= dx / this.zoom;
    this.y -= dy / this.zoom;
  }

  /** Zooms so that what is below a point of the screen stays there. */
  zoomAt(factor, x, y) {
    const [worldX, worldY] = this.toWorld(x, y);
    this.zoom = Math.min(Math.max(this.zoom * factor, LEAST), MOST);
    this.x = worldX - (x - this.width / 2) / this.zoom;
    this.y = worldY - (y - this.height / 2) / this.zoom;
  }

  /**
   * Shows a rectangle as a whole. A large one is shown from its beginning at a zoom at which names can be read.
   *
   * @param {{left: number, top: number, right: number, bottom: number}} bounds
   * @param {{most?: number, least?: number}} options limits of the zoom
   */
  fit(bounds, { most = 1, least = LEAST } = {}) {
    const width = Math.max(bounds.right - bounds.left, 1);
    const height = Math.max(bounds.bottom - bounds.top, 1);
    const whole = Math.min((this.width - 2 * MARGIN) / width, (this.height - 2 * MARGIN) / height);
    this.zoom = Math.min(Math.max(whole, least, LEAST), most);
    const wide = width * this.zoom > this.width - MARGIN;
    const high = height * this.zoom > this.height - MARGIN;
    this.x = wide ? bounds.left + (this.width / 2 - MARGIN / 2) / this.zoom : (bounds.left + bounds.right) / 2;
    this.y = high ? bounds.top + (this.height / 2 - MARGIN) / this.zoom : (bounds.top + bounds.bottom) / 2;
  }

  /** Moves as little as possible so that a rectangle is in view. */
  reveal(place, margin = 56) {
    const room = margin / this.zoom;
    const { left, top, right, bottom } = this.seen();
    if (place.x - room < left) this.x -= left - (place.x - room);
    else if (place.x + place.w + room > right) this.x += place.x + place.w + room - right;
    if (place.y - room < top) this.y -= top - (place.y - room);
    else if (place.y + place.h + room > bottom) this.y += place.y + place.h + room - bottom;
  }

  /** Keeps the graph from being lost outside of the picture. */
  hold(bounds) {
    const { left, top, right, bottom } = this.seen(-40);
    if (right < bounds.left) this.x += bounds.left - right;
    else if (left > bounds.right) this.x -= left - bounds.right;
    if (bottom < bounds.top) this.y += bounds.top - bottom;
    else if (top > bounds.bottom) this.y -= top - bounds.bottom;
  }
}
