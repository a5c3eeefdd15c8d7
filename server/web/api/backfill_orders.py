"""What somebody who asks for a backfill says as JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from atoll_host.envs.errors import UsageError
from atoll_host.runs.backfilling.asking import BackfillWish

_KEYS = (
    "selection",
    "job",
    "partitions",
    "partition_range",
    "all",
    "missing",
    "batch",
    "max_runs",
    "config",
    "tags",
    "jobs",
    "timeout",
    "dry_run",
)
_EXAMPLE = 'such as: {"selection": "daily_orders", "missing": true}'
_ENDS = 2
_MOST = 1_000_000
"""More than anybody means, of whatever is counted."""


@dataclass(frozen=True, slots=True)
class BackfillOrder:
    """What is asked for.

    Attributes:
        wish: which partitions, and how they are made.
        max_runs: runs that are under way at once; None for as many as the instance allows.
        dry_run: whether nothing is to begin.
    """

    wish: BackfillWish
    max_runs: int | None
    dry_run: bool

    def make_wish(self, most: int) -> BackfillWish:
        """Give what is wished for, where the instance allows so many runs at once."""
        return replace(self.wish, max_runs=self.max_runs or most)


def read_order(data: Any) -> BackfillOrder:
    """Read what is asked for.

    Raises:
        UsageError: it makes no sense.
    """
    if not isinstance(data, dict):
        raise UsageError("The body is no object", hint=_EXAMPLE)
    for name in data:
        if name not in _KEYS:
            raise UsageError(f"There is no key {name!r}", hint=f"there are: {', '.join(_KEYS)}")
    selection, job = _read_text(data, "selection"), _read_text(data, "job")
    if (selection is None) == (job is None):
        raise UsageError("A backfill needs either `selection` or `job`", hint=_EXAMPLE)
    keys, ends = _read_keys(data, "partitions"), _read_keys(data, "partition_range")
    every, missing = _read_switch(data, "all"), _read_switch(data, "missing")
    if ends is not None and len(ends) != _ENDS:
        raise UsageError("`partition_range` is no list of the first and the last key")
    given = sum((keys is not None, ends is not None, every))
    if given > 1:
        raise UsageError("`partitions`, `partition_range` and `all` exclude each other")
    if not given and not missing:
        hint = "`all`, `missing`, `partition_range` or `partitions` says so"
        raise UsageError("It is not said which partitions are meant", hint=hint)
    wish = BackfillWish(
        selection=selection,
        job=job,
        partitions=tuple(dict.fromkeys(keys or ())),
        partition_range=None if ends is None else (ends[0], ends[1]),
        every=every,
        missing=missing,
        batch=_read_count(data, "batch") or 1,
        config=_read_config(data),
        tags=_read_tags(data),
        jobs=_read_count(data, "jobs"),
        timeout=_read_seconds(data, "timeout"),
    )
    return BackfillOrder(wish, _read_count(data, "max_runs"), _read_switch(data, "dry_run"))


def _read_text(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is not None and not (isinstance(value, str) and value.strip()):
        raise UsageError(f"`{name}` is no text")
    return value


def _read_keys(data: dict[str, Any], name: str) -> list[str] | None:
    value = data.get(name)
    if value is None:
        return None
    if not (isinstance(value, list) and value and all(isinstance(key, str) and key for key in value)):
        raise UsageError(f"`{name}` is no list of keys", hint='such as ["2024-01-01", "2024-01-31"]')
    return value


def _read_switch(data: dict[str, Any], name: str) -> bool:
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise UsageError(f"`{name}` is neither true nor false")
    return value


def _read_count(data: dict[str, Any], name: str) -> int | None:
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
        raise UsageError(f"`{name}` is no number between 1 and {_MOST}")
    return value


def _read_seconds(data: dict[str, Any], name: str) -> float | None:
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _MOST:
        raise UsageError(f"`{name}` is no number of seconds up to {_MOST}")
    return float(value)


def _read_config(data: dict[str, Any]) -> dict[str, Any] | None:
    value = data.get("config")
    if value is not None and not isinstance(value, dict):
        raise UsageError("`config` is no object", hint='such as {"ops": {"NAME": {"config": {}}}}')
    return value


def _read_tags(data: dict[str, Any]) -> dict[str, str]:
    value = data.get("tags")
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise UsageError("`tags` is no object of texts", hint='such as {"team": "sales"}')
    return value
