"""Where the time of a load went, in numbers that can be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atoll_host.workspace.describing.wording import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH = 48
"""Of the bar, in pixels."""
_LEAST = 1.5


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a load.

    Attributes:
        name: `environment` (looking at it), `start` (of the process), `import` (of the user's module), `describe`.
        seconds: how long it took.
        x: where it begins in the bar, in pixels.
        width: in the bar, in pixels.
    """

    name: str
    seconds: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Spent:
    """Where the time of a load went.

    Attributes:
        seconds: all of it.
        parts: in their order; none where nothing is known of them.
        words: the same in words.
    """

    seconds: float
    parts: Sequence[Part]
    words: str


def describe_time(seconds: float, phases: Mapping[str, float]) -> Spent:
    """Say where the time of a load went.

    Args:
        seconds: from asking for the load to its end.
        phases: as the worker and its host measured them: `total` of the process, `import` and `describe` in it.
    """
    total, imported, described = (phases.get(name, 0.0) for name in ("total", "import", "describe"))
    if "import" not in phases:
        return Spent(seconds, (), duration(seconds))
    lengths = {
        "environment": max(seconds - total, 0.0),
        "start": max(total - imported - described, 0.0),
        "import": imported,
        "describe": described,
    }
    whole = sum(lengths.values()) or 1.0
    parts, x = [], 0.0
    for name, length in lengths.items():
        width = round(max(length / whole * WIDTH, _LEAST), 1)
        parts.append(Part(name, length, round(x, 1), width))
        x += width
    words = ", ".join(f"{part.name} {duration(part.seconds)}" for part in parts)
    return Spent(seconds, parts, f"{duration(seconds)}: {words}")
