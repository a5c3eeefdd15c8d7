"""When a schedule is due: moments to come, moments that have been, and those that are made up after a pause.

Every moment is in seconds since 1970. What cron expressions mean is said in `workspace.checks.moments`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from atoll_host.workspace.checks.moments import find_zone, iterate_moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

CatchUp = Literal["latest", "all"]
"""What is made up after a pause: the latest moment that was missed, or all of them."""
MOST_MISSED = 100
"""How many moments are made up at most: the latest ones."""
_HOUR = 3600.0
_LONGEST = 60 * 366 * 24 * _HOUR
"""How far back a moment is looked for: some come once in decades, such as a Monday that is 29 February."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """The moments of a schedule.

    Attributes:
        expressions: of cron.
        zone: whose clock they are meant by.
    """

    expressions: tuple[str, ...]
    zone: tzinfo

    @classmethod
    def of(cls, schedule: Mapping[str, Any]) -> Self | None:
        """Give that of a schedule, as the SDK describes it; None where its time zone is unknown here."""
        zone = find_zone(schedule.get("timezone") or "UTC")
        expressions = tuple(map(str, schedule.get("cron") or ()))
        return None if zone is None or not expressions else cls(expressions, zone)

    def iterate(self, after: float) -> Iterator[float]:
        """Give the moments after one, in order."""
        return iterate_moments(self.expressions, self.zone, after)

    def find_next(self, after: float) -> float | None:
        """Give the next moment; None where none comes any more."""
        return next(self.iterate(after), None)

    def list_latest(self, until: float, *, since: float | None = None, limit: int = 1) -> list[float]:
        """Give the last moments up to one, that one included, in order.

        Args:
            until: the moment.
            since: only those after this one.
            limit: how many at most.
        """
        span = _HOUR
        while True:
            start = until - span if since is None else max(since, until - span)
            found = []
            for moment in self.iterate(start):
                if moment > until:
                    break
                found.append(moment)
            if len(found) >= limit or start == since or span > _LONGEST:
                return found[-limit:]
            span *= 2


def list_missed(
    timetable: Timetable, last: float, now: float, policy: CatchUp, *, limit: int = MOST_MISSED
) -> list[float]:
    """Give the moments that are made up after a pause, in order.

    Args:
        timetable: of the schedule.
        last: the last moment that was done.
        now: the moment up to which there are any.
        policy: whether the latest is enough.
        limit: how many at most; the latest ones.
    """
    return timetable.list_latest(now, since=last, limit=1 if policy == "latest" else limit)


def choose_policy(schedule: Mapping[str, Any], definitions: Mapping[str, Any]) -> CatchUp:
    """Say what is made up of a schedule: all where each moment is another partition, and else the latest.

    Args:
        schedule: as the SDK describes it.
        definitions: of its location.
    """
    target = schedule.get("target") or {}
    keys = set(target.get("assets") or ())
    for job in definitions.get("jobs") or ():
        if job.get("name") == target.get("job") and target.get("job") is not None:
            if job.get("partitions"):
                return "all"
            keys |= set(job.get("assets") or ())
    parted = any(asset.get("key") in keys and asset.get("partitions") for asset in definitions.get("assets") or ())
    return "all" if parted else "latest"
