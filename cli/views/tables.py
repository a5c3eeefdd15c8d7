"""The one look of every table: no boxes, one line a row, what must be whole stays whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.table import Table


def table(*columns: tuple[str, Literal["left", "right"]]) -> Table:
    """Make a table of columns, each with its heading and its justification."""
    from rich.table import Table  # noqa: PLC0415 — rich is for terminals

    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading, justify in columns:
        grid.add_column(heading, justify=justify, overflow="ellipsis", no_wrap=True)
    return grid
