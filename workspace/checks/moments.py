"""The moments at which cron expressions are due in a time zone, through changes of its clock.

As in Debian's cron, which cronsim follows: an expression with a fixed minute and hour means a time of the day. Where
the clock skips it, it is due at the next moment that there is; where it comes twice, it is due the first time. An
expression whose minute or hour begins with `*` goes by real time: every minute or hour that there is, each once.
"""

from __future__ import annotations

import heapq
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
"""The names that cron has for common times (crontab(5))."""


def find_zone(name: str) -> tzinfo | None:
    """Give the time zone of a name, such as `Europe/Berlin`; None when there is none."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 — not for what has no schedules

    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return None


def expand(expression: str) -> str:
    """Give the five fields that a cron expression or one of the names such as `@daily` stands for."""
    return ALIASES.get(expression.strip().lower(), expression)


def iterate_moments(expressions: Iterable[str], zone: tzinfo, after: float) -> Iterator[float]:
    """Give the moments at which any of several cron expressions is due, in order, each once.

    Args:
        expressions: cron expressions, or names such as `@daily`.
        zone: whose clock they are meant by.
        after: the moment to begin after, in seconds since 1970.

    Returns:
        Seconds since 1970; it ends where there are no more moments. Nothing, when an expression means nothing.
    """
    from cronsim import CronSim, CronSimError  # noqa: PLC0415 — not for what has no schedules

    start = datetime.fromtimestamp(after, UTC).astimezone(zone)
    try:
        series = [map(datetime.timestamp, CronSim(expand(expression), start)) for expression in expressions]
    except CronSimError:
        return
    last = after
    for moment in heapq.merge(*series):
        # By time and not by the clock: an hour that comes twice has moments of the same name. And a series that begins
        # within such an hour may begin with the one that is over.
        if moment > last:
            last = moment
            yield moment
