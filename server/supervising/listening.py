"""Tell of what happens in folders, in a thread: what the ways to find that out have in common."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    Events = set[tuple[int, str]]

ADDED, MODIFIED, DELETED = 1, 2, 3
"""What an event says of a path (`watchfiles.Change`)."""


class Listener(ABC):
    """Tells of what happens in folders, but not in the folders inside of them, from when it is made until its end.

    Args:
        folders: absolute paths.
        on_events: called in our thread with what happened, each as a number and a path.

    Attributes:
        identities: of the folders, as they were when it was made.
    """

    def __init__(self, folders: Collection[str], on_events: Callable[[Events], None]) -> None:
        self.identities = {folder: identify(folder) for folder in folders}
        self._on_events = on_events
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="atoll-listener", daemon=True)

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

    @abstractmethod
    def _run(self) -> None:
        """Tell of what happens, until it is closed."""


def identify(folder: str) -> tuple[int, int] | None:
    """Tell one folder from another that has its name later; None where there is none."""
    try:
        status = os.stat(folder)  # noqa: PTH116 — for thousands at once
    except OSError:
        return None
    return status.st_dev, status.st_ino
