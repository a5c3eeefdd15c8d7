"""A process of a location that has loaded it and is asked more than once: its start, its answers, its end.

What carries out runs and what evaluates schedules and sensors have this in common. A process is judged by itself and by
a complete answer, never by the channel's end alone.
"""

from __future__ import annotations

import contextlib
import math
import queue
import secrets
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from atoll_host.envs.errors import AtollError, Problem, ToolFailedError
from atoll_host.envs.loading import hints, judging, protocol, temporary
from atoll_host.envs.loading.judging import End
from atoll_host.envs.loading.worker import (
    end_worker,
    faults_file,
    initialize_parameters,
    load_parameters,
    read_lines,
    start_worker,
    watch_end,
    write_stack,
)
from atoll_host.envs.processes.watch import Limits
from atoll_host.envs.running.ending import explain_end
from atoll_host.envs.running.splitting import SplitLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atoll_host.envs.loading.target import LoadRequest
    from atoll_host.envs.processes import Child, Runner
    from atoll_host.envs.processes.watch import Excess

GRACE = 3.0
"""Seconds that the worker has, after its own timeout of a load, to write the stack before it is killed."""
_SETTLE = 0.25
"""Seconds to wait for lines that are still in the pipe of a process that has ended."""


class WorkerFailedError(AtollError):
    """The location could not be loaded, or what was asked can't be done: its problems say why."""

    kind = "worker"


class WorkerCanceledError(Exception):
    """It was canceled before it had answered."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A worker that has loaded its location.

    Attributes:
        pid: process id of the interpreter.
        definitions: as the SDK describes them.
    """

    pid: int | None
    definitions: dict[str, Any]


class LocationProcess:
    """One process of a location, from its start to its end. Leaving the context ends it with all its descendants.

    Args:
        runner: starts the process.
        request: what it loads, and how.
        on_output: called in another thread with what a mark named last, and what was printed after it.
    """

    def __init__(self, runner: Runner, request: LoadRequest, on_output: Callable[[str, bytes], None]) -> None:
        self._runner = runner
        self._request = request
        self._on_output = on_output
        self._marker = secrets.token_hex(8)
        self._news: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._stack = contextlib.ExitStack()
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._pid: int | None = None
        self._number = 0
        self._ended = self._closed = False
        self._excess: Excess | None = None
        self._timed_out: float | None = None
        self._kill_at = math.inf
        self._canceled = False

    def __enter__(self) -> Self:
        """Start the process and have it load; `load` waits for that.

        Raises:
            ToolFailedError: it can't be started.
        """
        with self._stack:
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        self._faults = self._stack.enter_context(faults_file())
        try:
            folder = self._stack.enter_context(temporary.private_folder())
        except OSError as error:
            reason = error.strerror or str(error)
            raise ToolFailedError(f"No temporary folder can be made: {reason}", file=error.filename) from error
        child, lifeline = start_worker(self._runner, self._request, self._faults, folder)
        log = self._make_log(child)
        reader = threading.Thread(target=read_lines, args=(child.stdout, self._news), daemon=True)
        reader.start()

        def end() -> None:
            end_worker(self._runner, child, lifeline, reader, log, ended=self._ended)

        self._stack.callback(end)
        threading.Thread(target=watch_end, args=(child, self._news), daemon=True).start()
        child.limit(Limits(self._request.memory, None), lambda *excess: self._news.put(("excess", excess)))
        with self._lock:
            self._child = child
        self._send("initialize", initialize_parameters(self._request, folder))
        parameters = {**load_parameters(self._request), "execute": True, "cpu": None, "memory": None}
        self._send("load", parameters)

    def _make_log(self, child: Child) -> SplitLog:
        return SplitLog(child.stderr, self._marker, self._on_output)

    @property
    def _patience(self) -> float:
        """Seconds that a load is waited for. A debugger may keep it for hours."""
        return self._request.timeout + GRACE if self._request.debug is None else math.inf

    def load(self) -> Loaded:
        """Wait until the location is loaded.

        Raises:
            WorkerFailedError: it can't be loaded.
            WorkerCanceledError: it was canceled.
        """
        about = self._wait(1, None, self._patience)
        if about is not None and "result" in about:
            self._pid = about["result"].get("pid")
            answer = self._wait(2, None, self._patience)
        else:
            answer = about
        if answer is None:
            self._check_canceled()
            end = End(self._get_returncode(), self._ended, self._excess, self._pid is not None, None)
            raise WorkerFailedError.of((judging.judge_end(self._request, end, self._faults),))
        if "error" in answer:
            raise WorkerFailedError.of(judging.judge_answer(self._request, answer).problems)
        result = answer.get("result")
        definitions = result.get("definitions") if isinstance(result, dict) else None
        return Loaded(self._pid, definitions if isinstance(definitions, dict) else {})

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        self._number += 1
        assert self._child is not None  # noqa: S101 — started first
        # It may be gone already; its end says more than a broken pipe does.
        with contextlib.suppress(OSError, ValueError):
            self._child.stdin.write(protocol.request(self._number, method, parameters))
            self._child.stdin.flush()
        return self._number

    def _wait(
        self,
        number: int,
        on_event: Callable[[dict[str, Any]], None] | None,
        patience: float,
        limit: float | None = None,
    ) -> dict[str, Any] | None:
        """Take messages until the answer to a request is there; None where it can't come any more."""
        deadline = time.monotonic() + patience
        while not (self._ended and self._closed):
            now = time.monotonic()
            until = min(deadline, self._kill_at, now + _SETTLE if self._ended else math.inf)
            try:
                what, value = self._news.get(timeout=None if until == math.inf else max(until - now, 0))
            except queue.Empty:
                if not self._ended and self._kill_at > time.monotonic():
                    self._timed_out = limit
                    self._write_stack()
                return None
            if what == "line":
                answer = self._read(value, number, on_event)
                if answer is not None:
                    return answer
            elif what == "excess":
                self._excess, members = value
                assert self._child is not None  # noqa: S101 — started first
                self._ended = write_stack(self._child, self._pid, members) or self._ended
                return None
            elif what == "cancel":
                self._kill_at = min(self._kill_at, value)
            else:
                self._ended |= what == "ended"
                self._closed |= what == "closed"
        return None

    def _read(
        self, line: bytes, number: int, on_event: Callable[[dict[str, Any]], None] | None
    ) -> dict[str, Any] | None:
        """Read a line; give it where it is the answer to a request, or says that nothing can be answered."""
        message = protocol.message(line)
        if message is None:
            return None
        if message.get("method") == "event":
            self._follow(message.get("params", {}), on_event)
            return None
        is_refusal = message.get("id") == 1 and "error" in message
        return message if "method" not in message and (message.get("id") == number or is_refusal) else None

    def _follow(self, event: dict[str, Any], on_event: Callable[[dict[str, Any]], None] | None) -> None:
        if on_event is not None and isinstance(event.get("type"), str):
            on_event(event)

    def _write_stack(self) -> None:
        if self._child is not None and self._pid is not None:
            self._ended = write_stack(self._child, self._pid, frozenset({self._pid}))

    def _explain_end(self, steps: Sequence[str] = ()) -> Problem:
        return explain_end(
            self._request,
            self._get_returncode(),
            self._faults,
            steps=steps,
            excess=self._excess,
            timeout=self._timed_out,
        )

    def _read_problems(self, answer: dict[str, Any]) -> tuple[Problem, ...]:
        """Give the problems of an answer that is an error."""
        return tuple(hints.problem(_with_path(item), self._request) for item in protocol.problems(answer["error"]))

    def _get_returncode(self) -> int | None:
        return None if self._child is None else self._child.returncode

    def _check_canceled(self) -> None:
        if self._canceled:
            raise WorkerCanceledError


def _with_path(sent: dict[str, Any]) -> dict[str, Any]:
    """Say in the message which entry of the configuration is meant."""
    path = sent.get("path")
    return {**sent, "message": f"{path}: {sent['message']}"} if isinstance(path, str) and path else sent
