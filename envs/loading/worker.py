"""Load a code location: start its interpreter with the shim, ask, and judge what came of it.

A worker is judged by its process and by whether a complete answer arrived, never by the channel's end alone: a forked
grandchild can hold that open for ever.
"""

from __future__ import annotations

import contextlib
import math
import os
import queue
import signal
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from atoll_host.envs.errors import ToolFailedError
from atoll_host.envs.loading import judging, protocol, temporary
from atoll_host.envs.loading.judging import SHIM, End
from atoll_host.envs.loading.output import OutputLog
from atoll_host.envs.loading.target import (
    Debug,
    LoadCancelledError,
    LoadOutcome,
    LoadRequest,
    TerminalDebug,
    patience,
)
from atoll_host.envs.processes.watch import WATCHES, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atoll_host.envs.loading.target import Cancellation, Output
    from atoll_host.envs.processes import Child, Runner
    from atoll_host.envs.processes.watch import Excess

LOADING = "ATOLL_LOADING"
"""Variable by which user code can tell that it is being loaded, in CI and elsewhere alike."""
_GRACE = 3.0
"""Seconds that the worker has, after its own timeout, to write the stack before it is killed."""
SETTLE = 0.25
"""Seconds to wait for lines that are still in the pipe of a process that has ended."""
_PARTING = 1.0
"""Seconds that a worker has to end after its answer."""
_STACK = 0.5
"""Seconds that one which took too much has to write its stack."""

Message = dict[str, Any]


def load(
    runner: Runner,
    request: LoadRequest,
    *,
    on_progress: Callable[[Message], None] | None = None,
    cancellation: Cancellation | None = None,
) -> LoadOutcome:
    """Load a location in a process of its own, and end that process with all its descendants.

    Args:
        runner: starts the process.
        request: everything that the load depends on.
        on_progress: called with the parameters of each progress notification.
        cancellation: what can end the load before its time.

    Raises:
        ToolFailedError: the interpreter cannot be started.
        LoadCancelledError: it was cancelled before there was an answer.
        RunnerClosedError: the command was interrupted.
    """
    with faults_file() as faults, contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary.private_folder())
        except OSError as error:
            reason = error.strerror or str(error)
            raise ToolFailedError(f"No temporary folder can be made: {reason}", file=error.filename) from error
        one = _Load(runner, request, faults, folder, on_progress)
        if cancellation is not None:
            cancellation.check()
            cancellation.on_cancel(one.cancel)
        return one.run()


def start_worker(
    runner: Runner, request: LoadRequest, faults: IO[bytes], folder: Path, *, control: int | None = None
) -> tuple[Child, int | None]:
    """Start a location's interpreter with the shim.

    Args:
        runner: starts the process.
        request: what it is for.
        faults: where it writes its stack.
        folder: its temporary folder.
        control: descriptor of the socket by which it is given descriptors; for a parent of warm loads.

    Returns:
        The process, and the descriptor whose end is its own end; None on Windows, where a job object sees to that.
    """
    # A `.env` file may name another folder on purpose.
    variables = {**dict.fromkeys(temporary.VARIABLES, str(folder)), **request.variables, LOADING: "1"}
    words: list[str | Path] = [request.executable]
    words += ["-I"] if request.isolated else []
    words += ["-X", "utf8", SHIM, "--faults"]
    if sys.platform == "win32":
        words += [faults.name]
        return runner.start(words, directory=request.directory, environment=variables), None
    theirs, ours = os.pipe()
    words += [str(faults.fileno()), "--lifeline", str(theirs)]
    passed = [theirs, faults.fileno()]
    if control is not None:
        words += ["--control", str(control)]
        passed.append(control)
    try:
        child = runner.start(words, directory=request.directory, environment=variables, pass_descriptors=passed)
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    return child, ours


def initialize_parameters(request: LoadRequest, folder: Path) -> Message:
    """Give what a worker is told first."""
    return {
        "protocol": protocol.PROTOCOL,
        "directory": str(request.directory),
        "search_paths": [str(path) for path in request.search_paths],
        "sdk": str(request.sdk),
        "temporary": str(folder),
    }


def load_parameters(request: LoadRequest) -> Message:
    """Give what a worker is told of the load itself."""
    target = request.target
    return {
        "form": target.form,
        "module": target.module,
        "file": None if target.file is None else str(target.file),
        "attribute": target.attribute,
        "timeout": request.timeout,
        # Where nothing is watched, the system's own limits are better than none.
        "cpu": None if WATCHES else request.cpu,
        "memory": None if WATCHES else request.memory,
        "debug": _describe_debug(request.debug),
    }


def _describe_debug(debug: Debug | TerminalDebug | None) -> Message | None:
    if isinstance(debug, TerminalDebug):
        return {"terminal": debug.terminal}
    return None if debug is None else {"port": debug.port, "path": str(debug.path), "python": sys.executable}


@contextlib.contextmanager
def faults_file() -> Iterator[IO[bytes]]:
    """Give the file where a worker writes its stack when it crashes or takes too long.

    It has no name, so that nothing is left of it even when we are killed; on Windows, where workers inherit no
    descriptors, it has one.
    """
    if sys.platform == "win32":
        with tempfile.NamedTemporaryFile(prefix="atoll-", delete=False) as named:
            yield named
        with contextlib.suppress(OSError):
            Path(named.name).unlink()
    else:
        # In memory where that can be: what fills the disk costs no location its stack.
        in_memory = sys.platform.startswith("linux") and hasattr(os, "memfd_create")
        with os.fdopen(os.memfd_create("atoll-faults"), "w+b") if in_memory else tempfile.TemporaryFile() as file:
            yield file


class _Load:
    def __init__(
        self,
        runner: Runner,
        request: LoadRequest,
        faults: IO[bytes],
        folder: Path,
        on_progress: Callable[[Message], None] | None,
    ) -> None:
        self._runner = runner
        self._request = request
        self._faults = faults
        self._folder = folder
        self._on_progress = on_progress
        self._events: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._worker: Message | None = None
        self._answer: Message | None = None
        self._last_module: str | None = None
        self._excess: Excess | None = None
        self._started_at = 0.0

    def cancel(self) -> None:
        """End it; called in another thread."""
        self._events.put(("cancelled", None))

    def run(self) -> LoadOutcome:
        """Start the worker, ask it, and end it."""
        started, self._started_at = time.perf_counter(), time.time()
        child, lifeline = start_worker(self._runner, self._request, self._faults, self._folder)
        log = OutputLog(child.stderr)
        ended = False
        try:
            reader = threading.Thread(target=read_lines, args=(child.stdout, self._events), daemon=True)
            reader.start()
            threading.Thread(target=watch_end, args=(child, self._events), daemon=True).start()
            child.limit(
                Limits(self._request.memory, None if self._request.debug is not None else self._request.cpu),
                lambda *excess: self._events.put(("excess", excess)),
            )
            self._ask(child)
            ended = self._listen(child, started, log)
            total = time.perf_counter() - started
            if self._answer is not None:
                ended = self._part(child)
        finally:
            output = end_worker(self._runner, child, lifeline, reader, log, ended=ended)
        return self._judge(child.returncode, ended=ended, output=output, total=total)

    def _ask(self, child: Child) -> None:
        lines = protocol.request(1, "initialize", initialize_parameters(self._request, self._folder))
        lines += protocol.request(2, "load", load_parameters(self._request))
        # It may be gone already; its end says more than a broken pipe does.
        with contextlib.suppress(OSError):
            child.stdin.write(lines)
            child.stdin.flush()

    def _listen(self, child: Child, started: float, log: OutputLog) -> bool:
        """Take messages until there is an answer or nothing more can come; tell whether the process has ended."""
        # A debugger may keep it for hours.
        timeout = math.inf if self._request.debug is not None else self._request.timeout
        slow = started + patience(timeout) if self._request.debug is None else math.inf
        deadline = started + timeout + _GRACE
        ended = closed = False
        while self._answer is None and not (ended and closed):
            now = time.perf_counter()
            if now > slow:
                child.yield_to_others()
                slow = deadline + 1
            most = min(SETTLE, deadline - now) if ended else min(deadline, slow) - now
            try:
                what, value = self._events.get(timeout=max(most, 0) if most < math.inf else None)
            except queue.Empty:
                if ended or now >= deadline:
                    return ended
                continue
            if what == "line":
                self._take(value, log)
            elif what == "ended":
                ended = True
            elif what == "excess":
                self._excess, members = value
                return write_stack(child, (self._worker or {}).get("pid"), members)
            elif what == "cancelled":
                raise LoadCancelledError
            else:
                closed = True
        return ended

    def _take(self, line: bytes, log: OutputLog) -> None:
        message = protocol.message(line)
        if message is None:
            if line.strip():
                log.add(line)
        elif message.get("method") == "progress":
            parameters = message.get("params", {})
            self._last_module = parameters.get("module", self._last_module)
            if self._on_progress is not None:
                self._on_progress(parameters)
        elif message.get("id") == 1 and "result" in message:
            self._worker = message["result"]
        elif message.get("id") in (1, 2):
            self._answer = message

    def _part(self, child: Child) -> bool:
        with contextlib.suppress(OSError):
            child.stdin.close()
        return child.wait(_PARTING) is not None

    def _judge(self, returncode: int | None, *, ended: bool, output: Any, total: float) -> LoadOutcome:
        if self._answer is not None:
            outcome = judging.judge_answer(self._request, self._answer)
        else:
            end = End(returncode, ended, self._excess, self._worker is not None, self._last_module)
            outcome = LoadOutcome(None, (judging.judge_end(self._request, end, self._faults),), None)
        seconds = {"total": total, **outcome.seconds}
        return replace(outcome, worker=self._worker, seconds=seconds, output=output, started_at=self._started_at)


def write_stack(child: Child, pid: int | None, members: frozenset[int]) -> bool:
    """Ask a worker that is to be killed where it is; tell whether it has ended.

    Args:
        child: the process.
        pid: as it gave it itself; None where it said nothing yet.
        members: those of its processes that there are.
    """
    if not WATCHES or pid not in members:
        return False
    child.signal(pid, signal.SIGXCPU)
    # It may have been stopped with its group; this signal comes first.
    child.signal(pid, signal.SIGCONT)
    return child.wait(_STACK) is not None


def end_worker(
    runner: Runner, child: Child, lifeline: int | None, reader: threading.Thread, log: OutputLog, *, ended: bool
) -> Output:
    """End a worker with all its descendants, and give what it printed.

    Args:
        runner: what started it.
        child: the process.
        lifeline: as `start_worker` gave it.
        reader: the thread that reads its answers.
        log: what reads its output.
        ended: whether the process itself has ended.
    """
    if not ended:
        child.kill()
    else:
        child.end_descendants()
    if lifeline is not None:
        os.close(lifeline)
    output = log.finish(SETTLE)
    reader.join(SETTLE)
    # Where not all descendants can be found, one may hold the other end for ever.
    held = [(reader.is_alive(), child.stdout), (log.reads, child.stderr)]
    child.close(but=[pipe for is_held, pipe in held if is_held])
    runner.forget(child)
    return output


def read_lines(pipe: IO[bytes], events: queue.SimpleQueue[tuple[str, Any]]) -> None:
    """Put the lines of a worker's channel, and its end, into a queue."""
    with contextlib.suppress(OSError, ValueError):
        while line := pipe.readline(protocol.LONGEST_LINE):
            events.put(("line", line))
    events.put(("closed", None))


def watch_end(child: Child, events: queue.SimpleQueue[tuple[str, Any]]) -> None:
    """Put the end of a worker's process into a queue."""
    child.wait()
    events.put(("ended", child.returncode))
