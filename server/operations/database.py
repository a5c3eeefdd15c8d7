"""The storage of a workspace while a server runs: it may not be there yet, be made by others, or be removed."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.runs.instance import Instance
    from atoll_host.runs.storage.store import Storage

_SETTLE = 2.0
"""Seconds between two looks at whether the processes of runs are still there."""


class Database:
    """Opens the storage once for all threads of the server.

    Args:
        get_instance: says where it is; asked again and again, as the file that says it may change.
    """

    def __init__(self, get_instance: Callable[[], Instance]) -> None:
        self._get_instance = get_instance
        self._lock = threading.Lock()
        self._storage: Storage | None = None
        self._place: tuple[object, ...] | None = None
        self._settled = 0.0

    def read(self) -> Storage | None:
        """Give the storage; None while nothing was ever remembered. A look makes no database.

        Runs whose process is gone are ended.

        Raises:
            AtollError: it can't be opened.
        """
        instance = self._get_instance()
        if not instance.has_storage():
            self._forget()
            return None
        storage = self._open(instance)
        self.settle(storage)
        return storage

    def open(self) -> Storage:
        """Give the storage, and make it where there is none.

        Raises:
            AtollError: it can't be opened.
        """
        return self._open(self._get_instance())

    def settle(self, storage: Storage) -> None:
        """End the runs whose process is gone, unless it was looked just now."""
        now = time.monotonic()
        if now - self._settled < _SETTLE:
            return
        self._settled = now
        from atoll_host.runs.launching.settling import settle_lost  # noqa: PLC0415 — imports the database
        from atoll_host.runs.launching.telling import Teller  # noqa: PLC0415 — as above

        settle_lost(storage, Teller.of(self._get_instance()))

    def close(self) -> None:
        """Close all connections."""
        self._forget()

    def _open(self, instance: Instance) -> Storage:
        with self._lock:
            place = place_of(instance)
            if self._storage is None or place != self._place:
                before, self._storage = self._storage, None
                if before is not None:
                    before.close()
                self._storage = instance.open_storage()
                self._place = place_of(instance)
            return self._storage

    def _forget(self) -> None:
        with self._lock:
            storage, self._storage = self._storage, None
        if storage is not None:
            storage.close()


def place_of(instance: Instance) -> tuple[object, ...]:
    """Tell one database from another that has its place now."""
    from atoll_host.runs.instance import DATABASE  # noqa: PLC0415 — reads YAML

    if instance.url is not None:
        return (instance.url,)
    try:
        status = (instance.state.path / DATABASE).stat()
    except OSError:
        return ("",)
    return str(instance.state.path), status.st_dev, status.st_ino


class NoWorkspaceError(AtollError):
    """No configuration of a workspace could be read yet."""

    kind = "no_workspace"
