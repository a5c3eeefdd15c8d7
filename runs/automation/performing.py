"""One tick: begun in the storage, evaluated in the location, ended with its runs and its cursor in one transaction."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import AtollError
from atoll_host.runs.automation.events import Position, read_news, takes_events
from atoll_host.runs.automation.parameters import make_schedule_parameters, make_sensor_parameters, read_dynamic
from atoll_host.runs.automation.saying import Said
from atoll_host.runs.launching.asking import VALUES
from atoll_host.runs.queueing.holders import is_holder_gone
from atoll_host.runs.queueing.requesting import make_queued_run
from atoll_host.runs.storage.automations import KEEP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atoll_host.runs.automation.entries import Entry
    from atoll_host.runs.automation.lanes import Evaluated, Lane, Worker
    from atoll_host.runs.instance import Instance
    from atoll_host.runs.storage.automation_records import Tick
    from atoll_host.runs.storage.records import NewRun
    from atoll_host.runs.storage.store import Storage

TIMEOUT = 60.0
"""Seconds that one evaluation may take."""
_SPARE = 60.0
"""Seconds that a tick may take beyond its evaluation before its holder is taken for dead."""
_MOST_EVENTS = 50
"""How many events a sensor is told of in one tick."""
_SUPERSEDED = "a later moment was made up instead"
_STOPPED = "automation was stopped while it was evaluated"
_DONE = frozenset({"requested", "skipped", "failed"})


@dataclass(slots=True)
class Performed:
    """What became of a schedule's moments, or of a sensor.

    Attributes:
        done: moments that are done, by whomever.
        is_held: whether somebody else was about it, so that it is to be looked at again soon.
        is_failed: whether an evaluation failed.
        waiting: why it could not be evaluated at all.
        has_more: whether there are more events already.
    """

    done: list[float] = field(default_factory=list)
    is_held: bool = False
    is_failed: bool = False
    waiting: str | None = None
    has_more: bool = False


class Performer:
    """Carries out ticks in the threads of lanes.

    Args:
        storage: where they are remembered.
        instance: knows where values are.
        holder: names this engine.
        timeout: seconds that one evaluation may take.
        is_stopping: tells whether nothing more is to be begun.
    """

    def __init__(
        self,
        storage: Storage,
        instance: Instance,
        holder: str,
        *,
        timeout: float = TIMEOUT,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._storage = storage
        self._holder = holder
        self._timeout = timeout
        self._is_stopping = is_stopping
        self._directory = str(instance.state.path.absolute() / VALUES)

    def perform(self, entry: Entry, moments: Sequence[float], superseded: Sequence[float], lane: Lane) -> Performed:
        """Carry out what is due of a schedule or sensor.

        Args:
            entry: which one, as it is now.
            moments: of a schedule, in order.
            superseded: moments of a schedule that are not to be made up any more.
            lane: has the worker.

        Raises:
            StorageError: the storage does not answer.
        """
        if not entry.is_schedule:
            return self._perform_sensor(entry, lane)
        performed = Performed()
        for moment in superseded:
            tick = self._begin(entry, scheduled=moment)
            if tick is not None:
                self._storage.ticks.finish(tick, "skipped", holder=self._holder, reason=_SUPERSEDED)
        for moment in moments:
            if self._is_stopping() or performed.waiting is not None:
                break
            self._perform_moment(entry, moment, lane, performed)
        return performed

    def _perform_moment(self, entry: Entry, moment: float, lane: Lane, performed: Performed) -> None:
        found = self._storage.ticks.find(entry.origin, moment)
        if found is not None and found.outcome in _DONE:
            performed.done.append(moment)
            return
        worker = self._get_worker(entry, lane, performed)
        if worker is None:
            return
        tick = self._begin(entry, scheduled=moment)
        if tick is None:
            # Somebody did it since, or is about it; or about another moment of this schedule.
            performed.is_held = True
            return
        parameters = make_schedule_parameters(
            entry, moment, read_dynamic(self._storage, entry.subject), self._directory
        )
        said = Said()
        try:
            evaluated = _evaluate(worker, "schedule", parameters, self._timeout, said)
        except AtollError as error:
            self._fail(tick, error, performed, said)
            if not self._is_stopping():
                performed.done.append(moment)
            return
        runs = make_runs(entry, evaluated, scheduled=moment)
        self._finish(tick, runs, evaluated.dynamic, said, reason=evaluated.skip_reason, cpu=evaluated.cpu)
        performed.done.append(moment)

    def _perform_sensor(self, entry: Entry, lane: Lane) -> Performed:
        performed = Performed()
        worker = self._get_worker(entry, lane, performed)
        if worker is None:
            return performed
        tick = self._begin(entry, last_tick=entry.last_tick)
        if tick is None:
            performed.is_held = True
            return performed
        # Nobody but the holder of the tick moves the cursor, so it is read now.
        state = self._storage.sensors.get(entry.origin.location, entry.origin.name)
        dynamic = read_dynamic(self._storage, entry.subject)
        base = make_sensor_parameters(entry, state, entry.last_tick, dynamic, self._directory)
        if takes_events(entry.definition):
            self._tell_events(entry, tick, base, worker, performed)
            return performed
        said = Said()
        try:
            evaluated = _evaluate(worker, "sensor", base, self._timeout, said)
        except AtollError as error:
            self._fail(tick, error, performed, said)
            return performed
        runs = make_runs(entry, evaluated)
        facts: dict[str, Any] = {"reason": evaluated.skip_reason, "cursor": evaluated.cursor, "cpu": evaluated.cpu}
        self._finish(tick, runs, evaluated.dynamic, said, **facts)
        return performed

    def _tell_events(
        self, entry: Entry, tick: Tick, base: Mapping[str, Any], worker: Worker, performed: Performed
    ) -> None:
        """Evaluate a sensor for each new event. What went well before one that fails is kept."""
        position = Position.read(base["cursor"])
        news = read_news(self._storage, entry, position.after or 0, _MOST_EVENTS)
        runs: list[NewRun] = []
        dynamic: list[Mapping[str, Any]] = []
        reasons: list[str] = []
        cpu, began, said = 0.0, time.monotonic(), Said()
        for number, event in enumerate(news, 1):
            parameters = {**base, "cursor": position.cursor, **event.parameters}
            try:
                evaluated = _evaluate(worker, "sensor", parameters, self._timeout, said)
            except AtollError as error:
                self._fail(tick, error, performed, said, runs=runs, dynamic=dynamic, cursor=position.write(), cpu=cpu)
                return
            runs += make_runs(entry, evaluated)
            dynamic += evaluated.dynamic
            reasons += [evaluated.skip_reason] if evaluated.skip_reason else []
            cpu += evaluated.cpu
            position = Position(event.number, evaluated.cursor)
            if number < len(news) and (self._is_stopping() or time.monotonic() - began > self._timeout):
                break
        performed.has_more = bool(news) and (position.after != news[-1].number or len(news) == _MOST_EVENTS)
        reason = reasons[-1] if reasons else None if news else "nothing has happened"
        self._finish(tick, runs, dynamic, said, reason=reason, cursor=position.write(), cpu=cpu)

    def _get_worker(self, entry: Entry, lane: Lane, performed: Performed) -> Worker | None:
        try:
            return lane.get_worker(entry.subject.generation)
        except AtollError as error:
            performed.waiting = f"{entry.origin.location} can't be loaded: {error.problems[0].message}"
            if not self._is_stopping() and performed.waiting != entry.waiting:
                self._storage.ticks.wait(entry.origin, performed.waiting, error.problems[0].to_json())
            return None

    def _begin(self, entry: Entry, *, scheduled: float | None = None, last_tick: float | None = KEEP) -> Tick | None:
        lease = self._timeout * 2 + _SPARE
        return self._storage.ticks.begin(
            entry.origin,
            holder=self._holder,
            lease=lease,
            scheduled=scheduled,
            last_tick=last_tick,
            is_gone=is_holder_gone,
        )

    def _finish(
        self,
        tick: Tick,
        runs: Sequence[NewRun],
        dynamic: Sequence[Mapping[str, Any]],
        said: Said,
        *,
        reason: str | None,
        cpu: float,
        cursor: str | None = KEEP,
    ) -> None:
        self._storage.ticks.finish(
            tick,
            "requested" if runs else "skipped",
            holder=self._holder,
            runs=runs,
            dynamic=dynamic,
            cursor=cursor,
            reason=None if runs else reason,
            cpu=cpu,
            said=said.to_json(),
        )

    def _fail(
        self,
        tick: Tick,
        error: AtollError,
        performed: Performed,
        said: Said,
        *,
        runs: Sequence[NewRun] = (),
        dynamic: Sequence[Mapping[str, Any]] = (),
        cursor: str | None = KEEP,
        cpu: float | None = None,
    ) -> None:
        problem = error.problems[0]
        if self._is_stopping():
            # Whoever goes on evaluates it anew.
            facts: dict[str, Any] = {"outcome": "waiting", "reason": _STOPPED}
        else:
            performed.is_failed = True
            facts = {"outcome": "failed", "reason": problem.message, "problem": problem.to_json()}
            facts["cpu"] = (cpu or 0.0) + float(getattr(error, "cpu", 0.0))
            facts["said"] = said.to_json()
        self._storage.ticks.finish(tick, holder=self._holder, runs=runs, dynamic=dynamic, cursor=cursor, **facts)


def _evaluate(worker: Worker, kind: str, parameters: Mapping[str, Any], timeout: float, said: Said) -> Evaluated:
    """Evaluate, and keep what was said, however that ends.

    Raises:
        AtollError: it comes to nothing.
    """
    try:
        evaluated = worker.evaluate(kind, parameters, timeout=timeout)
    except AtollError as error:
        said.add(getattr(error, "logs", ()), getattr(error, "output", ""))
        raise
    said.add(evaluated.logs, evaluated.output)
    return evaluated


def make_runs(entry: Entry, evaluated: Evaluated, *, scheduled: float | None = None) -> list[NewRun]:
    """Make the runs that an evaluation asks for."""
    jobs = {job.get("name"): job for job in entry.subject.definitions.get("jobs") or ()}
    runs = []
    for request in evaluated.requests:
        assets, job = request.get("assets"), request.get("job")
        targets = assets or (jobs.get(job) or {}).get("assets") or ()
        runs.append(
            make_queued_run(
                location=entry.origin.location,
                job=job,
                assets=assets,
                checks=request.get("checks"),
                partition=request.get("partition"),
                config=request.get("config"),
                tags=request.get("tags"),
                targets=targets,
                scheduled=scheduled,
                origin=entry.origin,
                run_key=request.get("run_key"),
            )
        )
    return runs
