"""Moments as people write them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.checks.moments import find_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST, _LAST = 1970, 9000
"""Years; calendars end soon after."""


def read_moment(text: str, schedule: Mapping[str, Any], name: str = "--at") -> float:
    """Read a moment: an ISO 8601 date or time, in the schedule's time zone where it names none.

    Args:
        text: what was written.
        schedule: as the SDK describes it.
        name: what the text was given as.

    Returns:
        Seconds since 1970.

    Raises:
        UsageError: it is none.
    """
    today = datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:00")
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{name} {text!r} is no time", hint=f"write it as {today}") from None
    if not _FIRST < moment.year < _LAST:
        raise UsageError(f"{name} {text!r} is too far away", hint=f"write it as {today}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=find_zone(str(schedule.get("timezone") or "UTC")) or UTC)
    return moment.timestamp()
