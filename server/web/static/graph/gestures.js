// Mouse, touch and wheel on the canvas.

const DRAG = 4; // CSS pixels before a press becomes a drag
const WHEEL = 0.0016;
const PINCH = 0.01; // of a touch pad, which browsers tell as a wheel with the control key

/**
 * Listens to a canvas.
 *
 * @param {HTMLElement} element
 * @param {object} calls
 * @param {(dx: number, dy: number) => void} calls.pan
 * @param {(factor: number, x: number, y: number) => void} calls.zoom
 * @param {(x: number, y: number, event: PointerEvent) => void} calls.press a press that was no drag
 * @param {(x: number, y: number, event: MouseEvent) => void} calls.double
 * @param {(x: number | null, y: number | null) => void} calls.hover
 */
export function listen(element, calls) {
  const pointers = new Map();
  let dragged = false;
  let pinched = false;

  const local = (event) => {
    const frame = element.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };

  element.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { at: local(event), start: local(event) });
    if (pointers.size === 1) dragged = pinched = false;
  });

  element.addEventListener("pointermove", (event) => {
    const pointer = pointers.get(event.pointerId);
    const [x, y] = local(event);
    if (!pointer) {
      if (event.pointerType === "mouse") calls.hover(x, y);
      return;
    }
    const [beforeX, beforeY] = pointer.at;
    if (pointers.size === 2) {
      pinched = dragged = true;
      const [[otherX, otherY]] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, other]) => other.at);
      const before = Math.hypot(beforeX - otherX, beforeY - otherY);
      const now = Math.hypot(x - otherX, y - otherY);
      calls.pan((x - beforeX) / 2, (y - beforeY) / 2);
      if (before > 8 && now > 8) calls.zoom(now / before, (x + otherX) / 2, (y + otherY) / 2);
      pointer.at = [x, y];
      return;
    }
    if (!dragged && Math.hypot(x - pointer.start[0], y - pointer.start[1]) < DRAG) return;
    if (!dragged) element.dataset.dragging = "";
    dragged = true;
    calls.pan(x - beforeX, y - beforeY);
    pointer.at = [x, y];
  });

  const end = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    delete element.dataset.dragging;
    if (event.type === "pointerup" && !dragged && !pinched) calls.press(...local(event), event);
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  element.addEventListener("pointerleave", () => calls.hover(null, null));
  element.addEventListener("dblclick", (event) => calls.double(...local(event), event));
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
      const speed = event.ctrlKey ? PINCH : WHEEL;
      const turn = Math.min(Math.max(event.deltaY * unit, -300), 300);
      calls.zoom(Math.exp(-turn * speed), ...local(event));
    },
    { passive: false },
  );
}
