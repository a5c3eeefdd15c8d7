"""A worker that evaluates schedules and sensors: loaded as for runs, then kept and asked again and again."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from atoll_host.envs.errors import AtollError, Problem
from atoll_host.envs.loading.output import Kept
from atoll_host.envs.running.process import Loaded, LocationProcess, WorkerCanceledError
from atoll_host.envs.running.splitting import SplitLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO

    from atoll_host.envs.loading.target import LoadRequest
    from atoll_host.envs.processes import Child, Runner

__all__ = ["Evaluation", "EvaluationFailedError", "EvaluationWorker", "Loaded"]

Kind = Literal["schedule", "sensor"]
_MOST_LOGS = 1000
"""Records that are kept of one evaluation."""
_MARK = 2.0
"""Seconds to wait for what was printed before an answer: it comes through another pipe."""
_LAST = 0.25
"""Seconds to wait for what a process has printed that ended without an answer."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of evaluating a schedule or sensor.

    Attributes:
        requests: runs to start, each with `run_key`, `job`, `assets`, `checks`, `partition`, `tags` and `config`.
        skip_reason: why there are none.
        cursor: of a sensor, what it is now.
        dynamic: dynamic partitions to change, each with `name`, `add` and `delete`.
        logs: what was written by `context.log`, as events of the SDK.
        output: what was printed; of very much, the beginning and the end.
        cpu: seconds of processor time.
    """

    requests: tuple[dict[str, Any], ...]
    skip_reason: str | None
    cursor: str | None
    dynamic: tuple[dict[str, Any], ...]
    logs: tuple[dict[str, Any], ...]
    output: str
    cpu: float


class EvaluationFailedError(AtollError):
    """An evaluation, or the load before it, came to nothing: its problems say why.

    Attributes:
        logs: what was written by `context.log` until then.
        output: what was printed until then.
        cpu: seconds of processor time, as far as that is known.
    """

    kind = "evaluation"
    logs: tuple[dict[str, Any], ...] = ()
    output: str = ""
    cpu: float = 0.0


class EvaluationWorker(LocationProcess):
    """One process of a location, kept between evaluations. Leaving the context ends it with all its descendants.

    `cancel` may be called in other threads; everything else in one, one evaluation at a time.

    Args:
        runner: starts the process.
        request: what it loads, and how.
    """

    def __init__(self, runner: Runner, request: LoadRequest) -> None:
        super().__init__(runner, request, self._print)
        self._evaluations = 0
        self._printed: dict[str, Kept] = {}
        self._split = threading.Condition()
        self._is_split = False
        self._is_lost = False

    def _make_log(self, child: Child) -> SplitLog:
        return _EvaluationLog(child.stderr, self._marker, self._on_output, self._note_mark)

    @property
    def is_usable(self) -> bool:
        """Whether it can evaluate: it has not died, and was not stopped or canceled."""
        if self._is_lost or self._ended or self._canceled or self._child is None:
            return False
        return self._child.returncode is None

    def load(self) -> Loaded:
        """Wait until the location is loaded.

        Raises:
            EvaluationFailedError: it can't be loaded.
        """
        try:
            return super().load()
        except WorkerCanceledError:
            self._is_lost = True
            raise EvaluationFailedError.of((_CANCELED,)) from None
        except AtollError as error:
            self._is_lost = True
            raise EvaluationFailedError.of(error.problems) from error

    def evaluate(self, kind: Kind, parameters: Mapping[str, Any], *, timeout: float) -> Evaluation:
        """Evaluate a schedule or sensor of the location.

        Args:
            kind: which of both.
            parameters: as the protocol has them: `name` and what its function is told.
            timeout: seconds that it may take; after that the process is ended.

        Raises:
            EvaluationFailedError: it came to nothing. `is_usable` says whether the worker can be asked again.
        """
        self._evaluations += 1
        step = str(self._evaluations)
        with self._split:
            self._is_split = False
            self._printed = {step: Kept()}
        taken = _Taken()
        if not self.is_usable:
            raise self._fail((_CANCELED if self._canceled else self._explain_end(),), taken, step)
        number = self._send(
            f"evaluate_{kind}", {"number": step, "marker": self._marker, "parameters": dict(parameters)}
        )
        answer = self._wait(number, taken.take, timeout, limit=timeout)
        if answer is None:
            self._is_lost = True
            is_canceled = self._canceled and self._excess is None and self._timed_out is None
            raise self._fail((_CANCELED if is_canceled else self._explain_end(),), taken, step)
        if "error" in answer:
            raise self._fail(self._read_problems(answer), taken, step)
        result = answer.get("result")
        if not isinstance(result, dict):
            raise self._fail((Problem("protocol", "The worker's answer is no evaluation"),), taken, step)
        return Evaluation(
            requests=tuple(result.get("requests") or ()),
            skip_reason=result.get("skip_reason"),
            cursor=result.get("cursor"),
            dynamic=tuple(result.get("dynamic") or ()),
            logs=tuple(taken.logs),
            output=self._take_output(step),
            cpu=taken.cpu,
        )

    def cancel(self) -> None:
        """End it at once."""
        with self._lock:
            self._canceled = True
        self._news.put(("cancel", time.monotonic()))

    def _fail(self, problems: tuple[Problem, ...], taken: _Taken, step: str) -> EvaluationFailedError:
        error = EvaluationFailedError.of(problems)
        error.logs, error.cpu = tuple(taken.logs), taken.cpu
        error.output = self._take_output(step)
        return error

    def _take_output(self, step: str) -> str:
        with self._split:
            self._split.wait_for(lambda: self._is_split, _LAST if self._is_lost else _MARK)
            kept = self._printed.pop(step, None)
        return "" if kept is None else kept.give().text

    def _print(self, step: str, data: bytes) -> None:
        with self._split:
            kept = self._printed.get(step)
        if kept is not None:
            kept.add(data)

    def _note_mark(self, step: str) -> None:
        """Note the end of what an evaluation printed."""
        if not step:
            with self._split:
                self._is_split = True
                self._split.notify_all()


class _EvaluationLog(SplitLog):
    def __init__(
        self,
        pipe: IO[bytes],
        marker: str,
        on_output: Callable[[str, bytes], None],
        on_mark: Callable[[str], None],
    ) -> None:
        self._on_mark = on_mark
        super().__init__(pipe, marker, on_output)

    def begin(self, step: str) -> None:
        """Tell where the output of an evaluation begins and ends."""
        super().begin(step)
        self._on_mark(step)


class _Taken:
    """What a worker reports during an evaluation."""

    def __init__(self) -> None:
        self.logs: list[dict[str, Any]] = []
        self.cpu = 0.0

    def take(self, event: dict[str, Any]) -> None:
        """Keep an event that says something about the evaluation."""
        kind = event.get("type")
        if kind == "log" and len(self.logs) < _MOST_LOGS:
            names = ("time", "level", "message", "file", "line", "problem")
            self.logs.append({name: event.get(name) for name in names})
        elif kind == "evaluated":
            self.cpu = float(event.get("cpu") or 0)


_CANCELED = Problem("canceled", "The evaluation was canceled")
