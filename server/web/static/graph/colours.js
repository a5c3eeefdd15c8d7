// The page's colours for the canvas: they are custom properties, which depend on the scheme.

const NAMES = [
  "surface", "surface-raised", "surface-sunken", "surface-selected", "line", "line-strong", "text", "text-muted",
  "accent", "ok", "warning", "error", "busy", "changed-tint",
  "hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6", "hue-7",
];

/**
 * Reads the colours as they are now.
 *
 * @param {Element} element in whose place they are read
 * @returns {Record<string, string>} by name, as the canvas understands them
 */
export function readColours(element) {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const found = {};
  for (const name of NAMES) {
    // Resolves light-dark(), which the value of a custom property still has in it.
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  const style = getComputedStyle(document.body);
  found.font = style.fontFamily;
  return found;
}

/** Calls back whenever the scheme may have changed. */
export function watchColours(callback) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback);
  matchMedia("(forced-colors: active)").addEventListener("change", callback);
  new MutationObserver(callback).observe(document.documentElement, { attributeFilter: ["data-scheme", "class"] });
}
