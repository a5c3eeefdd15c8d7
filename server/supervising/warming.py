"""Keep processes that hold the third-party imports of locations which are being edited."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import AtollError
from atoll_host.envs.loading import warm
from atoll_host.envs.loading.target import Cancellation, LoadCancelledError
from atoll_host.envs.loading.worker import load
from atoll_host.envs.processes import RunnerClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.envs.loading.target import LoadOutcome, LoadRequest
    from atoll_host.envs.processes import Runner
    from atoll_host.server.supervising.clock import Clock

_MOST_FAILURES = 2
"""After which no more processes are kept for a location, until its environment is another."""
_QUIET = 0.15
"""Seconds after a load until a parent is made: whoever saves again at once needs the processor for that."""
_PATIENCE = 20.0
"""Seconds after which a process ends that could not be tried since nobody has loaded the location again."""


@dataclass(eq=False)
class _Kept:
    """A parent that is kept, or being made.

    Attributes:
        request: what it is for.
        latest: the newest fresh load, which it has to be tried against; None when there is none since the last trial.
        parent: what holds the imports; None before it is made.
        ready: whether it can be used.
        at_work: whether a thread is making or trying it, or will in a moment.
        checked: whether it is looked after, so that it ends when nobody uses it.
        used: when it was used last, by the clock.
        cancellation: ends what the thread does.
    """

    request: LoadRequest
    latest: LoadOutcome | None
    parent: warm.WarmParent | None = None
    ready: bool = False
    at_work: bool = False
    checked: bool = False
    used: float = 0.0
    cancellation: Cancellation = field(default_factory=Cancellation)


class Warming:
    """Keeps a few such processes. Safe to use from several threads."""

    def __init__(
        self, runner: Runner, clock: Clock, on_change: Callable[[str, bool], None], *, most: int, idle: float
    ) -> None:
        """Make something that keeps none yet.

        Args:
            runner: starts them.
            clock: for ending those that nobody uses.
            on_change: called with the name of a location, and whether there is one for it now.
            most: how many are kept; 0 for none.
            idle: seconds after which one that was not used ends.
        """
        self._runner = runner
        self._clock = clock
        self._on_change = on_change
        self._most = most if warm.SUPPORTED else 0
        self._idle = idle
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._failures: Counter[str] = Counter()
        self._threads: set[threading.Thread] = set()
        self._closed = False

    def has(self, name: str) -> bool:
        """Tell whether there is a process for a location that can be used."""
        kept = self._kept.get(name)
        return kept is not None and kept.ready

    def way(self, name: str) -> Callable[..., LoadOutcome]:
        """Give what loads a location: by way of its process where that can be relied on, else in a new one."""

        def load_somehow(runner: Runner, request: LoadRequest, **given: Any) -> LoadOutcome:
            kept = self._kept.get(name)
            parent = None if kept is None or not kept.ready else kept.parent
            if kept is None or parent is None:
                return load(runner, request, **given)
            if not parent.usable(request):
                self.drop(name)
                return load(runner, request, **given)
            outcome = parent.load(request, **given)
            if outcome is not None:
                self._touch(name)
                return outcome
            kept.ready = False
            outcome = load(runner, request, **given)
            if parent.failed_reason is not None:
                self._note_failure(name, parent, outcome)
                self.drop(name)
            return outcome

        return load_somehow

    def prepare(self, name: str, request: LoadRequest, fresh: LoadOutcome) -> None:
        """Have a process made for a location that has just been loaded in one of its own, in a moment.

        One that is there already and did not do, or is being made, is tried against that load.
        """
        with self._lock:
            if self._closed or not self._most or self._failures[name] >= _MOST_FAILURES:
                return
            kept = self._kept.get(name)
            if kept is None:
                if fresh.definitions is None:
                    # It may have imported less than it will.
                    return
                kept = self._kept[name] = _Kept(request, fresh)
            if kept.ready:
                return
            kept.latest = fresh
            if kept.at_work:
                return
            kept.at_work = True
        self._clock.after(_QUIET, lambda: self._begin(name, kept))

    def drop(self, name: str, *, forgive: bool = False, only: _Kept | None = None) -> None:
        """End the process of a location, where there is one.

        Args:
            name: of the location.
            forgive: whether it is tried again where it went wrong before: its environment is another now.
            only: which one, where another may have taken its place.
        """
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and only in {None, kept}:
                del self._kept[name]
            if forgive:
                del self._failures[name]
        if only is not None:
            self._end(name, only)
        elif kept is not None:
            self._end(name, kept)

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            self._closed = True
            all_kept, self._kept = list(self._kept.items()), OrderedDict()
            threads = list(self._threads)
        for name, kept in all_kept:
            self._end(name, kept)
        for thread in threads:
            thread.join(1)

    def _begin(self, name: str, kept: _Kept) -> None:
        with self._lock:
            if self._closed or self._kept.get(name) is not kept:
                return
            thread = threading.Thread(target=self._work, args=(name, kept), name="atoll-warming", daemon=True)
            self._threads.add(thread)
        thread.start()

    def _work(self, name: str, kept: _Kept) -> None:
        try:
            while (fresh := self._take(name, kept)) is not None and not self._try(name, kept, fresh):
                pass
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _take(self, name: str, kept: _Kept) -> LoadOutcome | None:
        """Give the load to try a parent against; None where there is none, or nobody wants the parent any more."""
        with self._lock:
            fresh, kept.latest = kept.latest, None
            wanted = self._kept.get(name) is kept
            if fresh is None or not wanted:
                kept.at_work = False
        if fresh is None and wanted:
            # Its code has changed since: the load of that is about to end, and to be told.
            self._clock.after(_PATIENCE, lambda: self._drop_unready(name, kept))
        return fresh if wanted else None

    def _try(self, name: str, kept: _Kept, fresh: LoadOutcome) -> bool:
        """Make the parent, or try the one that is there; tell whether nothing more is to be done."""
        renews = kept.parent is not None
        kept.parent = parent = kept.parent or warm.WarmParent(self._runner, kept.request, fresh)
        try:
            if renews:
                ready = parent.renew(fresh, cancellation=kept.cancellation)
            else:
                ready = parent.prepare(cancellation=kept.cancellation)
        except (LoadCancelledError, RunnerClosedError, AtollError):
            self.drop(name, only=kept)
            return True
        if ready:
            self._make_ready(name, kept)
            return True
        if parent.failed_reason is not None:
            if self._kept.get(name) is kept:
                # What was ended while it was made speaks against nothing.
                self._note_failure(name, parent, fresh)
            self.drop(name, only=kept)
            return True
        if renews and kept.latest is None:
            # It holds too little by now.
            parent.close()
            kept.parent, kept.latest = None, fresh
        return False

    def _make_ready(self, name: str, kept: _Kept) -> None:
        with self._lock:
            kept.at_work = False
            if self._kept.get(name) is not kept:
                return
            kept.ready, kept.used = True, self._clock.now()
            self._kept.move_to_end(name)
            checked, kept.checked = kept.checked, True
            ready = [other for other, one in self._kept.items() if one.ready]
        if len(ready) > self._most:
            self.drop(ready[0])
        self._on_change(name, True)
        if not checked:
            self._clock.after(self._idle, lambda: self._check(name, kept))

    def _drop_unready(self, name: str, kept: _Kept) -> None:
        if not kept.ready and not kept.at_work:
            self.drop(name, only=kept)

    def _note_failure(self, name: str, parent: warm.WarmParent, fresh: LoadOutcome) -> None:
        """Count what speaks against warm loads of a location."""
        slow = parent.gave_up_after is not None and fresh.seconds.get("total", 0.0) >= parent.gave_up_after
        hung = parent.gave_up_after is not None and not slow
        with self._lock:
            self._failures[name] += 0 if slow else _MOST_FAILURES if hung else 1

    def _touch(self, name: str) -> None:
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None:
                kept.used = self._clock.now()
                self._kept.move_to_end(name)

    def _check(self, name: str, kept: _Kept) -> None:
        """End a process that nobody has used for long."""
        with self._lock:
            if self._closed or self._kept.get(name) is not kept:
                return
            left = kept.used + self._idle - self._clock.now()
        if left > 0:
            self._clock.after(left, lambda: self._check(name, kept))
        else:
            self.drop(name)

    def _end(self, name: str, kept: _Kept) -> None:
        was_ready = kept.ready
        kept.cancellation.cancel()
        if kept.parent is not None:
            kept.parent.close()
        if was_ready:
            self._on_change(name, False)
