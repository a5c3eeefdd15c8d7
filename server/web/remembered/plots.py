"""Small plots of numbers, drawn by the server: they need no script, and say the same in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 240, 48
_EDGE = 4
_LEAST = 2
"""Points of a plot."""
MOST = 8
"""Plots of one page."""
_WITHOUT = frozenset({"timestamp", "bool"})


@dataclass(frozen=True, slots=True)
class Plot:
    """A line through numbers, the oldest first.

    Attributes:
        name: of the numbers.
        line: points of the line, as SVG has them.
        last: place of the last point.
        least: the smallest number, as text.
        most: the largest.
        newest: the last one.
        words: the same in words.
    """

    name: str
    line: str
    last: tuple[float, float]
    least: str
    most: str
    newest: str
    words: str


def draw_plots(history: Sequence[Mapping[str, Any]]) -> list[Plot]:
    """Draw each number of metadata that there is at least twice.

    Args:
        history: metadata by name, each `{"type": …, "value": …}`, the newest first.
    """
    series: dict[str, list[float]] = {}
    for metadata in reversed(history):
        for name, entry in metadata.items():
            value = entry.get("value") if isinstance(entry, dict) and entry.get("type") not in _WITHOUT else None
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                series.setdefault(name, []).append(float(value))
    found = [(name, numbers) for name, numbers in sorted(series.items()) if len(numbers) >= _LEAST]
    return [_draw(name, numbers) for name, numbers in found[:MOST]]


def _draw(name: str, numbers: list[float]) -> Plot:
    least, most = min(numbers), max(numbers)
    span = most - least
    points = []
    for position, number in enumerate(numbers):
        x = _EDGE + position * (WIDTH - 2 * _EDGE) / (len(numbers) - 1)
        share = 0.5 if not span or not math.isfinite(span) else (number - least) / span
        points.append((round(x, 1), round(HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE), 1)))
    texts = {"least": write_number(least), "most": write_number(most), "newest": write_number(numbers[-1])}
    words = f"{name}: {len(numbers)} values from {texts['least']} to {texts['most']}, the last one {texts['newest']}"
    return Plot(name, " ".join(f"{x},{y}" for x, y in points), points[-1], words=words, **texts)


def write_number(number: float) -> str:
    """Give a number as it is read: whole ones in full with thousands apart, others with six digits that count."""
    if number == int(number) and abs(number) < 1e15:  # noqa: PLR2004 — beyond it not every whole number has a float
        return f"{int(number):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{number:.6g}"
