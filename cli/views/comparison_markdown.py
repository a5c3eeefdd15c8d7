"""The differences between two revisions as a comment on a pull request (GitHub's and GitLab's Markdown)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from atoll_host.cli.views.comparison import list_changes, status, summary
from atoll_host.workspace.describing.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atoll_host.workspace.changes.comparison import Comparison, LocationChange
    from atoll_host.workspace.changes.git import Revision

_SPECIAL = re.compile(r"[^\w ,.;:/→…=-]|_", re.ASCII)
_LONGEST = 60_000
"""Characters. A comment on GitHub may have 65,536."""
_MARKS = {"added": "➕ added", "removed": "➖ removed", "changed": "✏️ changed"}


def write_markdown(comparison: Comparison, revision: Revision) -> str:
    """Write a comment: a line that sums up, and for each location a table that can be folded away."""
    head = f"### Definitions\n\n{escape(summary(comparison, revision))}\n"
    room = _LONGEST - len(head)
    parts = [head]
    for number, change in enumerate(comparison.locations):
        part = "\n".join(_write_location(change, revision))
        if len(part) > room:
            left = len(comparison.locations) - number
            parts.append(f"\n… and {left} more locations: `atoll diff` shows them\n")
            break
        parts.append(part)
        room -= len(part)
    return "".join(parts)


def _write_location(change: LocationChange, revision: Revision) -> Iterator[str]:
    rows = list(list_changes(change))
    heading = f"<b>{escape(change.name)}</b> {escape(status(change, revision))}"
    if not rows:
        yield f"\n{heading}\n"
        return
    yield f"\n<details><summary>{heading}: {len(rows)}</summary>"
    yield ""
    yield "| | | what |"
    yield "| --- | --- | --- |"
    for sign, noun, name, more in rows:
        yield f"| {_MARKS[sign]} | {noun} <code>{escape(name)}</code> | {escape(more)} |"
    yield ""
    yield "</details>"
    yield ""


def escape(text: str) -> str:
    """Make text harmless in a cell of a table: every character that could mean something becomes an entity.

    People and issues are looked for after entities are read: an invisible space behind `@` and `#` keeps them out.
    """
    return _SPECIAL.sub(_make_entity, one_line(text))


def _make_entity(found: re.Match[str]) -> str:
    number = ord(found[0])
    if not found[0].isascii():
        return found[0]
    return f"&#{number};&#8203;" if found[0] in "@#" else f"&#{number};"
