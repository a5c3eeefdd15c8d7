"""Load a code location: start its interpreter with the shim, ask, and judge what came of it.

A worker is judged by its process and by whether a complete answer arrived, never by the channel's end alone: a forked
grandchild can hold that open for ever.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem, ToolFailedError
from atoll_host.envs.loading import hints, protocol, temporary
from atoll_host.envs.loading.ends import explain_end, say_excess
from atoll_host.envs.loading.output import OutputLog
from atoll_host.envs.loading.target import LoadOutcome, LoadRequest, patience
from atoll_host.envs.processes.watch import WATCHES, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atoll_host.envs.processes import Child, Runner
    from atoll_host.envs.processes.watch import Excess

LOADING = "ATOLL_LOADING"
"""Variable by which user code can tell that it is being loaded, in CI and elsewhere alike."""
SHIM = Path(__file__).with_name("shim.py")
_GRACE = 3.0
"""Seconds that the worker has, after its own timeout, to write the stack before it is killed."""
_SETTLE = 0.25
"""Seconds to wait for lines that are still in the pipe of a process that has ended."""
_PARTING = 1.0
"""Seconds that a worker has to end after its answer."""

_LONGEST_STACK = 1_000_000
"""Bytes that are read of what a worker wrote of its stack, or what user code wrote there."""

Message = dict[str, Any]


def load(runner: Runner, request: LoadRequest, *, on_progress: Callable[[Message], None] | None = None) -> LoadOutcome:
    """Load a location in a process of its own, and end that process with all its descendants.

    Args:
        runner: starts the process.
        request: everything that the load depends on.
        on_progress: called with the parameters of each progress notification.

    Raises:
        ToolFailedError: the interpreter cannot be started.
        RunnerClosedError: the command was interrupted.
    """
    with _faults_file() as faults_file, contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary.private_folder())
        except OSError as error:
            reason = error.strerror or str(error)
            raise ToolFailedError(f"No temporary folder can be made: {reason}", file=error.filename) from error
        return _Load(runner, request, faults_file, folder, on_progress).run()


@contextlib.contextmanager
def _faults_file() -> Iterator[IO[bytes]]:
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
        faults_file: IO[bytes],
        folder: Path,
        on_progress: Callable[[Message], None] | None,
    ) -> None:
        self._runner = runner
        self._request = request
        self._faults = faults_file
        self._folder = folder
        self._on_progress = on_progress
        self._events: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._worker: Message | None = None
        self._answer: Message | None = None
        self._last_module: str | None = None
        self._excess: Excess | None = None

    def run(self) -> LoadOutcome:
        started = time.perf_counter()
        child, lifeline = self._start()
        log = OutputLog(child.stderr)
        ended = False
        try:
            reader = threading.Thread(target=_read_lines, args=(child.stdout, self._events), daemon=True)
            reader.start()
            threading.Thread(target=_watch_end, args=(child, self._events), daemon=True).start()
            child.limit(
                Limits(self._request.memory, self._request.cpu), lambda *excess: self._events.put(("excess", excess))
            )
            self._ask(child)
            ended = self._listen(child, started, log)
            total = time.perf_counter() - started
            if self._answer is not None:
                ended = self._part(child)
        finally:
            if not ended:
                child.kill()
            else:
                child.end_descendants()
            if lifeline is not None:
                os.close(lifeline)
            output = log.finish(_SETTLE)
            reader.join(_SETTLE)
            # Where not all descendants can be found, one may hold the other end for ever.
            held = [(reader.is_alive(), child.stdout), (log.reads, child.stderr)]
            child.close(but=[pipe for is_held, pipe in held if is_held])
            self._runner.forget(child)
        return self._judge(child.returncode, ended=ended, output=output, total=total)

    def _start(self) -> tuple[Child, int | None]:
        request = self._request
        folder = str(self._folder)
        # A `.env` file may name another folder on purpose.
        variables = {**dict.fromkeys(temporary.VARIABLES, folder), **request.variables, LOADING: "1"}
        words: list[str | Path] = [request.executable]
        words += ["-I"] if request.isolated else []
        words += ["-X", "utf8", SHIM, "--faults"]
        if sys.platform == "win32":
            words += [self._faults.name]
            return self._runner.start(words, directory=request.directory, environment=variables), None
        theirs, ours = os.pipe()
        faults_file = self._faults.fileno()
        try:
            child = self._runner.start(
                [*words, str(faults_file), "--lifeline", str(theirs)],
                directory=request.directory,
                environment=variables,
                pass_descriptors=[theirs, faults_file],
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        return child, ours

    def _ask(self, child: Child) -> None:
        request, target = self._request, self._request.target
        lines = protocol.request(
            1,
            "initialize",
            {
                "protocol": protocol.PROTOCOL,
                "directory": str(request.directory),
                "search_paths": [str(path) for path in request.search_paths],
                "sdk": str(request.sdk),
                "temporary": str(self._folder),
            },
        ) + protocol.request(
            2,
            "load",
            {
                "form": target.form,
                "module": target.module,
                "file": None if target.file is None else str(target.file),
                "attribute": target.attribute,
                "timeout": request.timeout,
                # Where nothing is watched, the system's own limits are better than none.
                "cpu": None if WATCHES else request.cpu,
                "memory": None if WATCHES else request.memory,
            },
        )
        # It may be gone already; its end says more than a broken pipe does.
        with contextlib.suppress(OSError):
            child.stdin.write(lines)
            child.stdin.flush()

    def _listen(self, child: Child, started: float, log: OutputLog) -> bool:
        """Take messages until there is an answer or nothing more can come; tell whether the process has ended."""
        slow = started + patience(self._request.timeout)
        deadline = started + self._request.timeout + _GRACE
        ended = closed = False
        while self._answer is None and not (ended and closed):
            now = time.perf_counter()
            if now > slow:
                child.yield_to_others()
                slow = deadline + 1
            most = min(_SETTLE, deadline - now) if ended else min(deadline, slow) - now
            try:
                what, value = self._events.get(timeout=max(most, 0))
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
                return self._have_stack_written(child, members)
            else:
                closed = True
        return ended

    def _have_stack_written(self, child: Child, members: frozenset[int]) -> bool:
        """Ask a worker that is to be killed where it is; tell whether it has ended."""
        pid = (self._worker or {}).get("pid")
        if not WATCHES or pid not in members:
            return False
        child.signal(pid, signal.SIGXCPU)
        # It may have been stopped with its group; this signal comes first.
        child.signal(pid, signal.SIGCONT)
        return child.wait(_SETTLE) is not None

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
        definitions, trace = None, None
        problems: tuple[Problem, ...] = ()
        seconds = {"total": total}
        answer = self._answer
        if answer is None:
            problems = (self._explain_end(returncode, ended=ended),)
        elif "error" in answer:
            sent = protocol.problems(answer["error"])
            problems = tuple(self._placed(self._judged(hints.problem(item, self._request))) for item in sent)
        else:
            result = answer.get("result")
            if isinstance(result, dict) and isinstance(result.get("definitions"), dict):
                definitions, trace = result["definitions"], result.get("trace")
                trace = trace if isinstance(trace, dict) else None
                seconds |= protocol.numbers(result.get("seconds"))
                problems = tuple(
                    Problem.from_json({**item, "severity": "warning"})
                    for item in protocol.readable(definitions.pop("warnings", None))
                )
            else:
                problems = (Problem("protocol", "The worker's answer is not a snapshot"),)
        return LoadOutcome(definitions, problems, self._worker, trace, seconds, output)

    def _explain_end(self, returncode: int | None, *, ended: bool) -> Problem:
        self._faults.seek(0)
        problem = explain_end(
            self._request,
            returncode,
            self._faults.read(_LONGEST_STACK).decode("utf-8", "replace"),
            shim=SHIM,
            ended=ended,
            excess=self._excess,
            has_begun=self._worker is not None,
            last_module=self._last_module,
        )
        return self._placed(problem)

    def _judged(self, problem: Problem) -> Problem:
        """Recognise what the system's own limit of memory made of it."""
        if self._request.memory is None or problem.kind != "exception" or not problem.message.startswith("MemoryError"):
            return problem
        said = say_excess("memory", self._request)
        return problem.replaced(kind=said.kind, message=said.message, hint=said.hint)

    def _placed(self, problem: Problem) -> Problem:
        if problem.file is not None:
            return problem
        file = source_file(self._request)
        return problem.replaced(file=None if file is None else str(file))


def source_file(request: LoadRequest) -> Path | None:
    """Find the file of the target without importing anything; None when it is not under the search paths."""
    target = request.target
    if target.file is not None:
        return target.file
    inner = Path(*target.module.split("."))
    for folder in request.search_paths:
        for file in (folder / inner.with_suffix(".py"), folder / inner / "__init__.py"):
            if file.is_file():
                return file
    return None


def _read_lines(pipe: IO[bytes], events: queue.SimpleQueue[tuple[str, Any]]) -> None:
    with contextlib.suppress(OSError, ValueError):
        while line := pipe.readline(protocol.LONGEST_LINE):
            events.put(("line", line))
    events.put(("closed", None))


def _watch_end(child: Child, events: queue.SimpleQueue[tuple[str, Any]]) -> None:
    child.wait()
    events.put(("ended", child.returncode))
