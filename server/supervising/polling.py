"""Find out what happens in folders by looking again and again, where the system tells of nothing (network drives)."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from atoll_host.server.supervising.listening import ADDED, DELETED, MODIFIED, Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from atoll_host.server.supervising.listening import Events

_EVERY = 0.3
"""Seconds between two looks."""
_SHARE = 20
"""How many times longer than looking took nobody looks again."""

Contents = dict[str, tuple[int, ...]]


class Poller(Listener):
    """Tells of what happens in folders by itself. The watchfiles library polls by whole seconds only."""

    def __init__(
        self, folders: Collection[str], on_events: Callable[[Events], None], before: Poller | None = None
    ) -> None:
        """Begin to look.

        Args:
            folders: absolute paths.
            on_events: called in our thread with what happened.
            before: which one this goes on for: it is closed, and what it would have told is told here.
        """
        if before is not None:
            before.close()
        seen: dict[str, Contents] = {} if before is None else before._seen  # noqa: SLF001 — one of us
        super().__init__(folders, on_events)
        self._seen: dict[str, Contents] = {one: seen[one] if one in seen else _list(one) for one in folders}
        self._thread.start()

    def _run(self) -> None:
        pause = _EVERY
        while not self._closing.wait(pause):
            began = time.monotonic()
            events: Events = set()
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
