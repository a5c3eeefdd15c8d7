// Keeps the canvas smooth: a picture that is quick to draw is drawn in each frame. One that is not is drawn in slices to
// a second canvas, while what was drawn last is shown moved and zoomed.

import { paint } from "./painter.js";

const SLICE = 8; // ms of each frame for drawing
const OVERSCAN = 0.25; // of the view's size, on each side, for pictures that take several frames

export class Surface {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./camera.js").Camera} camera
   * @param {() => (import("./painter.js").Look | null)} look gives what to draw with, once for each drawing
   * @param {() => string} background gives the colour of what is empty
   */
  constructor(canvas, camera, look, background) {
    this.background = background;
    this.camera = camera;
    this.look = look;
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.front = { canvas: document.createElement("canvas"), camera: null };
    this.back = { canvas: document.createElement("canvas"), camera: null };
    this.job = null;
    this.slow = false;
    this.stale = true;
    this.requested = 0;
    this.before = [];
    this.frame = this.frame.bind(this);
  }

  /** Asks for a frame; with `anew` what was drawn is wrong, not only elsewhere. */
  request(anew = false) {
    if (anew) this.stale = true;
    if (!this.requested) this.requested = requestAnimationFrame(this.frame);
  }

  /** Has a function called before each frame; it may ask for another one. */
  onFrame(callback) {
    this.before.push(callback);
  }

  resize(width, height) {
    this.scale = Math.min(devicePixelRatio || 1, 2);
    this.camera.width = width;
    this.camera.height = height;
    this.canvas.width = Math.round(width * this.scale);
    this.canvas.height = Math.round(height * this.scale);
    this.job = null;
    this.request(true);
  }

  frame(now) {
    this.requested = 0;
    for (const callback of this.before) callback(now);
    if (this.stale || !this.isShown()) this.begin();
    this.work();
    this.show();
    if (this.job || (this.front.camera && (this.stale || !this.isShown()))) this.request();
  }

  isShown() {
    return this.front.shows?.equals(this.camera) ?? false;
  }

  begin() {
    // A drawing that was begun is ended, even if the camera moves on: it is still the better picture. One that is wrong is not.
    if (this.job && !this.stale) return;
    const look = this.look();
    if (!look) return;
    this.stale = false;
    const camera = this.camera.frozen();
    if (this.slow) {
      camera.width *= 1 + 2 * OVERSCAN;
      camera.height *= 1 + 2 * OVERSCAN;
    }
    const { canvas } = this.back;
    const width = Math.round(camera.width * this.scale);
    const height = Math.round(camera.height * this.scale);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    this.back.camera = camera;
    this.back.shows = this.camera.frozen();
    this.back.colour = look.colours["surface-sunken"];
    this.frames = 0;
    this.job = paint(canvas.getContext("2d", { alpha: false }), camera, look, this.scale);
  }

  work() {
    if (!this.job) return;
    this.frames += 1;
    const end = performance.now() + SLICE;
    let done = false;
    while (!done && performance.now() < end) done = this.job.next().done;
    if (!done) return;
    this.slow = this.frames > 1;
    this.job = null;
    [this.front, this.back] = [this.back, this.front];
  }

  show() {
    const { camera, canvas } = this.front;
    const colour = camera ? this.front.colour : this.background();
    const { context } = this;
    context.fillStyle = colour;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (!camera) return;
    const factor = this.camera.zoom / camera.zoom;
    const [left, top] = this.camera.toScreen(...camera.toWorld(0, 0));
    context.imageSmoothingEnabled = factor !== 1;
    const x = left * this.scale;
    const y = top * this.scale;
    context.drawImage(canvas, factor === 1 ? Math.round(x) : x, factor === 1 ? Math.round(y) : y, canvas.width * factor, canvas.height * factor);
  }
}
