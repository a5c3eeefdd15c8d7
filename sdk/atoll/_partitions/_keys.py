"""The partitions that a definition has, and the stretches of time that they are."""

from __future__ import annotations

from .._values import Record
from ._definitions import (
    DynamicPartitionsDefinition,
    MultiPartitionKey,
    MultiPartitionsDefinition,
    StaticPartitionsDefinition,
)
from ._windows import TimeWindowPartitionsDefinition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Iterator, Mapping, Sequence

    from ._base import PartitionsDefinition

    Dynamic = Mapping[str, Sequence[str]]


class PartitionKeyRange(Record):
    """The first and the last of some partition keys."""

    def __init__(self, start: str, end: str) -> None:
        self.start = start
        self.end = end


class TimeWindow(Record):
    """A stretch of time: `start`, and `end`, which is no longer in it; both with a time zone."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start = start
        self.end = end

    def __iter__(self) -> Iterator[datetime]:
        return iter((self.start, self.end))


def list_keys(
    partitions: PartitionsDefinition, dynamic: Dynamic | None = None, now: datetime | None = None
) -> list[str]:
    """Every partition key there is now, in order; of dynamic partitions those that `dynamic` has under their name."""
    if isinstance(partitions, StaticPartitionsDefinition):
        return list(partitions.partition_keys)
    if isinstance(partitions, DynamicPartitionsDefinition):
        return list((dynamic or {}).get(partitions.name, ()))
    if isinstance(partitions, MultiPartitionsDefinition):
        keys: list[dict[str, str]] = [{}]
        for name in sorted(partitions.partitions_defs):
            own = list_keys(partitions.partitions_defs[name], dynamic, now)
            keys = [{**key, name: value} for key in keys for value in own]
        return [MultiPartitionKey(key) for key in keys]
    from ._times import iterate_windows

    windows = _as_windows(partitions)
    return [key for key, _ in iterate_windows(windows, now=now)]


def has_key(
    partitions: PartitionsDefinition, key: str, dynamic: Dynamic | None = None, now: datetime | None = None
) -> bool:
    """Whether there is such a partition now; any key will do for dynamic partitions that `dynamic` does not name."""
    if isinstance(partitions, StaticPartitionsDefinition):
        return key in partitions.partition_keys
    if isinstance(partitions, DynamicPartitionsDefinition):
        return partitions.name not in (dynamic or {}) or key in (dynamic or {})[partitions.name]
    if isinstance(partitions, MultiPartitionsDefinition):
        parts = split_key(partitions, key)
        return parts is not None and all(
            has_key(partitions.partitions_defs[name], part, dynamic, now) for name, part in parts.items()
        )
    from ._times import has_window

    return has_window(_as_windows(partitions), key, now)


def split_key(partitions: MultiPartitionsDefinition, key: str) -> dict[str, str] | None:
    """The keys by dimension of `a|b`; None where their number is another."""
    if isinstance(key, MultiPartitionKey):
        return key.keys_by_dimension if set(key.keys_by_dimension) == set(partitions.partitions_defs) else None
    parts = key.split("|")
    names = sorted(partitions.partitions_defs)
    return dict(zip(names, parts)) if len(parts) == len(names) else None


def make_key(partitions: PartitionsDefinition | None, key: str) -> str:
    """The key as user code gets it: of several dimensions a `MultiPartitionKey`."""
    parts = split_key(partitions, key) if isinstance(partitions, MultiPartitionsDefinition) else None
    return key if parts is None else MultiPartitionKey(parts)


def find_time_dimension(partitions: Any) -> str | None:
    """The name of the only dimension in time; None where there is none, or several."""
    if not isinstance(partitions, MultiPartitionsDefinition):
        return None
    names = [n for n, d in partitions.partitions_defs.items() if isinstance(d, TimeWindowPartitionsDefinition)]
    return names[0] if len(names) == 1 else None


def get_time_window(partitions: Any, keys: Sequence[str]) -> TimeWindow:
    """The stretch from the first key's start to the last key's end.

    Raises:
        ValueError: the partitions are not in time, or there is no key.
    """
    from ._times import get_window

    dimension = find_time_dimension(partitions)
    if dimension is not None:
        keys = [(split_key(partitions, key) or {})[dimension] for key in keys]
        partitions = partitions.partitions_defs[dimension]
    if not isinstance(partitions, TimeWindowPartitionsDefinition):
        raise ValueError("there is no time window: the partitions are not in time")  # noqa: TRY004 -- as documented
    if not keys:
        raise ValueError("there is no time window: there is no partition key")
    return TimeWindow(get_window(partitions, keys[0]).start, get_window(partitions, keys[-1]).end)


def _as_windows(partitions: Any) -> TimeWindowPartitionsDefinition:
    if not isinstance(partitions, TimeWindowPartitionsDefinition):
        raise TypeError(f"the partitions of {partitions!r} are not known")
    return partitions
