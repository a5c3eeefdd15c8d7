"""The partition keys that a definition has now, found from its description: the host has no user code to ask.

What the SDK says of them (`sdk/atoll/_partitions`) is said here a second time; a test holds one against the other.
"""

from __future__ import annotations

import difflib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.checks.moments import expand, find_zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo

_LISTED = 10


def list_keys(
    described: Mapping[str, Any], dynamic: Mapping[str, Sequence[str]] | None = None, now: datetime | None = None
) -> list[str]:
    """Give every partition key that there is now, in order.

    Args:
        described: the partitions, as the SDK describes them.
        dynamic: the keys of dynamic partitions, by their name.
        now: moment up to which there are partitions in time; with a time zone.

    Raises:
        UsageError: their time zone or their cron expression is unknown here.
    """
    kind = described["type"]
    if kind == "static":
        return list(described["keys"])
    if kind == "dynamic":
        return list((dynamic or {}).get(described["name"], ()))
    if kind == "multi":
        keys = [""]
        for position, name in enumerate(sorted(described["dimensions"])):
            own = list_keys(described["dimensions"][name], dynamic, now)
            keys = [f"{key}|{value}" if position else value for key in keys for value in own]
        return keys
    return list(_iterate_windows(described, now or datetime.now(UTC)))


def check_existing(
    described: Mapping[str, Any], keys: Sequence[str], dynamic: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Refuse keys of partitions that are not there; any will do where dynamic partitions have no known keys.

    Raises:
        UsageError: there is no such partition.
    """
    unknown = [name for name in list_dynamic_names(described) if name not in (dynamic or {})]
    if unknown:
        return
    known = list_keys(described, dynamic)
    there = set(known)
    for key in keys:
        if key not in there:
            raise UsageError(f"There is no partition {key!r}", hint=_suggest(key, known))


def choose_range(known: Sequence[str], first: str, last: str) -> list[str]:
    """Give the keys from one to another, in their order.

    Raises:
        UsageError: one of them is not there, or they are in the wrong order.
    """
    for key in (first, last):
        if key not in known:
            raise UsageError(f"There is no partition {key!r}", hint=_suggest(key, known))
    start, end = known.index(first), known.index(last)
    if start > end:
        raise UsageError(f"Partition {first!r} comes after {last!r}", hint="name the first one first")
    return list(known[start : end + 1])


def _suggest(key: str, known: Sequence[str]) -> str:
    if not known:
        return "there are none yet"
    close = difflib.get_close_matches(key, known[-5000:], n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    if len(known) <= _LISTED:
        return f"there are: {', '.join(known)}"
    return f"they go from {known[0]} to {known[-1]}"


def list_dynamic_names(described: Mapping[str, Any]) -> list[str]:
    """Name the dynamic partitions that take part."""
    if described["type"] == "dynamic":
        return [described["name"]]
    return [name for inner in (described.get("dimensions") or {}).values() for name in list_dynamic_names(inner)]


def list_dynamic(definitions: Mapping[str, Any]) -> set[str]:
    """Name the dynamic partitions that the assets and jobs of a location use."""
    items = (*(definitions.get("assets") or ()), *(definitions.get("jobs") or ()))
    return {name for item in items if item.get("partitions") for name in list_dynamic_names(item["partitions"])}


def _iterate_windows(described: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """Give the keys of partitions in time whose windows have ended, and as many more or less as `end_offset` says."""
    zone = _find_zone(described.get("timezone"))
    form = described["format"]
    end = now
    if described.get("end") is not None:
        end = min(now, _parse(described["end"], form).replace(tzinfo=zone))
    left = described.get("end_offset") or 0
    waiting: list[str] = []
    for key, until in _iterate_pairs(described, zone):
        if until <= end:
            waiting.append(key)
            if left >= 0 or len(waiting) > -left:
                yield waiting.pop(0)
        elif left > 0:
            left -= 1
            yield key
        else:
            return


def _iterate_pairs(described: Mapping[str, Any], zone: tzinfo) -> Iterator[tuple[str, datetime]]:
    """Give the key of every window and the moment at which it ends."""
    form, excluded = described["format"], frozenset(described.get("exclusions") or ())
    has_hours = "%H" in form
    starts = _iterate_starts(described, _parse(described["start"], form))
    start = next(starts)
    for end in starts:
        key = start.strftime(form)
        if key not in excluded and (not has_hours or _is_clock_time(start, zone)):
            yield key, end.replace(tzinfo=zone)
        start = end


def _is_clock_time(moment: datetime, zone: tzinfo) -> bool:
    """Tell whether the clock of a zone ever shows this."""
    return moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment


def _iterate_starts(described: Mapping[str, Any], first: datetime) -> Iterator[datetime]:
    """Give the moments at which windows begin, as clock times."""
    kind = described.get("schedule_type")
    if kind is None:
        yield from _iterate_cron(str(described["cron"]), first)
        return
    minute, hour = described.get("minute_offset") or 0, described.get("hour_offset") or 0
    day = described.get("day_offset") or 0
    step = timedelta(hours=1) if kind == "HOURLY" else timedelta(days=1)
    moment = first.replace(minute=minute, second=0, microsecond=0)
    if kind != "HOURLY":
        moment = moment.replace(hour=hour)
    moment += step if moment < first else timedelta()
    if kind == "WEEKLY":
        moment += timedelta(days=(day - moment.isoweekday()) % 7)
        step = timedelta(days=7)
    while True:
        if kind != "MONTHLY" or moment.day == day:
            yield moment
        moment += step


def _iterate_cron(expression: str, first: datetime) -> Iterator[datetime]:
    from cronsim import CronSim, CronSimError  # noqa: PLC0415 — not for what has no partitions by cron

    before = first if first.second or first.microsecond else first - timedelta(minutes=1)
    try:
        yield from CronSim(expand(expression), before)
    except CronSimError:
        raise UsageError(f"The partitions' cron expression {expression!r} can't be read") from None


def _parse(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=None)  # noqa: DTZ007 — a clock time of the definition's zone


def _find_zone(name: str | None) -> tzinfo:
    if name is None or name.upper() in {"UTC", "ETC/UTC", "GMT", "Z"}:
        return UTC
    zone = find_zone(name)
    if zone is None:
        raise UsageError(f"The partitions' time zone {name!r} is not known here", hint="install the package tzdata")
    return zone
