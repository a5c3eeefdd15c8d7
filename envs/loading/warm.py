"""Load a location in a process that is forked from a parent which holds its third-party imports. Linux only.

What comes of such a load is what a load in a process of its own would come to. Three things see to that. A parent is
tried before it is used: the same sources must give the same result, forked and in a process of their own. It is given
up when anything that it holds has changed: files, variables, interpreter, search paths, what the user's own folders
hide. And a load counts only while the user's own code says the same of its imports as in that trial, because what is
held is there whether or not anybody imports it. Where a load does not count, there is none, and a fresh one is needed.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from atoll_host.envs.loading import judging, temporary
from atoll_host.envs.loading.forks import ForkedLoad, Heard, ParentGoneError
from atoll_host.envs.loading.holding import Holding
from atoll_host.envs.loading.judging import End
from atoll_host.envs.loading.target import LoadOutcome
from atoll_host.envs.loading.worker import faults_file, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.envs.loading.target import Cancellation, LoadRequest
    from atoll_host.envs.processes import Runner

SUPPORTED = sys.platform.startswith("linux") and hasattr(os, "eventfd")
"""Whether there are warm parents here."""
_LEAST = 2.0
"""Seconds that a load has in any case."""
_TIMES = 3
"""How much longer than the fresh load it may take."""
_GRACE = 3.0
"""Seconds that a fork has, after its own timeout, to write the stack before it is killed."""


class WarmParent:
    """A process that holds what a location imports from its environment, and calls nothing of it.

    Safe to use from several threads; loads take turns.

    Attributes:
        failed_reason: why no warm load of this location is to be tried again; None while nothing speaks against it.
        gave_up_after: seconds after which a load was given up, which is the reason then. If the fresh load that follows
            takes longer too, it is the code that is slow, and another parent may be made.
    """

    def __init__(self, runner: Runner, request: LoadRequest, fresh: LoadOutcome) -> None:
        """Take note of what to hold; nothing is started yet.

        Args:
            runner: starts the process.
            request: what was loaded.
            fresh: what came of that load, made in a process of its own.
        """
        self.failed_reason: str | None = None
        self.gave_up_after: float | None = None
        self._runner, self._request, self._fresh = runner, request, fresh
        self._lock = threading.Lock()
        self._holding: Holding | None = None
        self._imports: list[str] | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The parent's process id; None while there is none."""
        holding = self._holding
        return None if holding is None else holding.pid

    def prepare(self, *, cancellation: Cancellation | None = None) -> bool:
        """Start the parent, have it import, and try it: a warm load must give what the fresh one gave.

        Takes as long as the fresh load, and a little more. Tell whether it can be used.

        Raises:
            ToolFailedError: the interpreter cannot be started.
            RunnerClosedError: the command was interrupted.
            LoadCancelledError: it was cancelled meanwhile.
        """
        third_party = _third_party(self._fresh)
        if not SUPPORTED or third_party is None or self.failed_reason is not None:
            return False
        with self._lock:
            if self._closed:
                return False
            self._drop()
            holding = self._holding = Holding(self._runner, self._request)
            try:
                problem = holding.hold(third_party, self._request.timeout, cancellation)
            except BaseException:
                self._drop()
                raise
            if problem is not None:
                self._fail(problem)
                return False
            return self._try(cancellation)

    def renew(self, fresh: LoadOutcome, *, cancellation: Cancellation | None = None) -> bool:
        """Try the parent against another fresh load of the same request, and tell whether it can be used.

        Call it after each fresh load while there is a parent. Where it says no, close the parent and make another.

        Raises:
            LoadCancelledError: it was cancelled meanwhile.
        """
        with self._lock:
            held = _third_party(self._fresh)
            # A load that failed early has imported less, which is no reason to hold less.
            if self._holding is None or not set(_third_party(fresh) or ()) <= set(held or ()):
                return False
            self._fresh = replace(fresh, trace={**(fresh.trace or {}), "third_party": held})
            return self._try(cancellation)

    def usable(self, request: LoadRequest) -> bool:
        """Tell whether a load may be tried: it runs, it is proven, and the request is what it was made for."""
        holding = self._holding
        return (
            holding is not None
            and holding.alive
            and self._imports is not None
            and request.debug is None
            and _what_matters(request) == _what_matters(self._request)
        )

    def load(
        self,
        request: LoadRequest,
        *,
        on_progress: Callable[[dict[str, Any]], None] | None = None,
        cancellation: Cancellation | None = None,
    ) -> LoadOutcome | None:
        """Load in a fork of the parent; None when that cannot be relied on, and a fresh load is needed.

        Raises:
            LoadCancelledError: it was cancelled before there was an answer.
        """
        if cancellation is not None:
            cancellation.check()
        with self._lock:
            if not self.usable(request):
                return None
            outcome, imports = self._load(request, on_progress, cancellation)
            expected = self._imports
        if outcome is None or expected is None:
            return None
        # What was not imported because something failed before is no reason.
        same = imports == expected if outcome.definitions is not None else imports == expected[: len(imports)]
        return outcome if same else None

    def close(self) -> None:
        """End the parent, and a load that is under way. Safe to call from any thread, and twice."""
        self._closed = True
        holding = self._holding
        if holding is not None:
            holding.kill()
        with self._lock:
            self._drop()

    def _try(self, cancellation: Cancellation | None) -> bool:
        """Load what the fresh load has loaded, and tell whether it comes to the same."""
        self._imports = None
        outcome, imports = self._load(self._request, None, cancellation)
        fresh = self._fresh
        if outcome is None or self._changed_since(fresh):
            return False
        if not self._agree(outcome, cancellation):
            self._fail("a warm load comes to something else than a fresh one")
            return False
        if self._changed_since(fresh):
            return False
        self._imports = imports
        return True

    def _agree(self, outcome: LoadOutcome, cancellation: Cancellation | None) -> bool:
        """Tell whether a warm load came to what the fresh one came to, but for what is another in each fresh load."""
        found = find_differences(_plain(outcome), _plain(self._fresh))
        if not found:
            return True
        again = load(self._runner, self._request, cancellation=cancellation)
        return found <= find_differences(_plain(again), _plain(self._fresh))

    def _changed_since(self, outcome: LoadOutcome) -> bool:
        """Tell whether the user's own code has changed since it was loaded: what came of that is of another time."""
        for source, read in outcome.read.items():
            try:
                # Where user code puts a relative folder on the search path, its modules have relative paths.
                status = (self._request.directory / source).stat()
            except OSError:
                return True
            if [status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns] != read:
                return True
        return False

    def _load(
        self,
        request: LoadRequest,
        on_progress: Callable[[dict[str, Any]], None] | None,
        cancellation: Cancellation | None,
    ) -> tuple[LoadOutcome | None, list[str]]:
        holding = self._holding
        if holding is None:
            return None, []
        started, started_at = time.perf_counter(), time.time()
        most = min(max(_LEAST, _TIMES * self._fresh.seconds.get("total", 0.0)), request.timeout + _GRACE)
        one = ForkedLoad(
            holding.child,
            holding.control,
            holding.said,
            request,
            most=most,
            on_progress=on_progress,
        )
        one.log.add(holding.output)
        with faults_file() as faults, ExitStack() as stack:
            try:
                folder = stack.enter_context(temporary.private_folder())
                stack.callback(self._rest, holding)
                holding.child.resting = False
                heard = one.run(faults, folder, cancellation)
            except (ParentGoneError, OSError):
                # What had ended before says nothing of the code that was to be loaded.
                if one.forked and not self._closed:
                    self._fail("the process that holds its imports ended during a load")
                else:
                    self._drop()
                return None, []
            if heard.hung:
                self.gave_up_after = most
            outcome = self._judge(request, heard, faults)
        if outcome is None:
            return None, []
        trace = outcome.trace
        imports = list(trace.pop("imports", ())) if trace is not None else []
        if trace is not None:
            trace["third_party"] = [*(_third_party(self._fresh) or ()), *trace.get("third_party", ())]
        worker = None if holding.worker is None else {**holding.worker, "pid": heard.pid}
        seconds = {"total": time.perf_counter() - started, **outcome.seconds}
        outcome = replace(
            outcome,
            worker=worker,
            trace=trace,
            seconds=seconds,
            output=one.log.give(),
            way="warm",
            started_at=started_at,
        )
        return outcome, imports

    def _rest(self, holding: Holding) -> None:
        holding.child.resting = True
        self._runner.tidy()

    def _judge(self, request: LoadRequest, heard: Heard, faults: Any) -> LoadOutcome | None:
        if heard.change is not None:
            self._drop()
            return None
        if heard.hung:
            self._fail("a warm load took much longer than a fresh one")
            return None
        if heard.answer is not None:
            return judging.judge_answer(request, heard.answer)
        faults.seek(0)
        if heard.excess is None and b"Timeout (" not in faults.read(4096):
            # Whether it crashed because it was forked, a fresh load will tell.
            return None
        end = End(heard.status, heard.ended, heard.excess, last_module=heard.last_module)
        return LoadOutcome(None, (judging.judge_end(request, end, faults),), None)

    def _fail(self, reason: str) -> None:
        self.failed_reason = reason
        self._drop()

    def _drop(self) -> None:
        self._imports = None
        holding, self._holding = self._holding, None
        if holding is not None:
            holding.close()


def _third_party(outcome: LoadOutcome) -> list[str] | None:
    found = (outcome.trace or {}).get("third_party")
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else None


def _what_matters(request: LoadRequest) -> LoadRequest:
    """Leave out of a request what may be another one in each load."""
    return replace(request, timeout=0, memory=None, cpu=None, variables=dict(request.variables))


def _plain(outcome: LoadOutcome) -> Any:
    return [outcome.definitions, [problem.to_json() for problem in outcome.problems]]


def find_differences(one: Any, other: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """Give the paths to what two values of JSON have different, each as deep as can be."""
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        return {found for name in one for found in find_differences(one[name], other[name], (*path, name))}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return {found for number, pair in pairs for found in find_differences(*pair, (*path, number))}
    return set() if type(one) is type(other) and one == other else {path}
