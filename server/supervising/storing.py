"""Keep snapshots, beside everything else: reading what a load saw takes longer than showing what came of it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.envs.errors import Problem
    from atoll_host.workspace.loading import Attempt, Loader

_ENDING = 5.0
"""Seconds that may pass at the end until everything is kept; it takes milliseconds."""


class Storing:
    """Keeps the last good snapshot of each location, in a thread of its own. Nothing is lost at the end."""

    def __init__(self, loader: Loader, on_trouble: Callable[[str, Attempt, tuple[Problem, ...]], None]) -> None:
        """Make something that keeps nothing yet.

        Args:
            loader: keeps.
            on_trouble: called with the name of a location, a load and its problems with why it could not be kept.
        """
        self._loader = loader
        self._on_trouble = on_trouble
        self._changed = threading.Condition()
        self._waiting: dict[str, Attempt] = {}
        self._closed = False
        self._thread: threading.Thread | None = None

    def keep(self, name: str, attempt: Attempt) -> None:
        """Have the snapshot of a load kept, in place of an earlier one that still waits for it."""
        if attempt.report.status != "loaded":
            return
        with self._changed:
            self._waiting[name] = attempt
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="atoll-storing", daemon=True)
                self._thread.start()

    def forget(self, name: str) -> None:
        """Keep nothing more of a location."""
        with self._changed:
            self._waiting.pop(name, None)

    def close(self) -> None:
        """Keep what still waits, and end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(_ENDING)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                name, attempt = next(iter(self._waiting.items()))
                del self._waiting[name]
            # At the end there is no time for digests.
            report = self._loader.keep(attempt, quickly=self._closed)
            if report.problems != attempt.report.problems:
                self._on_trouble(name, attempt, report.problems)
