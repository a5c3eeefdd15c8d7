"""The one look of every table: no boxes, one line a row, and as much as fits, the name above all.

Where a table is wider than the terminal, headings become short, then what is least important becomes short or goes.
A name that is still too long stands on a line of its own above its row; it is cut only when it is longer than that.
Where nobody watches on a terminal, everything is printed whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from atoll_host.cli.views.text import cut, cut_middle, measure, room

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.text import Text

_GAP = 2
_LEAST_NAME = 8
_FEW = 0.05
"""The share of rows whose names may be too long for the column, so that one long name takes nothing from all others."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. The first one of a table holds the names.

    Attributes:
        heading: its words.
        short: a shorter heading, for when room is scarce.
        right: whether cells stand at its right edge, as numbers do.
        rank: how important it is: 0 always stays, of the others the one with the highest goes first.
        least: cells to which its contents may be cut; None when they are whole or not there.
    """

    heading: str
    short: str | None = None
    right: bool = False
    rank: int = 0
    least: int | None = None


def draw_table(
    console: Console,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Text | str]],
    *,
    indent: int = 0,
    headings: bool = True,
) -> None:
    """Draw a table as wide as the terminal allows; columns in which no row has anything are left out.

    Args:
        console: where it is drawn.
        columns: what they are; the first one holds the names.
        rows: a cell for each column.
        indent: cells that every line begins with.
        headings: whether the first line names the columns.
    """
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    cells = [[Text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    width = room(console)
    if not headings:
        columns = [replace(column, heading="", short=None) for column in columns]
    chosen, widths, short = _fit(columns, cells, None if width is None else width - indent)
    heads = [Text((column.short or column.heading) if short else column.heading, style="dim") for column in columns]
    for row in [heads, *cells] if headings else cells:
        line = Text(" " * indent, no_wrap=True, end="")
        for position, index in enumerate(chosen):
            if position:
                line.append(" " * _GAP)
            cell = row[index].copy()
            size = measure(cell.plain)
            if index == 0 and size > widths[0]:
                _draw_long_name(console, cell, indent)
                cell, size = Text(), 0
            elif size > widths[index]:
                cut(cell, widths[index])
                size = measure(cell.plain)
            padding = " " * (widths[index] - size)
            line.append_text(Text.assemble(padding, cell) if columns[index].right else Text.assemble(cell, padding))
        line.rstrip()
        console.print(line, soft_wrap=True, end="\n")


def _draw_long_name(console: Console, name: Text, indent: int) -> None:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    width = room(console)
    whole = name.plain if width is None else cut_middle(name.plain, width - indent)
    console.print(Text.assemble(" " * indent, (whole, name.style)), soft_wrap=True)


def _fit(
    columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int | None
) -> tuple[list[int], list[int], bool]:
    """Choose columns, their widths, and whether headings are short."""
    contents = [[measure(row[index].plain) for row in rows] for index in range(len(columns))]
    chosen = [index for index in range(len(columns)) if index == 0 or any(contents[index])]
    whole = [max([len(column.heading), *contents[index]]) for index, column in enumerate(columns)]
    if width is None or _total(chosen, whole) <= width:
        return chosen, whole, False
    heads = [len(column.short or column.heading) for column in columns]
    wanted = [max([heads[index], *contents[index]]) for index in range(len(columns))]
    if contents[0]:
        usual = sorted(contents[0])[math.ceil(len(contents[0]) * (1 - _FEW)) - 1]
        # Up to half a line, a name stays in its row in any case.
        wanted[0] = max(heads[0], min(usual, width), *(size for size in contents[0] if size <= width // 2))
    least = [
        wanted[index] if column.least is None else min(wanted[index], max(column.least, heads[index]))
        for index, column in enumerate(columns)
    ]
    while _total(chosen, least) > width:
        droppable = [index for index in chosen if columns[index].rank > 0]
        if not droppable:
            break
        chosen.remove(max(droppable, key=lambda index: (columns[index].rank, index)))
    widths = list(least)
    spare = width - _total(chosen, least)
    if spare < 0:
        widths[0] = max(widths[0] + spare, min(_LEAST_NAME, widths[0]))
    # The most important ones get their room back first.
    for index in sorted(chosen, key=lambda index: (columns[index].rank, index)):
        more = min(max(spare, 0), wanted[index] - widths[index])
        widths[index] += more
        spare -= more
    return chosen, widths, True


def _total(chosen: Sequence[int], widths: Sequence[int]) -> int:
    return sum(widths[index] for index in chosen) + _GAP * (len(chosen) - 1)
