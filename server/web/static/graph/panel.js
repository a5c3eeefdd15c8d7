// What is known of the current node, with what can be done with it; and what part of the graph is seen.

const SIGNS = { loaded: "●", loading: "◐", stale: "▲", failed: "✕", idle: "○" };

/** Shows a node, or hides the panel. */
export function showPanel(element, item, { box, around }) {
  element.hidden = !item;
  if (!item) return;
  const title = make("p", "graph-panel-name");
  title.dir = "auto";
  if (item.url) {
    const link = make("a", item.kind === "asset" ? "mono" : "", item.name);
    link.href = item.url;
    title.append(link);
  } else {
    title.textContent = item.name;
  }
  const facts = make("p", "graph-panel-facts muted");
  for (const [text, kind] of factsOf(item, box)) facts.append(make("span", kind, text));
  const tools = make("div", "graph-panel-tools");
  if (item.kind !== "asset") tools.append(button(box ? "Fold" : "Open", "toggle", "Enter"));
  else if (around) tools.append(button(`Fold its ${around.kind}`, "fold-around", "C"));
  const selection = selectionOf(item);
  if (selection) {
    const launch = make("a", "button", "Materialize");
    launch.href = `/launch?selection=${encodeURIComponent(selection)}`;
    tools.append(launch);
  }
  tools.append(button("Upstream", "up", "U"), button("Downstream", "down", "D"), button("Neighbours", "near", "F"));
  element.replaceChildren(title, facts, tools);
}

/** Gives the selection of what a node stands for; null where nothing of it can be made. */
function selectionOf(item) {
  if (item.location === null || (item.kind === "asset" && item.type !== "materializable")) return null;
  const where = `location:"${item.location}"`;
  const own = { asset: `key:"${item.name}" and ${where}`, group: `group:"${item.name}" and ${where}`, location: where };
  return `${item.name}${item.location}`.includes('"') ? null : own[item.kind];
}

function factsOf(item, box) {
  const facts = [];
  if (item.kind === "asset") {
    const sort = { materializable: "asset", external: "external asset", unknown: "no location has it" }[item.type];
    facts.push([sort, ""]);
    if (item.location !== null) facts.push([`in ${item.location}`, ""]);
    if (item.group) facts.push([item.group, ""]);
    for (const other of item.declared) facts.push([`also declared in ${other}`, ""]);
    for (const kind of item.kinds) facts.push([kind, "kind"]);
  } else {
    facts.push([item.kind === "group" ? `group in ${item.location}` : "location", ""]);
    facts.push([`${item.count} asset${item.count === 1 ? "" : "s"}`, ""]);
  }
  if (item.state) facts.push([`${SIGNS[item.state]} ${item.state}`, `state-${item.state}`]);
  if (item.errors) facts.push([`✕ ${item.errors} error${item.errors === 1 ? "" : "s"}`, "state-error"]);
  if (item.warnings) facts.push([`▲ ${item.warnings} warning${item.warnings === 1 ? "" : "s"}`, "state-warning"]);
  if (item.cyclic) facts.push(["↻ in a cycle", "state-error"]);
  if (!box) facts.push([`${item.up} up, ${item.down} down`, ""]);
  return facts;
}

/** Shows around what the graph is seen, or hides that. */
export function showFocus(element, wish, name, { shown, assets, missing }) {
  element.hidden = !wish.focus;
  if (!wish.focus) return;
  if (missing) {
    const text = make("span", "graph-focus-text", `${name} is not in the graph; all is shown`);
    text.dir = "auto";
    element.replaceChildren(text, button("Close", "all", "Esc"));
    return;
  }
  const side = { up: "What makes", down: "What depends on", both: "Around" }[wish.way];
  const text = make("span", "graph-focus-text", `${side} `);
  const strong = make("strong", "", name);
  strong.dir = "auto";
  text.append(strong);
  const depth = make("span", "graph-focus-depth");
  const number = make("span", "number", wish.depth === null ? "any depth" : `depth ${wish.depth}`);
  depth.append(button("−", "shallower", "", "One step less"), number, button("+", "deeper", "", "One step more"));
  const count = make("span", "muted", `${shown} of ${assets}`);
  element.replaceChildren(text, depth, count, button("Show all", "all", "Esc"));
}

function make(name, kind, text) {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  if (text !== undefined) element.textContent = text;
  return element;
}

function button(text, action, key, label) {
  const element = make("button", "", text);
  element.type = "button";
  element.dataset.do = action;
  if (key) element.title = `${label ?? text} (${key})`;
  if (label) element.setAttribute("aria-label", label);
  return element;
}
