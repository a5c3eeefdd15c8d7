"""Waits until there is a place for a run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError
from atoll_host.runs.launching.settling import settle_lost

if TYPE_CHECKING:
    import threading

    from atoll_host.runs.launching.telling import Tell
    from atoll_host.runs.storage.records import Host, NewRun
    from atoll_host.runs.storage.store import Storage

_LOOK = 0.3
"""Seconds between two looks for a place."""
_SETTLE = 3.0
"""Seconds between two looks for runs whose process is gone: they take places."""


class Place:
    """The place of a run among those that go on.

    Args:
        storage: where runs are remembered.
        planned: the run, as it is remembered.
        host: this process.
        lease: seconds for which it says that it is there.
        limit: how many runs go on at once; None for any number.
        tell: has whoever wants to know told of other runs that are found to have failed.
    """

    def __init__(
        self, storage: Storage, planned: NewRun, host: Host, lease: float, limit: int | None, *, tell: Tell
    ) -> None:
        assert planned.id is not None  # noqa: S101 — a host knows its run
        self._storage = storage
        self._run = planned.id
        self._planned = planned
        self._host = host
        self._lease = lease
        self._limit = limit
        self._tell = tell

    def take(self) -> bool:
        """Take it, and tell whether that was done."""
        return self._storage.runs.take(
            self._run, self._host, lease=self._lease, planned=self._planned, limit=self._limit
        )

    def is_awaited(self) -> bool:
        """Tell whether this process is the one that waits with the run."""
        run = self._storage.runs.get(self._run)
        return run.status == "queued" and run.host == self._host

    def wait(self, stopping: threading.Event) -> bool:
        """Wait until the place is taken; False where the run ends before.

        Args:
            stopping: set when the run is to be canceled.
        """
        settled = time.monotonic()
        while not stopping.wait(_LOOK):
            try:
                if time.monotonic() - settled > _SETTLE:
                    settle_lost(self._storage, self._tell)
                    settled = time.monotonic()
                if self._limit is None or self._storage.runs.has_place(self._run, self._limit):
                    if self.take():
                        return True
                    if not self.is_awaited():
                        return False
            except AtollError as error:
                # A database that is away for a while comes back.
                if error.kind == "no_run":
                    return False
        self._storage.runs.cancel(self._run, reason="it was canceled while it waited")
        return False
