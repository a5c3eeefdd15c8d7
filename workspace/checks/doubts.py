"""Partitions that go together in form, and are hardly meant to: times of different zones, days that nothing feeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from atoll_host.workspace.checks.partitions import is_time, pair_dimensions, read_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Partitions = Mapping[str, Any]

_LENGTHS = {"hourly": 0, "daily": 1, "weekly": 2, "monthly": 3}
_SEASONS = (datetime(2024, 1, 15, tzinfo=UTC), datetime(2024, 7, 15, tzinfo=UTC))


def find_doubts(above: Partitions | None, below: Partitions | None, mapping: Mapping[str, Any] | None) -> list[str]:
    """Say what is hardly meant of a dependency that can work.

    Written mappings are taken at their word: only what they do not speak of is in doubt.

    Args:
        above: partitions of the asset that is depended on; None when it has none.
        below: those of the asset that depends on it.
        mapping: which partitions of the one those of the other depend on; None when nothing says so.
    """
    if above is None or below is None or above == below:
        return []
    kind = None if mapping is None else mapping.get("type")
    if kind not in (None, "identity", "time_window") or (mapping or {}).get("allow_nonexistent_upstream_partitions"):
        return []
    return [doubt for up, down in pair_dimensions(above, below) for doubt in _iterate(up, down, mapping)]


def _iterate(above: Partitions, below: Partitions, mapping: Mapping[str, Any] | None) -> Iterator[str]:
    if above == below:
        return
    if above.get("type") == below.get("type") == "static":
        lonely = [key for key in below.get("keys") or () if key not in (above.get("keys") or ())]
        if lonely:
            yield f"the other has no partition {lonely[0]!r}" + (
                f" (nor {len(lonely) - 1} more)" if len(lonely) > 1 else ""
            )
        return
    if not is_time(above, below):
        return
    if mapping is None:
        yield from _compare_shapes(above, below)
    if not (mapping or {}).get("start_offset") and not (mapping or {}).get("end_offset"):
        yield from _compare_bounds(above, below)


def _compare_shapes(above: Partitions, below: Partitions) -> Iterator[str]:
    longer, shorter = _length(above), _length(below)
    if longer is not None and shorter is not None and shorter < longer:
        yield f"each of its {below['type']} partitions waits for a whole {_stretch(above)} of the other"
    both_hourly = longer == shorter == 0
    if not both_hourly and _differ(above.get("timezone"), below.get("timezone")):
        zones = [str(one.get("timezone") or "UTC") for one in (below, above)]
        yield f"its partitions follow the time of {zones[0]}, the other's that of {zones[1]}"


def _length(partitions: Partitions) -> int | None:
    """Order stretches of time by their length; None for those that a cron expression shapes."""
    kind = str(partitions.get("type"))
    if kind == "time_window":
        kind = {"HOURLY": "hourly", "DAILY": "daily", "WEEKLY": "weekly", "MONTHLY": "monthly"}.get(
            str(partitions.get("schedule_type")), ""
        )
    return _LENGTHS.get(kind)


def _stretch(partitions: Partitions) -> str:
    return ("hour", "day", "week", "month")[_length(partitions) or 0]


def _differ(one: str | None, other: str | None) -> bool:
    """Tell whether the clocks of two time zones differ, in winter or in summer."""
    from atoll_host.workspace.checks.moments import find_zone  # noqa: PLC0415 — only for partitions in time

    zones = find_zone(one or "UTC"), find_zone(other or "UTC")
    if zones[0] is None or zones[1] is None:
        return False
    return any(
        season.astimezone(zones[0]).utcoffset() != season.astimezone(zones[1]).utcoffset() for season in _SEASONS
    )


def _compare_bounds(above: Partitions, below: Partitions) -> Iterator[str]:
    """Find whole stretches of the one before the other begins, or after it ended."""
    starts = read_moment(above.get("start"), above), read_moment(below.get("start"), below)
    if None not in starts and _fits_between(starts[1], starts[0], below):
        yield f"it begins at {below.get('start')}, the other only at {above.get('start')}"
    end, own_end = read_moment(above.get("end"), above), read_moment(below.get("end"), below)
    if end is not None and (below.get("end") is None or _fits_between(end, own_end, below)):
        yield f"the other ends at {above.get('end')}, and it goes on"


def _fits_between(start: datetime | None, end: datetime | None, partitions: Partitions) -> bool:
    """Tell whether a whole partition lies between two moments."""
    from cronsim import CronSim, CronSimError  # noqa: PLC0415 — only for partitions in time

    if start is None or end is None or start >= end:
        return False
    from atoll_host.workspace.checks.moments import find_zone  # noqa: PLC0415 — as above

    zone = find_zone(str(partitions.get("timezone") or "UTC"))
    try:
        # The simulation begins after the moment it is given.
        before = start.astimezone(zone) - timedelta(minutes=1)
        ticks = list(islice(CronSim(str(partitions.get("cron")), before), 2))
    except CronSimError:
        return False
    return len(ticks) > 1 and ticks[1] <= end
