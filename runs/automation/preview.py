"""What a schedule or sensor would ask for, without any effect."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import EnvironmentFailedError, ToolFailedError, UsageError
from atoll_host.runs.automation.engine import make_factory
from atoll_host.runs.automation.entries import Entry, list_definitions
from atoll_host.runs.automation.events import Position, describe_event, describe_run, find_last_run, takes_events
from atoll_host.runs.automation.lanes import Lane
from atoll_host.runs.automation.parameters import make_schedule_parameters, make_sensor_parameters, read_dynamic
from atoll_host.runs.automation.performing import TIMEOUT
from atoll_host.runs.automation.times import Timetable
from atoll_host.runs.launching.asking import VALUES
from atoll_host.runs.storage.automation_records import Automation
from atoll_host.runs.storage.records import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atoll_host.envs.loading.target import LoadRequest
    from atoll_host.envs.processes import Runner
    from atoll_host.runs.automation.lanes import Worker
    from atoll_host.runs.instance import Instance
    from atoll_host.runs.queueing.sources import Source, Subject
    from atoll_host.runs.storage.records import AutomationKind
    from atoll_host.runs.storage.store import Storage

REMEMBERED: Any = object()
"""Stands for the cursor that is remembered."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an evaluation would ask for.

    Attributes:
        requests: runs to start.
        skip_reason: why there are none.
        cursor: where a sensor would go on from.
        dynamic: dynamic partitions that it would add and delete.
        logs: what it logged.
        output: what it printed.
        cpu: seconds of processor time that it took.
        duration: seconds that it took, without loading.
        scheduled: the moment that a schedule was evaluated for.
        event: what a sensor was told of: the last materialisation, or the last run.
    """

    requests: tuple[Mapping[str, Any], ...]
    skip_reason: str | None
    cursor: str | None
    dynamic: tuple[Mapping[str, Any], ...]
    logs: tuple[Mapping[str, Any], ...]
    output: str
    cpu: float
    duration: float
    scheduled: float | None = None
    event: Mapping[str, Any] | None = None


def preview(  # noqa: PLR0917 — what it works with comes first
    storage: Storage | None,
    source: Source,
    instance: Instance,
    runner: Runner | None,
    kind: AutomationKind,
    location: str,
    name: str,
    *,
    at: float | None = None,
    cursor: str | None = REMEMBERED,
    timeout: float = TIMEOUT,
    is_stopping: Callable[[], bool] = lambda: False,
    make_worker: Callable[[LoadRequest], Worker] | None = None,
) -> Preview:
    """Evaluate a schedule or sensor in a worker of its own, and change nothing.

    Args:
        storage: what is remembered; None where nothing is.
        source: knows the locations.
        instance: knows where values are.
        runner: starts the worker.
        kind: which of the two it is.
        location: whose it is.
        name: of the schedule or sensor.
        at: moment for a schedule; the next one by default.
        cursor: for a sensor; what is remembered by default.
        timeout: seconds that the evaluation may take.
        is_stopping: tells whether whoever asked is about to end, and waits no longer.
        make_worker: makes a worker; of the runner by default.

    Raises:
        UsageError: there is no such schedule or sensor, or nothing to tell it of.
        EvaluationFailedError: its function failed.
        AtollError: the location can't be loaded, or whoever asked is about to end.
    """
    entry = _find(source, kind, location, name)
    parameters = _make_parameters(storage, instance, entry, at, cursor)
    lane = Lane(location, source.make_load_request, make_worker or make_factory(runner), threading.Semaphore(1))
    found: list[Preview] = []
    failed: list[BaseException] = []

    def evaluate(lane: Lane) -> None:
        try:
            worker = lane.get_worker(entry.subject.generation)
            began = time.monotonic()
            evaluated = worker.evaluate(kind, parameters, timeout=timeout)
        except BaseException as error:  # noqa: BLE001 — raised by whoever waits
            failed.append(error)
            return
        found.append(
            Preview(
                tuple(evaluated.requests),
                evaluated.skip_reason,
                evaluated.cursor,
                tuple(evaluated.dynamic),
                tuple(evaluated.logs),
                evaluated.output,
                evaluated.cpu,
                time.monotonic() - began,
                parameters.get("scheduled"),
                parameters.get("event") or parameters.get("run"),
            )
        )

    lane.submit(evaluate)
    lane.end()
    try:
        while not lane.join(0.1):
            if is_stopping():
                raise ToolFailedError("It was not evaluated to the end: the server is stopping")  # noqa: TRY301 — the handler ends the worker, whatever ended it
    except BaseException:
        lane.cancel()
        lane.join()
        raise
    if failed:
        raise failed[0]
    return found[0]


def _find(source: Source, kind: AutomationKind, location: str, name: str) -> Entry:
    subject: Subject | None = source.locations().get(location)
    if subject is None:
        raise UsageError(f"There is no location {location!r}", hint="atoll list locations")
    if subject.broken is not None:
        raise EnvironmentFailedError(f"{location} is broken: {subject.broken}", hint="atoll validate")
    definitions = dict(list_definitions(subject))
    origin = Origin(kind, location, name)
    if origin not in definitions:
        raise UsageError(f"There is no {kind} {name!r} in {location}", hint=f"atoll list {kind}s")
    return Entry(origin, definitions[origin], subject)


def _make_parameters(
    storage: Storage | None, instance: Instance, entry: Entry, at: float | None, cursor: str | None
) -> dict[str, Any]:
    origin = entry.origin
    directory = str(instance.state.path.absolute() / VALUES)
    dynamic: Mapping[str, Sequence[str]] = {} if storage is None else read_dynamic(storage, entry.subject)
    if entry.is_schedule:
        return make_schedule_parameters(entry, _choose_moment(entry, at), dynamic, directory)
    if storage is None:
        state = Automation("sensor", origin.location, origin.name)
    else:
        state = storage.sensors.get(origin.location, origin.name)
    parameters = make_sensor_parameters(entry, state, state.last_tick, dynamic, directory)
    if takes_events(entry.definition):
        parameters |= {"cursor": Position.read(state.cursor).cursor, **_find_event(storage, entry)}
    if cursor is not REMEMBERED:
        parameters["cursor"] = cursor
    return parameters


def _choose_moment(entry: Entry, at: float | None) -> float:
    timetable = Timetable.of(entry.definition)
    moment = at if at is not None or timetable is None else timetable.find_next(time.time())
    return time.time() if moment is None else moment


def _find_event(storage: Storage | None, entry: Entry) -> dict[str, Any]:
    """Give the last event that a sensor could be told of.

    Raises:
        UsageError: there has been none.
    """
    if entry.definition.get("type") == "asset_sensor":
        key = str(entry.definition.get("asset"))
        event = None if storage is None else storage.assets.latest(key)
        if event is None:
            raise UsageError(f"Asset {key!r} was never made: there is nothing to tell the sensor of")
        return {"event": describe_event(event), "run": None}
    run = None if storage is None else find_last_run(storage, entry)
    if run is None:
        raise UsageError("There was no run of the kind that the sensor watches: there is nothing to tell it of")
    return {"event": None, "run": describe_run(run)}
