"""Carries out the stages of a run: workers are prepared, then each stage executes when those before it have."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from atoll_host.envs.errors import AtollError, Problem
from atoll_host.envs.processes import RunnerClosedError
from atoll_host.envs.running.worker import RunWorker, WorkerCanceledError, WorkerFailedError
from atoll_host.runs.launching.limits import find_limit_problems
from atoll_host.runs.launching.stage_run import StageRun
from atoll_host.runs.launching.stages import Progress, make_worker_plan
from atoll_host.runs.launching.step_processes import StepProcesses
from atoll_host.runs.planning.shape import digest_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atoll_host.envs.processes import Runner
    from atoll_host.runs.launching.pooling import Pools
    from atoll_host.runs.launching.recorder import Recorder
    from atoll_host.runs.launching.request import RunRequest
    from atoll_host.runs.planning.plan import Stage

_MOST_WAITING = 32
"""Workers that are kept until their stage comes; others are started anew then."""
_LOOK = 0.25
"""Seconds between two looks, while a place is waited for, whether the run was canceled."""
Status = Literal["succeeded", "failed", "canceled"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        status: where it ends.
        problems: what made it fail, as JSON.
        steps: names of the steps that failed.
        killed: process ids of workers that were killed.
    """

    status: Status
    problems: tuple[Mapping[str, Any], ...] = ()
    steps: tuple[str, ...] = ()
    killed: frozenset[int] = field(default_factory=frozenset)


class Conductor:
    """Carries out one run. `cancel` and `kill` may be called in any thread.

    Args:
        runner: starts the workers.
        request: what is to be done.
        recorder: takes what happens.
        variables: of this process.

    Attributes:
        outdated: locations that define something else than what the run was planned with.
    """

    def __init__(self, runner: Runner, request: RunRequest, recorder: Recorder, variables: Mapping[str, str]) -> None:
        self._runner = runner
        self._request = request
        self._recorder = recorder
        self._variables = variables
        self._lock = threading.Lock()
        self._workers: set[RunWorker] = set()
        self._prepared: dict[str, tuple[RunWorker, int | None]] = {}
        self._progress = Progress(request.plan)
        self._canceled = False
        self._places = threading.Semaphore(max(1, request.jobs))
        self.outdated: list[str] = []

    @property
    def is_canceled(self) -> bool:
        """Whether it was asked to end early."""
        return self._canceled

    def cancel(self, grace: float) -> None:
        """End early: what is under way has so many seconds to tear down, nothing more begins."""
        with self._lock:
            self._canceled = True
            workers = list(self._workers)
        for worker in workers:
            worker.cancel(grace)

    def prepare(self) -> tuple[Problem, ...]:
        """Have each location loaded by the worker of its first stage, and everything planned that it is to execute.

        Returns:
            Why the run can't begin; empty where it can.
        """
        locations = self._request.plan.locations
        with ThreadPoolExecutor(max_workers=max(1, min(len(locations), self._request.jobs))) as pool:
            found = list(pool.map(self._prepare_location, locations))
        return tuple(problem for problems in found for problem in problems)

    def _prepare_location(self, location: str) -> tuple[Problem, ...]:
        stages = [stage for stage in self._request.plan.stages if stage.location == location]
        worker: RunWorker | None = None
        try:
            worker = self._start(location)
            loaded = worker.load()
            expected = self._request.places[location].shape
            if expected is not None and expected != digest_shape(loaded.definitions):
                self.outdated.append(location)
            for stage in stages:
                plan = make_worker_plan(self._request, stage)
                planned = worker.plan(plan)
                self._progress.note_plan(stage, planned)
                wrong = find_limit_problems(planned["steps"])
                if wrong:
                    raise WorkerFailedError.of(wrong)
        except (AtollError, WorkerCanceledError, RunnerClosedError) as error:
            if worker is not None:
                self._end(worker)
            return error.problems if isinstance(error, AtollError) else ()
        with self._lock:
            is_kept = len(self._prepared) < _MOST_WAITING
            if is_kept:
                self._prepared[location] = worker, loaded.pid
        if not is_kept:
            self._end(worker)
        return ()

    def carry_out(self, pools: Pools) -> Outcome:
        """Execute all stages.

        Args:
            pools: where steps wait for a place.
        """
        self._recorder.add("steps_planned", {"steps": self._progress.list_steps()})
        waiting = list(self._request.plan.stages)
        running: dict[Future[None], Stage] = {}
        done: set[int] = set()
        with ThreadPoolExecutor(max_workers=max(1, self._request.jobs)) as pool:
            while (waiting and not self._canceled) or running:
                for stage in [stage for stage in waiting if done.issuperset(stage.after)]:
                    if not self._canceled:
                        waiting.remove(stage)
                        running[pool.submit(self._execute, stage, pools)] = stage
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    done.add(running.pop(future).number)
                    future.result()
                if self._progress.is_canceled and not self._canceled:
                    self.cancel(self._request.grace)  # a step has interrupted the run
        return self._judge()

    def close(self) -> None:
        """End every worker that is left."""
        with self._lock:
            workers = list(self._workers)
        for worker in workers:
            self._end(worker)

    def _execute(self, stage: Stage, pools: Pools) -> None:
        run = StageRun(self._request, stage, self._progress, self._recorder, pools)
        first = self._prepared.pop(stage.location, None)
        try:
            if run.choose():
                most = self._progress.find_concurrency(stage) if self._request.debug is None else None
                given, first = first or self._start_loaded(stage.location), None
                if most is None:
                    self._execute_in_order(run, stage, given)
                else:
                    self._execute_at_once(run, stage, given, most)
        except AtollError as error:
            run.fail(error.problems)
        except (WorkerCanceledError, RunnerClosedError):
            self._progress.is_canceled = True
        finally:
            if first is not None:
                self._end(first[0])
            run.finish()

    def _execute_in_order(self, run: StageRun, stage: Stage, first: tuple[RunWorker, int | None]) -> None:
        """Execute a stage in one worker, and in others where a step took longer than it may."""
        given: tuple[RunWorker, int | None] | None = first
        with self._hold_place():
            again = True
            while again:
                worker, pid = given or self._start_loaded(stage.location)
                given = None
                try:
                    again = run.execute(worker, pid) == "again"
                    if not again:
                        worker.part()
                finally:
                    self._end(worker)

    def _execute_at_once(self, run: StageRun, stage: Stage, first: tuple[RunWorker, int | None], most: int) -> None:
        """Execute a stage in several workers at once."""
        processes = StepProcesses(
            run,
            max(1, min(most, self._request.jobs)),
            start=lambda: self._start_loaded(stage.location),
            end=self._end,
            place=self._hold_place,
        )
        processes.carry_out(first)
        run.end_parts()

    @contextlib.contextmanager
    def _hold_place(self) -> Iterator[None]:
        """Hold one of the places of workers that execute at once.

        Raises:
            WorkerCanceledError: the run was canceled before there was one.
        """
        while not self._places.acquire(timeout=_LOOK):
            if self._canceled:
                raise WorkerCanceledError
        try:
            yield
        finally:
            self._places.release()

    def _start_loaded(self, location: str) -> tuple[RunWorker, int | None]:
        worker = self._start(location)
        try:
            return worker, worker.load().pid
        except BaseException:
            self._end(worker)
            raise

    def _start(self, location: str) -> RunWorker:
        request = self._request.places[location].make_request(self._variables, self._request.debug)
        worker = RunWorker(self._runner, request, lambda step, data: self._recorder.add_output(location, step, data))
        worker.__enter__()
        with self._lock:
            self._workers.add(worker)
            canceled = self._canceled
        if canceled:
            worker.cancel(0)
        return worker

    def _end(self, worker: RunWorker) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.__exit__()

    def _judge(self) -> Outcome:
        progress = self._progress
        status: Status = "succeeded"
        if self._canceled and (progress.is_canceled or progress.has_left):
            status = "canceled"
        elif progress.problems or progress.failed:
            status = "failed"
        return Outcome(status, tuple(progress.problems), tuple(progress.failed), frozenset(progress.killed))
