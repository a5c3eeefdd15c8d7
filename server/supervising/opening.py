"""Open the workspace again when something changes that it is made of."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atoll_host.server.supervising.watched import Change
    from atoll_host.workspace.location import Workspace

_QUIET = 0.05
"""Seconds without a change after which it is opened: in the middle of a checkout it is no workspace."""
_LONGEST = 1.0
"""Seconds after which it is opened in any case."""


class Opening:
    """Opens the workspace in a thread of its own, once for many changes."""

    def __init__(
        self,
        open_workspace: Callable[[], Workspace],
        on_workspace: Callable[[Workspace, str, Sequence[Change]], None],
        on_problems: Callable[[tuple[Problem, ...], Sequence[Change]], None],
    ) -> None:
        """Make something that opens nothing yet.

        Args:
            open_workspace: opens.
            on_workspace: called with the workspace, with what caused it to be opened, and with all changes since then.
            on_problems: called with why it cannot be opened, and with all changes since then.
        """
        self._open_workspace = open_workspace
        self._on_workspace = on_workspace
        self._on_problems = on_problems
        self._changed = threading.Condition()
        self._changes: list[Change] = []
        self._latest = 0.0
        self._thread: threading.Thread | None = None
        self._closed = False

    def open(self) -> None:
        """Open it now, for the first time."""
        self._open("start", ())

    def reopen(self, trigger: str) -> None:
        """Open it again now, in this thread.

        Args:
            trigger: what caused it.
        """
        self._open(trigger, ())

    def ask(self, changes: Sequence[Change]) -> None:
        """Have it opened again, since something changed."""
        with self._changed:
            if self._closed:
                return
            self._changes += changes
            self._latest = time.monotonic()
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="atoll-opening", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Open it no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(1)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._changes or self._closed)
                began = time.monotonic()
                while not self._closed:
                    now = time.monotonic()
                    left = min(self._latest + _QUIET, began + _LONGEST) - now
                    if left <= 0:
                        break
                    self._changed.wait(left)
                if self._closed:
                    return
                changes, self._changes = self._changes, []
            own = [change for change in changes if change.owner is None]
            names = sorted({change.path.replace("\\", "/").rpartition("/")[2] for change in own})
            self._open(f"{names[0]} changed" if names else "start", changes)

    def _open(self, trigger: str, changes: Sequence[Change]) -> None:
        try:
            workspace = self._open_workspace()
            self._on_workspace(workspace, trigger, changes)
        except AtollError as error:
            self._on_problems(error.problems, changes)
        except OSError as error:
            # Such as a state folder that cannot be written.
            file = None if error.filename is None else str(error.filename)
            problem = Problem("tool", f"The operating system refused: {error.strerror or error}", file=file)
            self._on_problems((problem,), changes)
