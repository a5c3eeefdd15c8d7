"""The queue: runs that schedules, sensors and backfills asked for are planned and launched, so many at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import AtollError, Problem
from atoll_host.runs.launching.settling import settle_lost
from atoll_host.runs.launching.telling import Teller
from atoll_host.runs.queueing.holders import is_holder_gone, make_holder
from atoll_host.runs.queueing.looping import Loop
from atoll_host.runs.queueing.planning import BrokenLocationError, plan_request
from atoll_host.runs.queueing.requesting import QueuedRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.runs.instance import Instance
    from atoll_host.runs.launching.launcher import Launched, Launcher
    from atoll_host.runs.launching.request import RunRequest
    from atoll_host.runs.queueing.sources import Source
    from atoll_host.runs.storage.records import Run, RunStatus
    from atoll_host.runs.storage.store import Storage

_POOL = "dispatching"
"""Whoever has the one slot of this pool launches; the others stand by."""
_LEASE = 30.0
_QUEUED: frozenset[RunStatus] = frozenset({"queued"})
_SEEN = 50
"""How many queued runs are looked at, at a time, beside those that are known to wait."""
_PATIENCE = 900.0
"""Seconds that a run waits in the queue for a location that is broken."""
_TRIES = 3
"""That are made to start the process of a run."""
_IDLE = 5.0
"""Seconds between two looks at a queue in which nobody has announced anything."""
_SOON = 0.5
"""The same while runs wait for a place."""


class Dispatcher(Loop):
    """Plans and launches runs that wait in the queue. Any number of them may share a storage: each run starts once.

    Args:
        storage: where runs are remembered.
        source: knows the locations.
        launch: starts a run: a `Launcher`, or its method.
        instance: says how many runs go on at once.
        on_change: called after a run was launched or has failed.
    """

    def __init__(
        self,
        storage: Storage,
        source: Source,
        launch: Callable[[RunRequest], Launched] | Launcher,
        instance: Instance,
        *,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(self._look, "dispatcher", _IDLE)
        self._storage = storage
        self._source = source
        self._launch: Callable[[RunRequest], Launched] = launch if callable(launch) else launch.launch
        self._instance = instance
        self._tell = Teller.of(instance)
        self._on_change = on_change or (lambda: None)
        self._holder = make_holder()
        self._failures: dict[str, int] = {}
        self._settled = 0.0
        self._waits: dict[str, str] = {}
        self._is_holding = False

    @property
    def waiting(self) -> dict[str, str]:
        """Why runs stay in the queue although there is a place, by id."""
        return dict(self._waits)

    def run_once(self) -> int:
        """Launch what there is a place for, and give how many runs still wait.

        Raises:
            StorageError: the storage does not answer.
        """
        self._settle()
        found = [(run, QueuedRequest.of(run)) for run in self._storage.runs.list_queued(_SEEN + len(self._waits))]
        queued = [(run, request) for run, request in found if request is not None]
        self._waits = {run.id: self._waits[run.id] for run, _ in queued if run.id in self._waits}
        left = len(queued)
        try:
            for run, request in queued:
                if self.is_stopping or not self._has_place(run):
                    break
                left -= self._dispatch(run, request)
        finally:
            if self._is_holding:
                self._is_holding = False
                self._storage.slots.release(self._holder)
        return left

    def _look(self) -> float:
        return _SOON if self.run_once() > len(self._waits) else _IDLE

    def _settle(self) -> None:
        """End runs whose process is gone: they take places."""
        now = time.monotonic()
        if now - self._settled >= _IDLE:
            self._settled = now
            settle_lost(self._storage, self._tell)

    def _acquire(self) -> bool:
        """Be the one who launches; tell whether that is so."""
        for _ in range(2):
            if self._storage.slots.acquire({_POOL: 1}, self._holder, lease=_LEASE):
                self._is_holding = True
                return True
            for slot in self._storage.slots.list(_POOL):
                if is_holder_gone(slot.holder):
                    self._storage.slots.release(slot.holder)
        return False

    def _has_place(self, run: Run) -> bool:
        return self._storage.runs.has_place(run.id, self._instance.concurrency.runs)

    def _dispatch(self, run: Run, request: QueuedRequest) -> bool:
        """Launch a run, or end it where that can't be; tell whether it has left the queue."""
        try:
            asked = self._make_request(run, request)
        except AtollError as error:
            problem = error.problems[0]
            is_passing = isinstance(error, BrokenLocationError) or problem.kind == "environment_missing"
            if is_passing and time.time() - run.created < _PATIENCE:
                self._waits[run.id] = problem.message
                return False
            return self._fail(run, problem)
        # Another one may have launched since the look at the places.
        if not self._acquire() or not self._has_place(run):
            return False
        try:
            self._launch(asked)
        except AtollError as error:
            self._failures[run.id] = self._failures.get(run.id, 0) + 1
            if self._failures[run.id] < _TRIES:
                self._waits[run.id] = error.problems[0].message
                return False
            return self._fail(run, error.problems[0])
        self._forget(run)
        return True

    def _make_request(self, run: Run, request: QueuedRequest) -> RunRequest:
        reports = self._source.reports()
        plan = plan_request(request, reports)
        facts: dict[str, Any] = {
            "id": run.id,
            "kind": run.kind,
            "job": run.job,
            "location": run.location,
            "selection": run.selection,
            "tags": run.tags,
            "config": run.config,
            "parent": run.parent,
            "timeout": request.timeout,
            "dynamic_partitions": self._storage.partitions.list_all(),
        }
        return self._source.make_run_request(reports, plan, self._instance, jobs=request.jobs, **facts)

    def _fail(self, run: Run, problem: Problem) -> bool:
        reason = f"it could not be started: {problem.message}"
        facts = problem.to_json()
        if self._storage.runs.update_status(run.id, "failed", expected=_QUEUED, reason=reason, problem=facts):
            self._tell([run.id])
        self._forget(run)
        return True

    def _forget(self, run: Run) -> None:
        self._failures.pop(run.id, None)
        self._waits.pop(run.id, None)
        self._on_change()
