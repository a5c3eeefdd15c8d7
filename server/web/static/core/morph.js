// Makes a part of the page like a newly rendered one, and touches only what differs: focus, scroll positions, open
// details and what was typed stay. Elements are told apart by `id` or `data-key` among their siblings.

const KEPT = new Set(["data-current", "data-pending", "data-copied", "data-late", "aria-busy"]);
const WITHOUT_TEXT = new Set(["TABLE", "THEAD", "TBODY", "TFOOT", "TR", "UL", "OL", "DL", "SELECT"]);
const ROW = "tr[data-key], li[data-key], article[data-key]";

/**
 * Makes `from` like `to`, which is used up.
 *
 * Within `[data-keep]` nothing is touched, and changes within `[data-quiet]` are not told. What is only named, with
 * `[data-same]`, stays as it is.
 *
 * @param {Element} from in the page
 * @param {Element} to parsed from what the server rendered
 * @returns {Set<Element>} the rows in which something changed, or which are new
 * @throws {Error} something is named that is not there
 */
export function morph(from, to) {
  const changed = new Set();
  const focused = document.activeElement;
  morphElement(from, to, changed);
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
  return changed;
}

function morphElement(from, to, changed) {
  if (to.hasAttribute("data-same")) return;
  if (from.hasAttribute("data-keep") || from.isEqualNode(to)) return;
  if (from.localName === "time" && from.dataset.when !== undefined && from.dataset.when === to.dataset.when) return;
  morphAttributes(from, to, changed);
  morphChildren(from, to, changed);
  if (from.localName === "option") from.selected = from.parentElement?.dataset.dirty ? from.selected : to.selected;
}

function morphAttributes(from, to, changed) {
  const typed = isTyped(from);
  for (const { name } of [...from.attributes]) {
    if (to.hasAttribute(name) || KEPT.has(name)) continue;
    if (name === "open" && (from.localName === "details" || from.localName === "dialog")) continue;
    from.removeAttribute(name);
    if (name === "checked" && !typed) from.checked = false;
    if (name !== "class") tell(from, changed);
  }
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) === value || (name === "open" && from.localName === "details")) continue;
    from.setAttribute(name, value);
    if (name === "value" && "value" in from && !typed) from.value = value;
    if (name === "checked" && !typed) from.checked = true;
    if (name !== "class" && name !== "data-when") tell(from, changed);
  }
}

function morphChildren(from, to, changed) {
  const skipText = WITHOUT_TEXT.has(from.nodeName);
  const wanted = [...to.childNodes].filter((node) => !(skipText && isBlank(node)));
  const keyed = new Map();
  for (const child of from.children) if (keyOf(child)) keyed.set(keyOf(child), child);
  const needed = new Set(wanted.map(keyOf).filter(Boolean));
  let cursor = next(from.firstChild, skipText);
  for (const node of wanted) {
    const key = keyOf(node);
    let match = key ? keyed.get(key) : null;
    if (match && match.nodeName !== node.nodeName) match = null;
    if (!key) match = findUnkeyed(cursor, node, skipText);
    if (!match) {
      if (node.dataset?.same !== undefined) throw new Error(`not there: ${key}`);
      insert(from, document.importNode(node, true), cursor);
      if (key && node.matches?.(ROW)) changed.add(from.querySelector(`:scope > [data-key="${CSS.escape(key)}"]`));
      else tell(from, changed);
      continue;
    }
    keyed.delete(key);
    if (match !== cursor && cursor && match === next(cursor.nextSibling, skipText) && needed.has(keyOf(cursor))) {
      // One that went down: moving it is less than moving all that were below it.
      insert(from, cursor, null);
      cursor = match;
    }
    if (match === cursor) cursor = next(cursor.nextSibling, skipText);
    else insert(from, match, cursor);
    if (match.nodeType === Node.ELEMENT_NODE) {
      morphElement(match, node, changed);
    } else if (match.data !== node.data) {
      match.data = node.data;
      tell(from, changed);
    }
  }
  while (cursor) {
    const after = next(cursor.nextSibling, skipText);
    cursor.remove();
    cursor = after;
  }
}

function findUnkeyed(cursor, node, skipText) {
  let found = cursor;
  for (let steps = 0; found && steps < 8; steps += 1) {
    if (!keyOf(found) && found.nodeType === node.nodeType && found.nodeName === node.nodeName) return found;
    found = next(found.nextSibling, skipText);
  }
  return null;
}

function insert(parent, node, before) {
  // Moving keeps focus and scroll positions where the browser can.
  if (node.parentNode === parent && parent.moveBefore) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

function next(node, skipText) {
  let found = node;
  while (found && skipText && isBlank(found)) found = found.nextSibling;
  return found;
}

function isBlank(node) {
  return node.nodeType === Node.COMMENT_NODE || (node.nodeType === Node.TEXT_NODE && !node.data.trim());
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || "" : "";
}

function isTyped(element) {
  if (element === document.activeElement) return true;
  if (element.type === "checkbox" || element.type === "radio") return element.checked !== element.defaultChecked;
  return "defaultValue" in element && element.value !== element.defaultValue;
}

function tell(element, changed) {
  if (element.closest("time, [data-quiet]")) return;
  const row = element.closest(ROW);
  if (row) changed.add(row);
}
