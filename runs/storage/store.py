"""The database of runs, opened: `Storage.open(url)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from atoll_host.runs.storage import pruning, renaming
from atoll_host.runs.storage.assets import Assets
from atoll_host.runs.storage.automations import Automations
from atoll_host.runs.storage.backfills import Backfills
from atoll_host.runs.storage.checks import Checks
from atoll_host.runs.storage.connecting import connect
from atoll_host.runs.storage.dynamic import DynamicPartitions
from atoll_host.runs.storage.events import Events
from atoll_host.runs.storage.logs import Logs
from atoll_host.runs.storage.migrating import migrate
from atoll_host.runs.storage.runs import Runs
from atoll_host.runs.storage.slots import Slots
from atoll_host.runs.storage.steps import Steps
from atoll_host.runs.storage.ticks import Ticks
from atoll_host.runs.storage.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atoll_host.runs.storage.database import Database
    from atoll_host.runs.storage.pruning import Pruned
    from atoll_host.runs.storage.records import AutomationKind, RunStatus

PATIENCE = 30.0
"""Seconds that a lock or a restart of the database is waited for."""
_OPENING = 3.0
"""Seconds that a server is waited for which nobody has reached yet: its URL may be wrong."""


class Storage:
    """All that is remembered, for any number of threads of one process; other processes open it for themselves.

    Attributes:
        runs: created, listed, led from status to status.
        steps: what became of each.
        events: appended, read, waited for.
        logs: captured output.
        assets: what was made.
        checks: what checks found.
        schedules: their states.
        sensors: their states.
        ticks: evaluations of both.
        partitions: keys of dynamic partitions.
        backfills: partitions that are made by several runs.
        slots: so many may do something at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.runs = Runs(database)
        self.steps = Steps(database)
        self.events = Events(database)
        self.logs = Logs(database)
        self.assets = Assets(database)
        self.checks = Checks(database)
        self.schedules = Automations(database, "schedule")
        self.sensors = Automations(database, "sensor")
        self.ticks = Ticks(database)
        self.partitions = DynamicPartitions(database)
        self.backfills = Backfills(database)
        self.slots = Slots(database)

    def get_automations(self, kind: AutomationKind) -> Automations:
        """Give the states of all schedules, or of all sensors."""
        return self.schedules if kind == "schedule" else self.sensors

    @classmethod
    def open(cls, url: str, *, patience: float = PATIENCE) -> Self:
        """Open a database, and make or change its tables where that is needed.

        Args:
            url: `sqlite:////absolute/path` or `postgresql://user:password@machine/name`.
            patience: seconds that a lock or a restart of the database is waited for, later on.

        Raises:
            StorageTooNewError: a newer version of this tool made the tables.
            StorageError: it can't be opened: it is damaged, no server is there, or there is no permission.
        """
        database = connect(url, patience=min(patience, _OPENING))
        try:
            migrate(database)
            database.patience = patience
        except BaseException:
            database.close()
            raise
        return cls(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections. Waiting threads are the caller's to end first."""
        self._database.close()

    @property
    def where(self) -> str:
        """The file, or the URL without its password."""
        return self._database.describe()

    def watch(self) -> Watch:
        """Begin to wait for news: `watch.wait(timeout)` tells that something was written since the last time."""
        return Watch(self._database)

    def rename_asset(self, old: str, new: str) -> bool:
        """Let an asset's history go on under another key; tell whether there was any."""
        return self._database.write(lambda c: renaming.rename_asset(c, old, new), ordered=True)

    def rename_location(self, old: str, new: str) -> bool:
        """Let a location's history go on under another name; tell whether there was any."""
        return self._database.write(lambda c: renaming.rename_location(c, old, new), ordered=True)

    def count_old(
        self,
        *,
        runs_before: float | None = None,
        keep_last: int = 0,
        ticks_before: float | None = None,
        history_before: float | None = None,
    ) -> Pruned:
        """Count what `prune` would forget with the same arguments, and forget nothing."""
        return pruning.count_old(
            self._database,
            runs_before=runs_before,
            keep_last=keep_last,
            ticks_before=ticks_before,
            history_before=history_before,
        )

    def prune(
        self,
        *,
        runs_before: float | None = None,
        keep_last: int = 0,
        statuses: Sequence[RunStatus] = (),
        ticks_before: float | None = None,
        history_before: float | None = None,
        vacuum: bool = True,
        on_progress: Callable[[int], None] | None = None,
    ) -> Pruned:
        """Forget what is old; see `pruning.prune` for the arguments."""
        return pruning.prune(
            self._database,
            runs_before=runs_before,
            keep_last=keep_last,
            statuses=statuses,
            ticks_before=ticks_before,
            history_before=history_before,
            vacuum=vacuum,
            on_progress=on_progress,
        )
