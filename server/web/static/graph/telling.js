// What is said beside the picture: how much is shown and chosen, around what, and why there is nothing.

import { showFocus } from "./panel.js";

const NUMBER = new Intl.NumberFormat("en");

/** Has a screen reader say something. */
export function say(text) {
  document.getElementById("announcements").textContent = text;
}

/**
 * Says what a picture shows.
 *
 * @param {object} data what `/graph/data` gives
 * @param {import("./address.js").Wish} wish
 * @param {object | null} selection what is chosen
 * @param {object | null} focus the node or box around which the graph is seen
 */
export function tellAll(data, wish, selection, focus) {
  const chosen = selection && !selection.error;
  const all = wish.only ? data.assets : data.shown;
  const text = chosen
    ? `${NUMBER.format(selection.count)} chosen of ${NUMBER.format(all)}`
    : `${NUMBER.format(data.shown)} asset${data.shown === 1 ? "" : "s"}`;
  document.getElementById("graph-count").textContent = text;
  const select = wish.select.trim();
  document.getElementById("graph-list").href = select ? `/assets?${new URLSearchParams({ select })}` : "/assets";
  showFocus(document.getElementById("graph-focus"), wish, focus?.name ?? wish.focus, data);
  tellEmpty(data);
  if (chosen) say(text);
}

function tellEmpty(data) {
  const empty = data.nodes.length === 0;
  document.getElementById("graph-empty").hidden = !empty;
  if (!empty) return;
  const none = data.assets === 0;
  document.getElementById("graph-empty-text").textContent = !none
    ? "Nothing of the graph is chosen."
    : data.waiting
      ? "The locations are being loaded; their assets appear here one after the other."
      : "The assets of all locations, and what depends on what across them, would be here.";
  document.getElementById("graph-empty-typed").hidden = !none || data.waiting > 0;
  document.getElementById("graph-empty-reset").hidden = none;
}
