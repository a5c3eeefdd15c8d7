"""What cron expressions and time zones mean, which the standard library of a location's Python may not know."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem
from atoll_host.workspace.checks.moments import expand, find_zone, iterate_moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LINES_SEARCHED = 60
"""How far below the first line of a schedule's declaration its texts are looked for."""
_RANGES = {
    "minute": "minutes are 0 to 59",
    "hour": "hours are 0 to 23",
    "day-of-month": "days of the month are 1 to 31, as many as the months have, or L for the last",
    "month": "months are 1 to 12 or JAN to DEC",
    "day-of-week": "days of the week are 0 to 7 or SUN to SAT; a range goes upwards",
}


def check_schedules(definitions: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Find the cron expressions and time zones that mean nothing, of schedules and of partitions, at the user's lines.

    Args:
        definitions: a location's, as the SDK describes them.
    """
    problems = [problem for schedule in definitions.get("schedules") or () for problem in _check(schedule)]
    seen: list[Mapping[str, Any]] = []
    for kind, word, name in (("assets", "Asset", "key"), ("jobs", "Job", "name")):
        for item in definitions.get(kind) or ():
            for part in _windows(item.get("partitions")):
                # Many assets share one partitioning: it is wrong once.
                if part not in seen:
                    seen.append(part)
                    problems += _check_window(f"{word} {item.get(name)!r}", item, part)
    return tuple(problems)


def next_ticks(schedule: Mapping[str, Any], number: int, *, after: datetime | None = None) -> list[datetime]:
    """Give the next moments at which a schedule is due, in its own time zone (UTC where it names none).

    Args:
        schedule: as the SDK describes it.
        number: how many; there are fewer when there are no more.
        after: moment with a time zone to begin after; None for now.

    Returns:
        Moments in order, each once; empty when the cron expression or the time zone means nothing.
    """
    zone = find_zone(schedule.get("timezone") or "UTC")
    if zone is None:
        return []
    begin = (after or datetime.now(UTC)).timestamp()
    moments = islice(iterate_moments(schedule.get("cron") or (), zone, begin), number)
    return [datetime.fromtimestamp(moment, UTC).astimezone(zone) for moment in moments]


def _windows(partitions: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """Give the partitionings in time that a partitioning is or holds."""
    if partitions is None:
        return
    for dimension in (partitions.get("dimensions") or {}).values():
        yield from _windows(dimension)
    if partitions.get("cron") is not None or partitions.get("timezone") is not None:
        yield partitions


def _check_window(what: str, item: Mapping[str, Any], partitions: Mapping[str, Any]) -> Iterator[Problem]:
    cron, zone = partitions.get("cron"), partitions.get("timezone")
    fault = None if cron is None else _find_fault(str(cron))
    if fault is not None:
        message = f"{what} has partitions by the cron expression {cron!r}, {fault[0]}"
        yield Problem("invalid_cron", message, fault[1], *_place(item, str(cron)))
    if zone is not None and find_zone(str(zone)) is None:
        message = f"{what} has partitions in the time zone {zone!r}, and there is none of this name"
        yield Problem("invalid_timezone", message, _similar_zone(str(zone)), *_place(item, str(zone)))


def _check(schedule: Mapping[str, Any]) -> Iterator[Problem]:
    name = schedule.get("name")
    for expression in schedule.get("cron") or ():
        fault = _find_fault(str(expression))
        if fault is not None:
            message = f"Schedule {name!r} has the cron expression {expression!r}, {fault[0]}"
            yield Problem("invalid_cron", message, fault[1], *_place(schedule, str(expression)))
    zone = schedule.get("timezone")
    if zone is not None and find_zone(str(zone)) is None:
        message = f"Schedule {name!r} has the time zone {zone!r}, and there is none of this name"
        yield Problem("invalid_timezone", message, _similar_zone(str(zone)), *_place(schedule, str(zone)))


def _place(item: Mapping[str, Any], text: str) -> tuple[str | None, int | None, int | None]:
    """Give file, line and column of a text in a declaration; where it is not there, of the declaration."""
    source, cron_source = item.get("source") or {}, item.get("cron_source") or {}
    file, line = cron_source.get("file") or source.get("file"), cron_source.get("line") or source.get("line")
    if file is None or line is None:
        return file, line, None
    first = min(line, source.get("line") or line) if source.get("file") == file else line
    try:
        with Path(file).open(encoding="utf-8-sig", errors="replace") as lines:
            for number, found in enumerate(islice(lines, first - 1, first - 1 + _LINES_SEARCHED), first):
                for quote in "\"'":
                    column = found.find(f"{quote}{text}{quote}")
                    if column >= 0:
                        return file, number, column + 1
    except (OSError, ValueError):
        # A path may even have a NUL in it.
        pass
    return file, line, None


def _find_fault(expression: str) -> tuple[str, str] | None:
    """Say what is wrong with a cron expression, and what to do; None when nothing is."""
    from cronsim import CronSim, CronSimError  # noqa: PLC0415 — not for what has no schedules

    try:
        next(CronSim(expand(expression), datetime(2024, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        field = str(error).removeprefix("Bad ")
        if field in _RANGES:
            return f"whose {field.replace('-', ' ')} means nothing", _RANGES[field]
        return "which means nothing", "five fields: minute, hour, day of the month, month, day of the week"
    except StopIteration:
        return "which never comes", "is there such a day in such a month?"
    return None


def _similar_zone(name: str) -> str:
    import difflib  # noqa: PLC0415 — only to complain
    from zoneinfo import available_timezones  # noqa: PLC0415 — as above

    folded = {zone.lower(): zone for zone in sorted(available_timezones())}
    wanted = name.lower().replace(" ", "_")
    cities = [zone for low, zone in folded.items() if low.rpartition("/")[2] == wanted.rpartition("/")[2]]
    close = difflib.get_close_matches(wanted, folded, n=1)
    if folded.get(wanted) or cities or close:
        return f"did you mean {folded.get(wanted) or (cities[0] if cities else folded[close[0]])!r}?"
    return "use a name of the tz database, such as 'Europe/Berlin' or 'UTC'"
