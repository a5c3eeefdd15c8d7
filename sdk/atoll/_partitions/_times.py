"""The windows of partitions in time: when each begins and ends."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from .._errors import DefinitionError
from ._keys import TimeWindow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from ._windows import TimeWindowPartitionsDefinition

_LONGEST = {
    "HOURLY": timedelta(hours=3),  # where a clock is put back
    "DAILY": timedelta(days=2),
    "WEEKLY": timedelta(days=8),
    "MONTHLY": timedelta(days=63),  # from one month with 31 days to the next
}
_ENOUGH = 100_000


def find_zone(name: str | None) -> Any:
    """The time zone of this name; UTC where there is none.

    Raises:
        DefinitionError: this Python can't find it.
    """
    if name is None or name.upper() in ("UTC", "ETC/UTC", "GMT", "Z"):
        return timezone.utc
    try:
        from zoneinfo import ZoneInfo
    except ImportError:  # Python 3.8
        return _find_zone_in_packages(name)
    try:
        return ZoneInfo(name)
    except Exception as error:
        message = f"time zone {name!r} is not known here"
        raise DefinitionError(message, "install the package tzdata, or the system's time zones") from error


def _find_zone_in_packages(name: str) -> Any:
    import importlib

    for package, attribute in (("backports.zoneinfo", "ZoneInfo"), ("dateutil.tz", "gettz")):
        try:
            zone = getattr(importlib.import_module(package), attribute)(name)
        except ImportError:
            continue
        if zone is not None:
            return zone
    raise DefinitionError(
        f"time zone {name!r} is not known here", "on Python 3.8, add backports.zoneinfo or python-dateutil"
    )


def iterate_starts(windows: TimeWindowPartitionsDefinition, first: datetime) -> Iterator[datetime]:
    """The moments at which windows begin, from `first` on, as clock times without zone."""
    kind = windows.schedule_type
    if kind is None:
        from ._cron import iterate_times

        yield from iterate_times(str(windows.cron_schedule), first)
        return
    if kind.name == "HOURLY":
        moment = first.replace(minute=windows.minute_offset, second=0, microsecond=0)
        moment += timedelta(hours=1) if moment < first else timedelta()
        while True:
            yield moment
            moment += timedelta(hours=1)
    moment = first.replace(hour=windows.hour_offset, minute=windows.minute_offset, second=0, microsecond=0)
    if moment < first:
        moment += timedelta(days=1)
    if kind.name == "DAILY":
        while True:
            yield moment
            moment += timedelta(days=1)
    if kind.name == "WEEKLY":
        moment += timedelta(days=(windows.day_offset - moment.isoweekday()) % 7)
        while True:
            yield moment
            moment += timedelta(days=7)
    while True:
        if moment.day == windows.day_offset:
            yield moment
        moment += timedelta(days=1)


def _iterate_pairs(windows: TimeWindowPartitionsDefinition, first: datetime) -> Iterator[tuple[str, TimeWindow]]:
    """(key, window) of every window from `first` on, whether there is such a partition or not."""
    zone = find_zone(windows.timezone)
    starts = iterate_starts(windows, first)
    start = next(starts)
    for end in starts:
        aware = start.replace(tzinfo=zone)
        key = start.strftime(windows.fmt)
        is_clock_time = aware.astimezone(timezone.utc).astimezone(zone).replace(tzinfo=None) == start
        if key not in windows.exclusions and (is_clock_time or windows.fmt.find("%H") < 0):
            yield key, TimeWindow(aware, end.replace(tzinfo=zone))
        start = end


def parse(windows: TimeWindowPartitionsDefinition, text: str) -> datetime:
    """The moment that a key or a bound names, without zone."""
    moment = datetime.strptime(text, windows.fmt)  # noqa: DTZ007 -- a clock time of the definition's zone
    return moment.replace(tzinfo=None)


def _find_end(windows: TimeWindowPartitionsDefinition, now: datetime | None) -> datetime:
    """The moment that the last window must not end after, before `end_offset` is counted."""
    zone = find_zone(windows.timezone)
    current = now or datetime.now(timezone.utc)
    if current.tzinfo is None:
        current = current.replace(tzinfo=timezone.utc)
    if windows.end is None:
        return current
    return min(current, parse(windows, windows.end).replace(tzinfo=zone))


def iterate_windows(
    windows: TimeWindowPartitionsDefinition, now: datetime | None = None
) -> Iterator[tuple[str, TimeWindow]]:
    """(key, window) of every partition that there is, in order."""
    end = _find_end(windows, now)
    waiting: list[tuple[str, TimeWindow]] = []
    left = windows.end_offset
    for pair in _iterate_pairs(windows, parse(windows, windows.start)):
        if pair[1].end <= end:
            waiting.append(pair)
            if left >= 0 or len(waiting) > -left:
                yield waiting.pop(0)
        elif left > 0:
            left -= 1
            yield pair
        else:
            return


def get_window(windows: TimeWindowPartitionsDefinition, key: str) -> TimeWindow:
    """The window of a key, whether there is such a partition or not.

    Raises:
        ValueError: the key is no time in the definition's format, or no window begins there.
    """
    for found, window in _iterate_pairs(windows, parse(windows, key)):
        if found != key:
            break
        return window
    raise ValueError(f"there is no partition {key!r}")


def has_window(windows: TimeWindowPartitionsDefinition, key: str, now: datetime | None = None) -> bool:
    find_zone(windows.timezone)  # an unknown one is no answer to the question
    try:
        window = get_window(windows, key)
    except ValueError:
        return False
    return _exists(windows, window, now)


def find_key_at(windows: TimeWindowPartitionsDefinition, moment: datetime) -> str | None:
    """The key of the window that ended last at a moment, moved by `end_offset`; None where there is none."""
    zone = find_zone(windows.timezone)
    clock = moment.astimezone(zone).replace(tzinfo=None)
    first = clock - _get_longest(windows) * (max(0, -windows.end_offset) + 2)
    starts: list[datetime] = []
    ended = None
    for start in iterate_starts(windows, first):
        if start.replace(tzinfo=zone) <= moment:
            ended = len(starts) - 1
        elif len(starts) > (_ENOUGH if ended is None else ended + max(0, windows.end_offset) + 1):
            break
        starts.append(start)
    if ended is None or not 0 <= ended + windows.end_offset < len(starts) - 1:
        return None
    start, end = starts[ended + windows.end_offset], starts[ended + windows.end_offset + 1]
    is_before = start < parse(windows, windows.start)
    is_after = windows.end is not None and end > parse(windows, windows.end)
    key = start.strftime(windows.fmt)
    return None if is_before or is_after or key in windows.exclusions else key


def _exists(windows: TimeWindowPartitionsDefinition, window: TimeWindow, now: datetime | None = None) -> bool:
    zone = find_zone(windows.timezone)
    if window.start < parse(windows, windows.start).replace(tzinfo=zone):
        return False
    end = _find_end(windows, now)
    if windows.end_offset == 0:
        return window.end <= end
    if windows.end_offset < 0:
        following = _iterate_pairs(windows, window.end.replace(tzinfo=None))
        for _ in range(-windows.end_offset):
            window = next(following)[1]
        return window.end <= end
    following = _iterate_pairs(windows, end.astimezone(zone).replace(tzinfo=None) - _get_longest(windows))
    count = 0
    for _, other in following:
        if other.end > end:
            count += 1
        if other.start >= window.start:
            return count <= windows.end_offset
    return False


def _get_longest(windows: TimeWindowPartitionsDefinition) -> timedelta:
    return _LONGEST.get(windows.schedule_type.name if windows.schedule_type else "", timedelta(days=400))


def find_meeting(
    windows: TimeWindowPartitionsDefinition, period: TimeWindow, start_offset: int, end_offset: int
) -> list[tuple[str, bool]]:
    """The keys of the windows that a period meets, moved by offsets; each with whether there is such a partition."""
    zone = find_zone(windows.timezone)
    back = _get_longest(windows) * (max(0, -start_offset) + 2)
    first = period.start.astimezone(zone).replace(tzinfo=None) - back
    found: list[tuple[str, TimeWindow]] = []
    lowest = highest = None
    for pair in _iterate_pairs(windows, first):
        window = pair[1]
        if window.start < period.end and window.end > period.start:
            lowest = len(found) if lowest is None else lowest
            highest = len(found)
        found.append(pair)
        behind = window.start >= period.end
        if behind and (lowest is None or highest is None):
            return []
        if behind and highest is not None and len(found) > highest + max(0, end_offset):
            break
        if len(found) > _ENOUGH:
            break
    if lowest is None or highest is None:
        return []
    chosen = found[max(0, lowest + start_offset) : highest + end_offset + 1]
    return [(key, _exists(windows, window)) for key, window in chosen]
