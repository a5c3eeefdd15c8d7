"""Hear from the operating system that something happened in folders."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError  # the public functions watch recursively

from atoll_host.server.supervising.listening import MODIFIED, Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from atoll_host.server.supervising.listening import Events

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


class Notifier(Listener):
    """Tells of what happens in folders as the system does."""

    def __init__(self, folders: Collection[str], on_events: Callable[[Events], None]) -> None:
        """Begin to watch.

        Raises:
            OSError: a folder is gone, or the system watches no more for us.
        """
        super().__init__(folders, on_events)
        self._notify = RustNotify(sorted(folders), False, False, 0, False, True)
        self._aliases = {} if sys.platform.startswith("linux") else _find_aliases(folders)
        self._thread.start()

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

    def _as_asked(self, events: Events) -> Events:
        """Add the paths by which we know what the system tells by other ones."""
        split = ((what, *os.path.split(path)) for what, path in events)
        known = {(what, os.path.join(self._aliases[at], name)) for what, at, name in split if at in self._aliases}  # noqa: PTH118 — for every file that changes
        return events | known


def _find_aliases(folders: Collection[str]) -> dict[str, str]:
    """Give the folders by the paths that links lead to: macOS tells of `/private/tmp` who asked for `/tmp`."""
    return {real: folder for folder in folders if (real := os.path.realpath(folder)) != folder}
