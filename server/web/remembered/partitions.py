"""What became of the partitions of an asset: a bar, and the list behind it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from atoll_host.workspace.describing.text import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.storage.asset_records import PartitionState

BARS = 120
"""Pieces of the bar: where there are more partitions, each stands for several."""
WIDTH = 720
LISTED = 200
"""Rows of the list at most."""
WORDS: Mapping[str, str] = {
    "failed": "failed",
    "in_progress": "in progress",
    "missing": "missing",
    "materialized": "made",
}
"""What each status is called; failures come first."""


@dataclass(frozen=True, slots=True)
class Share:
    """What of a piece of the bar has a status: from where, how high, of 100."""

    status: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the bar.

    Attributes:
        x: where it begins.
        width: of it.
        shares: what has which status.
        words: the same in words.
    """

    x: float
    width: float
    shares: Sequence[Share]
    words: str


@dataclass(frozen=True, slots=True)
class Range:
    """Partitions that follow each other and have one status.

    Attributes:
        status: of all of them.
        first: key of the first.
        last: key of the last.
        size: how many there are.
        run: id of the run that the status comes from, where it is one partition.
        time: when it was made last, where it is one partition.
    """

    status: str
    first: str
    last: str
    size: int
    run: str | None = None
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Partitions:
    """What became of the partitions of an asset.

    Attributes:
        total: how many there are.
        counts: how many have which status, by its word.
        pieces: of the bar.
        ranges: of the list, failures first.
        hidden: how many ranges are not listed.
        others: partitions that were made, and that the definition does not have now.
    """

    total: int
    counts: Mapping[str, int]
    pieces: Sequence[Piece]
    ranges: Sequence[Range]
    hidden: int
    others: int

    @property
    def words(self) -> str:
        """All of it in words."""
        told = ", ".join(f"{number} {word}" for word, number in self.counts.items() if number)
        return f"{count(self.total, 'partition')}: {told}" if told else count(self.total, "partition")


def describe_partitions(keys: Sequence[str], states: Sequence[PartitionState]) -> Partitions:
    """Say what became of partitions.

    Args:
        keys: of all that there are now, in order; where they aren't known, those that have a state stand for them.
        states: what is remembered of them.
    """
    by_key = {state.partition: state for state in states if state.partition is not None}
    known = list(keys) or list(by_key)
    pairs: list[tuple[str, str]] = [(key, by_key[key].status if key in by_key else "missing") for key in known]
    totals = Counter(status for _, status in pairs)
    ranges = []
    for status, group in groupby(pairs, key=lambda pair: pair[1]):
        members = [key for key, _ in group]
        state = by_key.get(members[0]) if len(members) == 1 else None
        run, time = (None, None) if state is None else (state.run, state.time)
        ranges.append(Range(status, members[0], members[-1], len(members), run, time))
    order = list(WORDS)
    ranges.sort(key=lambda one: order.index(one.status))
    return Partitions(
        total=len(known),
        counts={word: totals[status] for status, word in WORDS.items()},
        pieces=_cut(pairs),
        ranges=ranges[:LISTED],
        hidden=max(len(ranges) - LISTED, 0),
        others=len(by_key.keys() - set(known)),
    )


def _cut(pairs: Sequence[tuple[str, str]]) -> list[Piece]:
    number = min(len(pairs), BARS)
    pieces = []
    for position in range(number):
        start, end = position * len(pairs) // number, (position + 1) * len(pairs) // number
        part = pairs[start:end]
        totals = Counter(status for _, status in part)
        shares, y = [], 0.0
        for status in WORDS:
            height = round(100 * totals[status] / len(part), 2)
            if height:
                shares.append(Share(status, round(y, 2), height))
            y += height
        name = part[0][0] if len(part) == 1 else f"{part[0][0]} to {part[-1][0]}"
        told = ", ".join(f"{totals[status]} {word}" for status, word in WORDS.items() if totals[status])
        words = f"{name}: {WORDS[part[0][1]]}" if len(part) == 1 else f"{name}: {told}"
        width = WIDTH / number
        pieces.append(
            Piece(
                round(position * width, 2), round(max(width - (2 if number <= BARS // 2 else 1), 1), 2), shares, words
            )
        )
    return pieces
