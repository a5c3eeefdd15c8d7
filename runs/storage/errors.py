"""What can go wrong with what is remembered."""

from __future__ import annotations

from atoll_host.envs.errors import AtollError, ToolFailedError


class StorageError(ToolFailedError):
    """The database could not be opened, read or written."""

    kind = "storage"


class StorageBusyError(StorageError):
    """Another process held the database for longer than is waited for."""

    kind = "storage_busy"


class StorageTooNewError(StorageError):
    """The database was made by a newer version of this tool."""

    kind = "storage_too_new"


class NoRunError(AtollError):
    """There is no such run, or a few letters fit several."""

    kind = "no_run"


class RunEndedError(AtollError):
    """A run that has ended takes no more events: somebody settled it."""

    kind = "run_ended"
