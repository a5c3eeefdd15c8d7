"""Schedules, sensors and their ticks as JSON: the same for commands, the page and its API."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from atoll_host.runs.automation.entries import is_on
from atoll_host.runs.automation.times import Timetable
from atoll_host.runs.storage.automation_records import Automation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.automation.preview import Preview
    from atoll_host.runs.storage.automation_records import Tick, TickOutcome
    from atoll_host.runs.storage.records import Origin
    from atoll_host.runs.storage.store import Storage


def describe_automation(state: Automation, definition: Mapping[str, Any]) -> dict[str, Any]:
    """Give the state of a schedule or sensor.

    Args:
        state: what is remembered of it.
        definition: as the SDK describes it.
    """
    on = is_on(definition, state)
    timetable = Timetable.of(definition) if state.kind == "schedule" else None
    return {
        "kind": state.kind,
        "location": state.location,
        "name": state.name,
        "on": on,
        "switched": state.is_on is not None,
        "next": timetable.find_next(time.time()) if on and timetable is not None else None,
        "cursor": state.cursor if state.kind == "sensor" else None,
        "last_tick": state.last_tick,
    }


def describe_tick(tick: Tick) -> dict[str, Any]:
    """Give one evaluation."""
    return {
        "number": tick.number,
        "outcome": tick.outcome,
        "scheduled": tick.scheduled,
        "started": tick.started,
        "ended": tick.ended,
        "duration": tick.duration,
        "cpu": tick.cpu,
        "reason": tick.reason,
        "problem": None if tick.problem is None else dict(tick.problem),
        "cursor": tick.cursor,
        "runs": list(tick.runs),
        "skipped_keys": list(tick.skipped_keys),
        "logs": [dict(record) for record in tick.logs],
        "output": tick.output,
        "count": tick.count,
    }


def describe_ticks(
    storage: Storage | None,
    origin: Origin,
    definition: Mapping[str, Any],
    *,
    outcomes: Sequence[TickOutcome] = (),
    before: int | None = None,
    limit: int,
) -> dict[str, Any]:
    """Give the state of a schedule or sensor with its ticks, the newest first.

    Args:
        storage: what is remembered; None where nothing is.
        origin: which one.
        definition: as the SDK describes it.
        outcomes: only ticks that came to one of them.
        before: only ticks with a smaller number.
        limit: how many at most.
    """
    if storage is None:
        state = Automation(origin.kind, origin.location, origin.name)
        return {**describe_automation(state, definition), "ticks": []}
    state = storage.get_automations(origin.kind).get(origin.location, origin.name)
    found = storage.ticks.list(origin, outcomes=outcomes, before=before, limit=limit)
    return {**describe_automation(state, definition), "ticks": [describe_tick(tick) for tick in found]}


def describe_preview(kind: str, location: str, name: str, previewed: Preview) -> dict[str, Any]:
    """Give what an evaluation would ask for."""
    return {
        "kind": kind,
        "location": location,
        "name": name,
        "scheduled": previewed.scheduled,
        "requests": [dict(request) for request in previewed.requests],
        "skip_reason": previewed.skip_reason,
        "cursor": previewed.cursor if kind == "sensor" else None,
        "dynamic": [dict(one) for one in previewed.dynamic],
        "logs": [dict(record) for record in previewed.logs],
        "output": previewed.output,
        "cpu": previewed.cpu,
        "duration": previewed.duration,
    }
