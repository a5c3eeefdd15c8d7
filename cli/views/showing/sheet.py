"""The layout of everything about one thing: a title, fields with their labels, and sections below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.cli.views.text import measure, room, wrap
from atoll_host.workspace.describing.text import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

_INDENT = 2
_LABEL = 14
"""Cells that the labels of fields take."""
_WIDEST_PROSE = 100
"""Cells beyond which lines of prose are hard to read."""


class Sheet:
    """Draws one thing on a console, part by part."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = room(console)

    def title(self, kind: str, name: str, location: str | None, *, stale: bool = False) -> None:
        """Draw what it is."""
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        text = Text.assemble((f"{kind} ", "dim"), (one_line(name), "bold"))
        if location is not None and kind != "location":
            text.append_text(Text.assemble(("  in ", "dim"), (one_line(location), "cyan")))
        if stale:
            text.append("  (stale: the location failed to load now)", style="yellow")
        self._console.print(text, soft_wrap=True)

    def prose(self, text: str | None) -> None:
        """Draw a description, its own lines kept."""
        if not text or not text.strip():
            return
        width = None if self._width is None else min(self._width, _WIDEST_PROSE)
        lead = " " * _INDENT
        self._print("")
        for line in wrap(clean(text).expandtabs(4).strip(), width, lead, lead):
            self._print(line)

    def fields(self, fields: Mapping[str, str | None]) -> None:
        """Draw the fields that have a value, each with its label."""
        given = {label: value for label, value in fields.items() if value}
        if given:
            self._print("")
        for label, value in given.items():
            lead = f"{' ' * _INDENT}{label.ljust(_LABEL)}"
            lines = wrap(one_line(value or ""), self._width, lead, " " * measure(lead))
            self._print(lines[0], (_INDENT, _INDENT + len(label)))
            for line in lines[1:]:
                self._print(line)

    def table(self, heading: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
        """Draw a section of rows; nothing when there are none."""
        if rows:
            self._heading(heading, len(rows))
            draw_table(self._console, columns, rows, indent=_INDENT, headings=any(column.heading for column in columns))

    def names(self, heading: str, names: Sequence[str]) -> None:
        """Draw a section of names that follow one another; nothing when there are none."""
        if names:
            self._heading(heading, len(names))
            lead = " " * _INDENT
            # Names may hold spaces: those stay together, as what is wrapped breaks only after a comma.
            words = [f"{one_line(name)}," for name in names]
            words[-1] = words[-1].removesuffix(",")
            line = lead
            for word in words:
                if self._width is not None and line.strip() and measure(line) + measure(word) > self._width:
                    self._print(line.rstrip())
                    line = lead
                line += f"{word} "
            self._print(line.rstrip())

    def _heading(self, heading: str, number: int) -> None:
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        self._console.print()
        self._console.print(Text.assemble((heading, "bold"), (f" ({number})", "dim")), soft_wrap=True)

    def _print(self, line: str, dim: tuple[int, int] | None = None) -> None:
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        text = Text(line)
        if dim is not None:
            text.stylize("dim", *dim)
        self._console.print(text, soft_wrap=True)
