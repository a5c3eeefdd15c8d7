"""Schedules and sensors beside their definitions: whether they are on, their ticks, their switch, a preview."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import AtollError
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.storage.automation_records import Automation, Tick, TickCost
    from atoll_host.runs.storage.records import AutomationKind
    from atoll_host.runs.storage.store import Storage
    from atoll_host.server.operations.operations import Operations
    from atoll_host.workspace.describing.finding import Found

DAY = 86_400.0
SHOWN = 50
"""Ticks on a page; the command has all."""
KEPT: Any = object()
"""Stands for the cursor that is remembered."""


@dataclass(frozen=True, slots=True)
class Ticking:
    """What is known of one schedule or sensor.

    Attributes:
        state: as it is remembered.
        is_on: whether it is evaluated.
        ticks: the last ones, the newest first.
        numbers: of the runs that they asked for, by id.
        cost: what it took during the last day; None where nothing.
        problem: why nothing is known.
    """

    state: Automation
    is_on: bool
    ticks: Sequence[Tick] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)
    cost: TickCost | None = None
    problem: LocatedProblem | None = None

    @property
    def failure(self) -> LocatedProblem | None:
        """What the last tick failed with, unless another has come since."""
        from atoll_host.runs.problems import read_problem  # noqa: PLC0415 — not before it is asked

        last = self.ticks[0] if self.ticks else None
        if last is None or last.outcome != "failed" or last.problem is None:
            return None
        return LocatedProblem(self.state.location, read_problem(last.problem))


def read_ticking(
    operations: Operations, kind: AutomationKind, location: str, name: str, definition: Mapping[str, Any]
) -> Ticking:
    """Look up one schedule or sensor.

    Args:
        operations: has what is remembered.
        kind: which of the two.
        location: whose it is.
        name: its own.
        definition: as the SDK describes it.
    """
    from atoll_host.runs.automation.entries import is_on  # noqa: PLC0415 — not before it is asked
    from atoll_host.runs.storage.automation_records import Automation  # noqa: PLC0415 — as above

    nothing = Automation(kind, location, name)
    try:
        storage = operations.read()
        if storage is None:
            return Ticking(nothing, is_on(definition, None))
        return _read(storage, kind, location, name, definition)
    except AtollError as error:
        return Ticking(nothing, is_on(definition, None), problem=LocatedProblem(None, error.problems[0]))


def _read(storage: Storage, kind: AutomationKind, location: str, name: str, definition: Mapping[str, Any]) -> Ticking:
    from atoll_host.runs.automation.entries import is_on  # noqa: PLC0415 — not before it is asked
    from atoll_host.runs.storage.records import Origin  # noqa: PLC0415 — as above

    state = storage.get_automations(kind).get(location, name)
    origin = Origin(kind, location, name)
    ticks = storage.ticks.list(origin, limit=SHOWN)
    numbers = storage.runs.numbers([run for tick in ticks for run in tick.runs])
    costs = storage.ticks.costs(time.time() - DAY)
    cost = next((one for one in costs if (one.kind, one.location, one.name) == (kind, location, name)), None)
    return Ticking(state, is_on(definition, state), ticks, numbers, cost)


def switch(state: Any, kind: AutomationKind, location: str, name: str, on: bool | None) -> Automation:
    """Switch a schedule or sensor on or off, or leave it to its declaration; what is due then is evaluated at once.

    Args:
        state: of the application.
        kind: which of the two.
        location: whose it is.
        name: its own.
        on: whether it is to be evaluated; None for what the code says.

    Raises:
        AtollError: it can't be remembered.
    """
    operations: Operations = state.operations
    switched = operations.switch(kind, location, name, on)
    if state.automating is not None:
        state.automating.poke()
    return switched


def preview(operations: Operations, found: Found, *, at: str | None = None, cursor: Any = KEPT) -> dict[str, Any]:
    """Give what a schedule or sensor would ask for, without any effect, as `atoll schedule preview --json` does.

    Args:
        operations: evaluates.
        found: the schedule or sensor.
        at: moment for a schedule, as people write it; the next one without.
        cursor: for a sensor; what is remembered without.

    Raises:
        AtollError: the moment can't be read, its location can't be loaded, or its function failed.
    """
    from atoll_host.runs.automation.describing import describe_preview  # noqa: PLC0415 — not before it is asked
    from atoll_host.runs.automation.moments import read_moment  # noqa: PLC0415 — as above
    from atoll_host.runs.automation.preview import REMEMBERED  # noqa: PLC0415 — as above

    kind: AutomationKind = "schedule" if found.kind == "schedule" else "sensor"
    location = found.report.location.name
    moment = None if at is None else read_moment(at, found.definition, "at")
    given = REMEMBERED if cursor is KEPT else cursor
    previewed = operations.preview(kind, location, found.name, at=moment, cursor=given)
    return describe_preview(kind, location, found.name, previewed)


def read_all(operations: Operations) -> tuple[dict[tuple[str, str, str], Automation], dict[tuple[str, str, str], Tick]]:
    """Give the states and the last ticks of all schedules and sensors, by kind, location and name."""
    try:
        storage = operations.read()
        if storage is None:
            return {}, {}
        states = (*storage.schedules.list(), *storage.sensors.list())
        ticks = storage.ticks.latest()
    except AtollError:
        return {}, {}
    return {(one.kind, one.location, one.name): one for one in states}, {
        (one.kind, one.location, one.name): one for one in ticks
    }
