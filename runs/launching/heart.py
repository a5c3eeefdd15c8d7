"""Says that a run's host is there, and hears what the run's clients want of it."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.runs.storage.records import Host
    from atoll_host.runs.storage.store import Storage

_OFTEN = 5
"""Times that a lease is renewed before it would end."""
_LOOK = 0.25
"""Seconds between two looks at what is wanted, at least."""


class Heart:
    """Beats in a thread of its own until it is stopped.

    Args:
        storage: where runs are remembered.
        run: id of the run.
        host: this process.
        lease: seconds.
        on_cancel: called when the run is to be canceled.
        on_settled: called when somebody else has ended the run.
    """

    def __init__(
        self,
        storage: Storage,
        run: str,
        host: Host,
        lease: float,
        *,
        on_cancel: Callable[[], None],
        on_settled: Callable[[], None],
    ) -> None:
        self._storage = storage
        self._run = run
        self._host = host
        self._lease = lease
        self._on_cancel = on_cancel
        self._on_settled = on_settled
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Beat no more."""
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        renewed = time.monotonic()
        canceled = False
        while not self._stop.wait(_LOOK):
            # A database that is away for a while comes back, or writing events fails.
            with contextlib.suppress(Exception):
                now = time.monotonic()
                if now - renewed > self._lease / _OFTEN:
                    status = self._storage.runs.renew(self._run, self._host, lease=self._lease)
                    renewed = now
                else:
                    status = self._storage.runs.get(self._run).status
                if status == "canceling" and not canceled:
                    canceled = True
                    self._on_cancel()
                elif status in {"succeeded", "failed", "canceled"}:
                    self._on_settled()
                    return
