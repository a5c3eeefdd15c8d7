"""How the differences between two revisions look: in JSON, and to people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from atoll_host.workspace.changes.comparison import KINDS
from atoll_host.workspace.describing.text import clean, count, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console

    from atoll_host.workspace.changes.comparison import Comparison, ItemChange, KindChange, LocationChange
    from atoll_host.workspace.changes.git import Revision

NOUNS = {kind: kind.removesuffix("s") for kind in KINDS}
_LONGEST = 120
"""Characters of a value that are shown; JSON has all of it."""
_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


def describe_comparison(comparison: Comparison, revision: Revision, skipped: Mapping[str, str]) -> dict[str, Any]:
    """Give what `--json` has under `data`."""
    return {
        "revision": {"name": revision.name, "commit": revision.commit},
        "same": not comparison.locations,
        "locations": [
            {
                "name": change.name,
                "status": change.status,
                "was": change.was,
                **{kind: _describe_kind(change.kinds.get(kind)) for kind in KINDS},
            }
            for change in comparison.locations
        ],
        "unchanged": list(comparison.unchanged),
        "skipped": [{"name": name, "reason": reason} for name, reason in skipped.items()],
    }


def _describe_kind(change: KindChange | None) -> dict[str, Any]:
    if change is None:
        return {"added": [], "removed": [], "changed": []}
    return {
        "added": list(change.added),
        "removed": list(change.removed),
        "changed": [
            {
                "name": item.name,
                "fields": [{"name": one.name, "before": one.before, "after": one.after} for one in item.fields],
            }
            for item in change.changed
        ],
    }


def draw_comparison(console: Console, comparison: Comparison, revision: Revision) -> None:
    """Draw each location with its differences, then how many there are."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    for change in comparison.locations:
        console.print(Text.assemble((one_line(change.name), "bold"), f" {status(change, revision)}"), soft_wrap=True)
        for sign, noun, name, more in list_changes(change):
            mark, style = _SIGNS[sign]
            line = Text.assemble("  ", (mark, style), f" {noun} ", (one_line(name), style))
            console.print(line.append(f": {clean(more)}" if more else ""), soft_wrap=True)
    if comparison.locations:
        console.print()
    console.print(Text(summary(comparison, revision)), soft_wrap=True)


def status(change: LocationChange, revision: Revision) -> str:
    """Say what became of a location."""
    if change.status == "unknown":
        return f"can't be compared: it could not be loaded now or at {one_line(revision.name)}"
    if change.status == "renamed" and change.was is not None:
        return f"renamed, was {one_line(change.was)}"
    return change.status


def summary(comparison: Comparison, revision: Revision) -> str:
    """Say in a line how much differs."""
    since = f"since {one_line(revision.name)}"
    if not comparison.locations:
        return f"Nothing that is defined changed {since}"
    signs = [sign for change in comparison.locations for sign, *_ in list_changes(change)]
    parts = [f"{signs.count(sign)} {sign}" for sign in _SIGNS if sign in signs]
    places = count(len(comparison.locations), "location")
    return f"{', '.join(parts) or 'No definition changed'} in {places} {since}"


def list_changes(change: LocationChange) -> Iterator[tuple[str, str, str, str]]:
    """Give what differs in a location as (`added`, `removed` or `changed`; noun; name; what changed), in order."""
    for kind in KINDS:
        found = change.kinds.get(kind)
        if found is not None:
            noun = NOUNS[kind]
            yield from (("added", noun, name, "") for name in found.added)
            yield from (("removed", noun, name, "") for name in found.removed)
            yield from (("changed", noun, item.name, "; ".join(describe_fields(item))) for item in found.changed)


def describe_fields(item: ItemChange) -> Iterator[str]:
    """Say what each field of a definition was, and is."""
    for one in item.fields:
        yield f"{one.name.replace('_', ' ')} {_value(one.before)} → {_value(one.after)}"


def _value(value: Any) -> str:
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        text = ", ".join(value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = one_line(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
