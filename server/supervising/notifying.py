"""Hear from the operating system that something happened in folders."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError  # the public functions watch recursively

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

ADDED, MODIFIED, DELETED = 1, 2, 3
"""What an event says of a path (`watchfiles.Change`)."""
_STEP = 4
"""Milliseconds between glances at what the system told while files are being saved: twice that is what we are late."""
_IDLE_STEP = 10
"""The same where nothing has happened for a while: 0.2 % of a core."""
_AWAKE = 30.0
"""Seconds."""
_MOST = 50
"""Milliseconds that events are gathered for while more keep coming."""
_TURN = 500
"""Milliseconds after which it is found out whether anything has happened lately."""


class Notifier:
    """Tells of what happens in folders, but not in the folders inside of them, from when it is made until its end."""

    def __init__(self, folders: Collection[str], on_events: Callable[[set[tuple[int, str]]], None]) -> None:
        """Begin to watch.

        Args:
            folders: absolute paths.
            on_events: called in our thread with what happened, each as a number and a path.

        Raises:
            OSError: a folder is gone, or the system watches no more for us.
        """
        self.identities = {folder: identify(folder) for folder in folders}
        self._notify = RustNotify(sorted(folders), False, False, 0, False, True)
        self._aliases = {} if sys.platform.startswith("linux") else _find_aliases(folders)
        self._on_events = on_events
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="atoll-notifier", daemon=True)
        self._thread.start()

    @property
    def runs(self) -> bool:
        """Whether it still tells of something."""
        return self._thread.is_alive()

    def retire(self) -> None:
        """Tell of nothing any more, as soon as that may be."""
        self._closing.set()

    def close(self) -> None:
        """Tell of nothing any more."""
        self.retire()
        if threading.current_thread() is not self._thread:
            self._thread.join(1)

    def _run(self) -> None:
        latest = time.monotonic() - _AWAKE
        while not self._closing.is_set():
            step = _STEP if time.monotonic() - latest < _AWAKE else _IDLE_STEP
            try:
                events = self._notify.watch(_MOST, step, _TURN, self._closing)
            except WatchfilesRustInternalError:
                # Such as a queue that ran over: whoever asks again looks at everything.
                events = {(MODIFIED, folder) for folder in self.identities}
            if isinstance(events, set) and events and not self._closing.is_set():
                latest = time.monotonic()
                self._on_events(self._as_asked(events) if self._aliases else events)
        self._notify.close()

    def _as_asked(self, events: set[tuple[int, str]]) -> set[tuple[int, str]]:
        """Add the paths by which we know what the system tells by other ones."""
        split = ((what, *os.path.split(path)) for what, path in events)
        known = {(what, os.path.join(self._aliases[at], name)) for what, at, name in split if at in self._aliases}  # noqa: PTH118 — for every file that changes
        return events | known


def _find_aliases(folders: Collection[str]) -> dict[str, str]:
    """Give the folders by the paths that links lead to: macOS tells of `/private/tmp` who asked for `/tmp`."""
    return {real: folder for folder in folders if (real := os.path.realpath(folder)) != folder}


def identify(folder: str) -> tuple[int, int] | None:
    """Tell one folder from another that has its name later; None where there is none."""
    try:
        status = os.stat(folder)  # noqa: PTH116 — for thousands at once
    except OSError:
        return None
    return status.st_dev, status.st_ino
