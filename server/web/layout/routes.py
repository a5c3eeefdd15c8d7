"""Lead edges past the nodes of the columns that they cross: through the gaps between them."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

from atoll_host.server.web.layout.scene import COLUMN_PITCH, HEADER, Route

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.server.web.layout.scene import Link, Rectangle

_MARGIN = 5
"""Between an edge and a node that it passes."""
_APART = 7.0
"""Between edges of different sources, where there is room."""
_STEPS = (0, 1, -1, 2, -2, 3, -3, 4, -4)
_FAR = 1e9
_LEVEL = 2
"""What climbs or falls no more than this is level."""


class _Column:
    """The gaps of one column, from top to bottom."""

    def __init__(self, taken: Sequence[tuple[float, float]]) -> None:
        self.starts: list[float] = []
        self.ends: list[float] = []
        reached = -_FAR
        for top, bottom in sorted(taken):
            if top - _MARGIN > reached:
                self.starts.append(reached)
                self.ends.append(top - _MARGIN)
            reached = max(reached, bottom + _MARGIN)
        self.starts.append(reached)
        self.ends.append(_FAR)
        self._strands: dict[tuple[int, int], str] = {}

    def pass_at(self, wished: float, source: str) -> float:
        """Give the height nearest to the one wished for at which an edge gets through."""
        below = min(bisect_left(self.ends, wished), len(self.ends) - 1)
        if self.starts[below] <= wished <= self.ends[below]:
            return self._strand(below, wished, source)
        above = below - 1
        down = self.starts[below] - wished
        up = wished - self.ends[above] if above >= 0 else _FAR
        gap = below if down <= up else above
        start, end = self.starts[gap], self.ends[gap]
        narrow = end - start < 4 * _MARGIN
        return self._strand(gap, (start + end) / 2 if narrow else start + 8 if wished < start else end - 8, source)

    def claim(self, y: float, source: str) -> None:
        """Keep edges of other sources from a height that is taken."""
        gap = min(bisect_left(self.ends, y), len(self.ends) - 1)
        self._strands.setdefault(self._key(gap, y), source)

    def _strand(self, gap: int, wished: float, source: str) -> float:
        """Keep edges of different sources apart; those of one source run together."""
        start, end = self.starts[gap], self.ends[gap]
        for step in _STEPS:
            y = wished + step * self._apart(gap)
            if start <= y <= end and self._strands.get(self._key(gap, y), source) == source:
                return y
        return wished

    def _key(self, gap: int, y: float) -> tuple[int, int]:
        return gap, round(y / self._apart(gap))

    def _apart(self, gap: int) -> float:
        room = self.ends[gap] - self.starts[gap]
        return _APART if room >= 4 * _MARGIN else max(room / 5, 0.5)


def route(
    links: Sequence[Link],
    columns: Mapping[str, int],
    nodes: Mapping[str, Rectangle],
    boxes: Mapping[str, Rectangle],
) -> tuple[Route, ...]:
    """Give the way of each edge, in their order."""
    taken: dict[int, list[tuple[float, float]]] = {}
    for name, place in nodes.items():
        taken.setdefault(columns[name], []).append((place.y, place.bottom))
    for name, place in boxes.items():
        # Titles stand in the first column.
        taken.setdefault(columns[name], []).append((place.y, place.y + HEADER - 4))
    gaps = {column: _Column(spans) for column, spans in taken.items()}
    routes: list[Route] = [Route()] * len(links)
    # The level ones first, so that the others bend around them.
    for number in sorted(range(len(links)), key=lambda number: _climb(links[number], nodes)):
        routes[number] = _lead(links[number], columns, nodes, gaps)
        for column, y in routes[number].passes:
            if column in gaps:
                gaps[column].claim(y, links[number].source)
    return tuple(routes)


def _climb(link: Link, nodes: Mapping[str, Rectangle]) -> float:
    return abs(nodes[link.source].y - nodes[link.target].y)


def _lead(link: Link, columns: Mapping[str, int], nodes: Mapping[str, Rectangle], gaps: Mapping[int, _Column]) -> Route:
    start, end = columns[link.source], columns[link.target]
    source, target = nodes[link.source], nodes[link.target]
    here, there = source.y + source.height / 2, target.y + target.height / 2
    if end == start + 1:
        return Route()
    if end > start:
        between = range(start + 1, end)
        ways = [_follow(between, wish, link.source, gaps) for wish in ((here, there), (here, here), (there, there))]
        return Route(min(ways, key=lambda way: _effort(way, here, there)))
    # Back over the nodes, or below them, whichever is nearer: out to the right, along, and in from the left.
    turn = source.bottom + 12 if there > here else source.y - 12
    return Route(_follow(range(start, end - 1, -1), (turn, turn), link.source, gaps), backwards=True)


def _follow(
    between: Sequence[int], wish: tuple[float, float], source: str, gaps: Mapping[int, _Column]
) -> tuple[tuple[int, float], ...]:
    """Pass columns as level as can be, wishing for one height in the first half and another in the second."""
    passes: list[tuple[int, float]] = []
    first, second = wish
    for place, column in enumerate(between):
        wished = (
            first if 2 * place < len(between) - 1 else second if 2 * place > len(between) - 1 else (first + second) / 2
        )
        passes.append((column, gaps[column].pass_at(wished, source) if column in gaps else wished))
    return tuple(passes)


def _effort(way: Sequence[tuple[int, float]], here: float, there: float) -> float:
    """Tell how much an edge climbs and falls, and how often it bends."""
    heights = [here, *(y for _, y in way), there]
    steps = [abs(after - before) for before, after in pairwise(heights)]
    return sum(steps) + COLUMN_PITCH / 4 * sum(step > _LEVEL for step in steps)
