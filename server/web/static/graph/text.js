// Text that fits: measured once, shortened in the middle so that both ends of a key can be read.

const KEPT = 20_000;
const widths = new Map();
const fitted = new Map();

/** Forgets what was measured, as when fonts have changed. */
export function forget() {
  widths.clear();
  fitted.clear();
}

/** Gives the width of a text in the font that is set. */
export function widthOf(context, text) {
  const key = `${context.font}\n${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > KEPT) widths.clear();
    width = context.measureText(text).width;
    widths.set(key, width);
  }
  return width;
}

/** Gives the longest form of a text that is not wider than what there is. */
export function fit(context, text, room) {
  const steps = Math.floor(room / 4);
  const key = `${context.font}\n${steps}\n${text}`;
  let short = fitted.get(key);
  if (short === undefined) {
    if (fitted.size > KEPT) fitted.clear();
    short = shorten(context, text, steps * 4);
    fitted.set(key, short);
  }
  return short;
}

function shorten(context, text, room) {
  if (text.length < 400 && context.measureText(text).width <= room) return text;
  // The end of a key tells more than its beginning: first whole parts of it are left out.
  const parts = text.split("/");
  for (let skipped = 1; skipped < parts.length && parts.length < 40; skipped += 1) {
    const rest = `…/${parts.slice(skipped).join("/")}`;
    if (context.measureText(rest).width <= room) return rest;
  }
  const last = parts.at(-1);
  if (parts.length > 1 && last && context.measureText(last).width <= room) return last;
  const letters = [...(last || text)];
  let low = 0;
  let high = Math.min(letters.length - 1, 200);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(cut(letters, middle)).width <= room) low = middle;
    else high = middle - 1;
  }
  return low > 0 ? cut(letters, low) : "";
}

function cut(letters, count) {
  const end = Math.ceil(count * 0.6);
  return `${letters.slice(0, count - end).join("")}…${letters.slice(letters.length - end).join("")}`;
}
