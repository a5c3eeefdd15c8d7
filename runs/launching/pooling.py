"""Steps that belong to a pool wait here until one of its places is free, over all runs."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from atoll_host.envs.errors import AtollError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from atoll_host.runs.launching.recorder import Recorder
    from atoll_host.runs.storage.store import Storage

_LEASE = 20.0
"""Seconds after which a place is free again when this process is not heard of any more."""
_OFTEN = 4
"""Times that a lease is renewed before it would end."""
_LOOK = 0.25
"""Seconds between two looks for a place."""


@dataclass(slots=True)
class _Step:
    stage: int
    location: str
    name: str
    pool: str
    begin: Callable[[], None]
    is_told: bool = False


class Pools:
    """The places that the steps of one run hold, and those that wait for one. A step holds one place at a time.

    What is asked here never waits: a thread does. Leaving the context gives everything back.

    Args:
        storage: where places are remembered.
        run: id of the run.
        groups: by the name of a pool, how many of its steps go on at once; others have no limit.
        recorder: takes what there is to say.
    """

    def __init__(self, storage: Storage, run: str, groups: Mapping[str, int], recorder: Recorder) -> None:
        self._storage = storage
        self._run = run
        self._groups = groups
        self._recorder = recorder
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._waiting: dict[str, _Step] = {}
        self._held: dict[str, _Step] = {}
        self._left: set[str] = set()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._stopping = True
            self._left |= {*self._held}
            self._held.clear()
            self._waiting.clear()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def ask(self, stage: int, location: str, step: str, pool: str, begin: Callable[[], None]) -> None:
        """Ask for a place.

        Args:
            stage: number of the stage.
            location: of the step.
            step: its name.
            pool: what it belongs to.
            begin: called, in another thread, when it has a place; at once where the pool has no limit.
        """
        if pool not in self._groups:
            begin()
            return
        with self._lock:
            self._waiting[self._name(stage, step)] = _Step(stage, location, step, pool, begin)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="pools", daemon=True)
                self._thread.start()
        self._wake.set()

    def leave(self, stage: int, step: str | None = None) -> None:
        """Give back the place of a step, or of all steps of a stage; what waits for one does no more."""
        with self._lock:
            for names in (self._waiting, self._held):
                for name, one in list(names.items()):
                    if one.stage == stage and step in (None, one.name):
                        del names[name]
                        self._left.add(name)
            has_left = bool(self._left)
        if has_left:
            self._wake.set()

    def _name(self, stage: int, step: str) -> str:
        return f"{self._run}/{stage}/{step}"

    def _work(self) -> None:
        renewed = time.monotonic()
        while True:
            self._wake.clear()
            with self._lock:
                stopping, left, self._left = self._stopping, self._left, set()
                waiting = dict(self._waiting)
                held = {}
                if time.monotonic() - renewed > _LEASE / _OFTEN:
                    held, renewed = dict(self._held), time.monotonic()
            # A database that is away for a while comes back; places are free when their lease ends.
            for name in left:
                with contextlib.suppress(AtollError):
                    self._storage.slots.release(name)
            if stopping:
                return
            for name, step in held.items():
                with contextlib.suppress(AtollError):
                    self._acquire(name, step)
            for name, step in waiting.items():
                with contextlib.suppress(AtollError):
                    self._try(name, step)
            self._wake.wait(_LOOK if waiting else _LEASE / _OFTEN)

    def _acquire(self, name: str, step: _Step) -> bool:
        limit = self._groups[step.pool]
        return self._storage.slots.acquire({step.pool: limit}, name, lease=_LEASE, run=self._run)

    def _try(self, name: str, step: _Step) -> None:
        taken = [slot for slot in self._storage.slots.list(step.pool) if slot.holder != name]
        if len(taken) < self._groups[step.pool] and self._acquire(name, step):
            with self._lock:
                if self._waiting.pop(name, None) is not step:
                    self._left.add(name)
                    self._wake.set()
                    return
                self._held[name] = step
            step.begin()
        elif not step.is_told:
            step.is_told = True
            count = len(taken)
            reason = f"waits for a free place in {step.pool}: {count} step{' goes' if count == 1 else 's go'} on"
            self._recorder.add(
                "step_waiting", {"pool": step.pool, "reason": reason}, step=step.name, location=step.location
            )
