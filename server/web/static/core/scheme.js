// Runs before the first paint, so that nobody sees the wrong colours first; a module would come too late.
"use strict";
{
  const root = document.documentElement;
  root.dataset.scripts = "";
  let chosen = null;
  try {
    chosen = localStorage.getItem("scheme");
  } catch {
    // Storage is forbidden: the system's scheme is a good one.
  }
  if (chosen === "light" || chosen === "dark") root.dataset.scheme = chosen;
}
