"""Find out what happens in folders by looking again and again, where the system tells of nothing (network drives)."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from atoll_host.server.supervising.notifying import ADDED, DELETED, MODIFIED, identify

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_EVERY = 0.3
"""Seconds between two looks."""
_SHARE = 20
"""How many times longer than looking took nobody looks again."""

Contents = dict[str, tuple[int, ...]]


class Poller:
    """Tells of what happens in folders as a `Notifier` does. The watchfiles library polls by whole seconds only."""

    def __init__(
        self,
        folders: Collection[str],
        on_events: Callable[[set[tuple[int, str]]], None],
        before: Poller | None = None,
    ) -> None:
        """Begin to look.

        Args:
            folders: absolute paths.
            on_events: called in our thread with what happened, each as a number and a path.
            before: which one this goes on for: it is closed, and what it would have told is told here.
        """
        if before is not None:
            before.close()
        seen: dict[str, Contents] = {} if before is None else before._seen  # noqa: SLF001 — one of us
        self.identities = {folder: identify(folder) for folder in folders}
        self._on_events = on_events
        self._seen: dict[str, Contents] = {one: seen[one] if one in seen else _list(one) for one in folders}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="atoll-poller", daemon=True)
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
        pause = _EVERY
        while not self._closing.wait(pause):
            began = time.monotonic()
            events: set[tuple[int, str]] = set()
            for folder, before in self._seen.items():
                after = self._seen[folder] = _list(folder)
                for name in before.keys() | after.keys():
                    if before.get(name) != after.get(name):
                        what = ADDED if name not in before else DELETED if name not in after else MODIFIED
                        events.add((what, os.path.join(folder, name)))  # noqa: PTH118 — texts, for thousands at once
            if events and not self._closing.is_set():
                self._on_events(events)
            pause = max(_EVERY, _SHARE * (time.monotonic() - began))


def _list(folder: str) -> Contents:
    """Give what identifies each thing in a folder; of folders, only that they are there, and which they are."""
    found: Contents = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    status = entry.stat()
                except OSError:
                    continue
                if entry.is_dir():
                    found[entry.name] = (status.st_dev, status.st_ino)
                else:
                    found[entry.name] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    except OSError:
        return {}
    return found
