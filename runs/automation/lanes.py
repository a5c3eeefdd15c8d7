"""One kept worker of a location, and the thread that evaluates with it, one at a time."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from types import TracebackType

    from atoll_host.envs.loading.target import LoadRequest


class Evaluated(Protocol):
    """What came of an evaluation; see `envs.evaluating.worker.Evaluation`."""

    @property
    def requests(self) -> Sequence[Mapping[str, Any]]:
        """Runs to start."""

    @property
    def skip_reason(self) -> str | None:
        """Why there are none."""

    @property
    def cursor(self) -> str | None:
        """Where a sensor goes on from."""

    @property
    def dynamic(self) -> Sequence[Mapping[str, Any]]:
        """Dynamic partitions to add and to delete."""

    @property
    def logs(self) -> Sequence[Mapping[str, Any]]:
        """What was logged."""

    @property
    def output(self) -> str:
        """What was printed."""

    @property
    def cpu(self) -> float:
        """Seconds of processor time."""


class Worker(Protocol):
    """A kept process of a location; see `envs.evaluating.worker.EvaluationWorker`."""

    def __enter__(self) -> Self:
        """Start it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""

    def load(self) -> object:
        """Wait until it has loaded the location."""

    def evaluate(self, kind: Any, parameters: Mapping[str, Any], *, timeout: float) -> Evaluated:
        """Evaluate a schedule or sensor."""

    @property
    def is_usable(self) -> bool:
        """Whether it can evaluate any more."""

    def cancel(self) -> None:
        """End it at once; from any thread."""


class Lane:
    """Evaluates what is due in one location, in a thread of its own, with a worker that is kept in between.

    Args:
        name: of the location.
        make_request: says how the location is loaded.
        make_worker: makes a worker; it is started by entering its context.
        slots: how many workers of all lanes load at once.
    """

    def __init__(
        self,
        name: str,
        make_request: Callable[[str], LoadRequest],
        make_worker: Callable[[LoadRequest], Worker],
        slots: threading.Semaphore,
    ) -> None:
        self.name = name
        self._make_request = make_request
        self._make_worker = make_worker
        self._slots = slots
        self._tasks: queue.SimpleQueue[Callable[[Lane], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._generation: Hashable = None
        self._is_outdated = self._is_canceled = False
        self._thread = threading.Thread(target=self._work, name=f"automation of {name}", daemon=True)
        self._thread.start()

    @property
    def has_worker(self) -> bool:
        """Whether a process is kept."""
        return self._worker is not None

    def submit(self, task: Callable[[Lane], None]) -> None:
        """Have something done after what was submitted before."""
        self._tasks.put(task)

    def renew(self) -> None:
        """Use another worker for what is evaluated after what is under way."""
        self._is_outdated = True

    def end(self) -> None:
        """End when what was submitted is done."""
        self._tasks.put(None)

    def cancel(self) -> None:
        """End what is under way at once, and begin nothing more."""
        with self._lock:
            self._is_canceled = True
            worker = self._worker
        if worker is not None:
            worker.cancel()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; tell whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def get_worker(self, generation: Hashable) -> Worker:
        """Give a worker that has loaded the location as it is now. In the lane's own thread.

        Args:
            generation: what the location must have been loaded as.

        Raises:
            AtollError: it can't be loaded.
        """
        worker = self._worker
        if worker is not None and not self._is_outdated and self._generation == generation and worker.is_usable:
            return worker
        self._close()
        self._is_outdated = False
        request = self._make_request(self.name)
        made = self._make_worker(request)
        made.__enter__()
        with self._lock:
            self._worker, self._generation = made, generation
            is_canceled = self._is_canceled
        if is_canceled:
            made.cancel()
        try:
            with self._slots:
                made.load()
        except BaseException:
            self._close()
            raise
        return made

    def _work(self) -> None:
        try:
            while (task := self._tasks.get()) is not None:
                if not self._is_canceled:
                    task(self)
        finally:
            self._close()

    def _close(self) -> None:
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is not None:
            with contextlib.suppress(Exception):
                worker.__exit__(None, None, None)
