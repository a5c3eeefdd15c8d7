"""A worker that carries out runs: loaded as always, then asked to plan and to execute.

What it reports is handed on as it arrives. Its end is judged as when it loads: by its process and by a complete answer.
"""

from __future__ import annotations

import contextlib
import math
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from atoll_host.envs.errors import Problem
from atoll_host.envs.loading import protocol
from atoll_host.envs.running.process import Loaded, LocationProcess, WorkerCanceledError, WorkerFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from atoll_host.envs.loading.target import LoadRequest
    from atoll_host.envs.processes import Runner

__all__ = ["Ending", "Loaded", "RunWorker", "WorkerCanceledError", "WorkerFailedError"]

Status = Literal["succeeded", "failed", "canceled"]
_PARTING = 1.0
"""Seconds that a worker has to end after its last answer."""
_STARTS = frozenset({"step_started"})
_ENDS = frozenset({"step_succeeded", "step_failed", "step_canceled", "step_skipped", "step_retry"})


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of executing a plan.

    Attributes:
        status: `succeeded`, `failed` or `canceled`.
        problem: why the worker ended without its last event; None where it sent that.
        open_steps: those that had begun and had not ended then.
    """

    status: Status
    problem: Problem | None = None
    open_steps: tuple[str, ...] = ()


class RunWorker(LocationProcess):
    """One process of a location, from its start to its end. Leaving the context ends it with all its descendants.

    `cancel` and `kill` may be called in other threads; everything else in one.

    Args:
        runner: starts the process.
        request: what it loads, and how.
        on_output: called in another thread with the name of a step, empty outside of steps, and what was printed.
    """

    def __init__(
        self, runner: Runner, request: LoadRequest, on_output: Callable[[str, bytes], None] | None = None
    ) -> None:
        super().__init__(runner, request, on_output or (lambda _step, _data: None))
        self._executing = False
        self._open: dict[str, None] = {}

    def plan(self, plan: Mapping[str, Any]) -> dict[str, Any]:
        """Have it say what a plan comes to, with nothing done.

        Raises:
            WorkerFailedError: the run could not begin; all the reasons.
            WorkerCanceledError: it was canceled.
        """
        answer = self._wait(self._send("plan", {"plan": dict(plan)}), None, self._patience)
        return self._judge(answer)

    def execute(
        self,
        plan: Mapping[str, Any],
        on_event: Callable[[dict[str, Any]], None],
        *,
        timeout: float | None = None,
        left: float | None = None,
    ) -> Ending:
        """Have it carry out a plan. It can be told another one when this one has come to its end.

        Args:
            plan: as the SDK's `Plan` describes it.
            on_event: called with each event, in order.
            timeout: seconds that it may take.
            left: those of them that are left, where others have taken some; all by default.

        Raises:
            WorkerFailedError: the run can't begin; nothing was done.
            WorkerCanceledError: it was canceled before anything was done.
        """
        with self._lock:
            self._executing = not self._canceled
        self._check_canceled()
        number = self._send("execute", {"plan": dict(plan), "marker": self._marker})
        patience = math.inf if timeout is None else timeout if left is None else max(left, 0.0)
        answer = self._wait(number, on_event, patience, limit=timeout)
        if answer is not None:
            result = self._judge(answer)
            status = result.get("status")
            if status in ("succeeded", "failed", "canceled"):
                return Ending(status)
            return Ending("failed", Problem("protocol", "The worker's answer is no end of a run"))
        if self._canceled and self._excess is None and self._timed_out is None:
            return Ending("canceled", None, tuple(self._open))
        problem = self._explain_end(tuple(self._open))
        return Ending("failed", problem, tuple(self._open))

    def begin(self) -> None:
        """Let the step begin that has asked for it with `step_queued`. In any thread."""
        # It may be gone already; its end says more than a broken pipe does.
        with contextlib.suppress(OSError, ValueError):
            assert self._child is not None  # noqa: S101 — it has asked
            self._child.stdin.write(protocol.notification("begin"))
            self._child.stdin.flush()

    def expire(self, seconds: float) -> None:
        """Stop it because a step has taken longer than it may: it writes where it is, and ends. In any thread."""
        self._timed_out = seconds
        self._write_stack()
        if not self._ended:
            self._news.put(("cancel", time.monotonic()))

    def part(self) -> None:
        """Tell it that there is nothing more to do, and wait a moment for its end."""
        child = self._child
        if child is None:
            return
        with contextlib.suppress(OSError):
            child.stdin.close()
        self._ended = child.wait(_PARTING) is not None

    def cancel(self, grace: float) -> None:
        """End it: a run that it carries out has some time to tear down, anything else ends at once.

        Args:
            grace: seconds until it is killed.
        """
        with self._lock:
            self._canceled = True
            executing = self._executing
        child = self._child
        if executing and child is not None and self._pid is not None and child.returncode is None:
            child.signal(self._pid, signal.SIGTERM)
        self._news.put(("cancel", time.monotonic() + (grace if executing else 0)))

    def _follow(self, event: dict[str, Any], on_event: Callable[[dict[str, Any]], None] | None) -> None:
        kind, step = event.get("type"), event.get("step")
        if isinstance(step, str):
            if kind in _STARTS:
                self._open[step] = None
            elif kind in _ENDS:
                self._open.pop(step, None)
        super()._follow(event, on_event)

    def _judge(self, answer: dict[str, Any] | None) -> dict[str, Any]:
        if answer is None:
            self._check_canceled()
            raise WorkerFailedError.of((self._explain_end(),))
        if "error" in answer:
            raise WorkerFailedError.of(self._read_problems(answer))
        result = answer.get("result")
        return result if isinstance(result, dict) else {}
