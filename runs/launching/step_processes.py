"""Steps of one location in parallel processes, as `multiprocess_executor` asks for."""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from atoll_host.envs.running.worker import RunWorker
    from atoll_host.runs.launching.stage_run import StageRun

    Started = tuple[RunWorker, int | None]


class StepProcesses:
    """Executes the steps of a stage, each when those before it have ended, several at once in workers of their own.

    A worker that has executed a step is kept for another one, so that a location is imported as often as steps go on
    at once, and not for every step.

    Args:
        run: of the stage.
        most: steps that go on at once.
        start: starts a worker and has it load, and gives it with its process id.
        end: ends a worker.
        place: entered while a step is executed: the whole run has so many places.
    """

    def __init__(
        self,
        run: StageRun,
        most: int,
        *,
        start: Callable[[], Started],
        end: Callable[[RunWorker], None],
        place: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._run = run
        self._most = most
        self._start = start
        self._end = end
        self._place = place
        self._lock = threading.Lock()
        self._idle: list[Started] = []

    def carry_out(self, first: Started) -> None:
        """Execute all that is left.

        Args:
            first: a worker that has loaded.

        Raises:
            AtollError: a worker could not be started, or a step not be begun.
            WorkerCanceledError: the run was canceled.
        """
        self._idle.append(first)
        self._run.begin_parts(first[1])
        try:
            self._execute_all()
        finally:
            for worker, _ in self._idle:
                worker.part()
                self._end(worker)

    def _execute_all(self) -> None:
        waiting = {str(step["name"]): set(step.get("after", ())) for step in self._run.list_left()}
        names = set(waiting)
        running: dict[Future[None], str] = {}
        error: BaseException | None = None
        with ThreadPoolExecutor(max_workers=self._most, thread_name_prefix="step") as pool:
            while running or (waiting and error is None):
                ended = {name for name in names if self._run.has_ended(name)}
                ready = [name for name, after in waiting.items() if error is None and not (after & names) - ended]
                for name in ready[: self._most - len(running)]:
                    del waiting[name]
                    running[pool.submit(self._execute, name)] = name
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    error = error or future.exception()
                    if not self._run.has_ended(name):
                        waiting.clear()  # a resource could not be set up, or it was canceled: the others fare alike
        if error is not None:
            raise error

    def _execute(self, step: str) -> None:
        with self._place():
            while True:
                worker, pid = self._take()
                executed = None
                try:
                    executed = self._run.execute(worker, pid, (step,))
                finally:
                    if executed == "done":
                        with self._lock:
                            self._idle.append((worker, pid))
                    else:
                        self._end(worker)
                if executed != "again":
                    return

    def _take(self) -> Started:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        started = self._start()
        self._run.note_worker(started[1])
        return started
