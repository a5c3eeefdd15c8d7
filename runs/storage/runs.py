"""Runs: created, found, listed, and led from one status to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from atoll_host.runs.storage.changing import change_status, settle_run
from atoll_host.runs.storage.creating import create_run, write_plan
from atoll_host.runs.storage.database import split
from atoll_host.runs.storage.errors import NoRunError
from atoll_host.runs.storage.events import append_events
from atoll_host.runs.storage.places import find_wait, wait_in_queue
from atoll_host.runs.storage.reading import RUN, find_row, narrow, read_run, require
from atoll_host.runs.storage.records import ACTIVE, FINAL, TRANSITIONS, RunChange, RunFilter, RunPage
from atoll_host.runs.storage.tables import run_changes, runs
from atoll_host.runs.storage.texts import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from atoll_host.runs.storage.database import Database
    from atoll_host.runs.storage.records import Event, Host, NewRun, Run, RunStatus

_PAGE = 500


class Runs:
    """The runs of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, new: NewRun) -> Run:
        """Remember a run as queued.

        With `origin` and `run_key` the request happens once: where it was made before, the run of then is given, which
        has another id than the one that was wanted.

        Raises:
            NoRunError: that run has been pruned.
        """

        def work(connection: Connection) -> Run:
            run, _ = create_run(connection, new, self._database.now(connection))
            if run is None:
                message = f"The run that was asked for with the run key {new.run_key!r} has been pruned"
                raise NoRunError(message, hint="ask with another key")
            return run

        return self._database.write(work, ordered=True, repeatable=new.id is not None)

    def get(self, run: str) -> Run:
        """Give a run by its id.

        Raises:
            NoRunError: there is none.
        """
        return self._database.read(lambda connection: require(connection, run))

    def find(self, text: str) -> Run:
        """Give the run that somebody means by a part of its id or by its number.

        Args:
            text: a number, or the beginning or end of an id.

        Raises:
            NoRunError: none is meant, or several may be.
        """
        return self._database.read(lambda connection: _find(connection, text.strip().lower()))

    def list(self, wanted: RunFilter | None = None, *, cursor: int | None = None, limit: int = 50) -> RunPage:
        """List runs, the newest first.

        Args:
            wanted: which; all by default.
            cursor: from the page before.
            limit: how many at most.
        """
        wanted = wanted or RunFilter()

        def work(connection: Connection) -> RunPage:
            query = narrow(RUN, wanted).order_by(runs.c.number.desc()).limit(limit + 1)
            if cursor is not None:
                query = query.where(runs.c.number < cursor)
            found = [read_run(row) for row in connection.execute(query)]
            more = len(found) > limit
            return RunPage(tuple(found[:limit]), found[limit - 1].number if more else None)

        return self._database.read(work)

    def iterate(self, wanted: RunFilter | None = None) -> Iterator[Run]:
        """Give all runs, the newest first, a page in memory at a time."""
        cursor: int | None = None
        while True:
            page = self.list(wanted, cursor=cursor, limit=_PAGE)
            yield from page.runs
            cursor = page.cursor
            if cursor is None:
                return

    def list_queued(self, limit: int = 50) -> tuple[Run, ...]:
        """List runs that wait for a host, the oldest first; not those with which a process waits already."""
        query = RUN.where(runs.c.status == "queued", runs.c.pid.is_(None)).order_by(runs.c.number).limit(limit)
        return self._database.read(lambda connection: tuple(read_run(row) for row in connection.execute(query)))

    def count(self, wanted: RunFilter | None = None) -> dict[RunStatus, int]:
        """Count runs by their status; one that no run has is 0."""
        query = narrow(select(runs.c.status, func.count()).select_from(runs), wanted or RunFilter())
        query = query.group_by(runs.c.status)
        counts: dict[RunStatus, int] = dict.fromkeys(TRANSITIONS, 0)

        def work(connection: Connection) -> dict[RunStatus, int]:
            counts.update({row[0]: row[1] for row in connection.execute(query)})
            return counts

        return self._database.read(work)

    def update_status(
        self,
        run: str,
        status: RunStatus,
        *,
        expected: Collection[RunStatus] | None = None,
        reason: str | None = None,
        problem: Mapping[str, Any] | None = None,
        events: Sequence[Event] = (),
    ) -> bool:
        """Lead a run to another status, if it is in one of those expected. Tells whether this call did it.

        What goes with the end of a run happens with it: steps that are under way end, its part of a backfill is
        settled, its slots are free.

        Args:
            run: its id.
            status: where it is to be.
            expected: where it may be; all from which there is a way, by default.
            reason: why, one sentence.
            problem: what made it fail.
            events: its last ones, remembered in the same transaction.

        Raises:
            NoRunError: there is no such run.
            ValueError: no way leads from what is expected to there.
        """
        sources = frozenset(source for source, ways in TRANSITIONS.items() if status in ways)
        allowed = sources if expected is None else frozenset(expected)
        if not allowed or allowed - sources:
            wrong = ", ".join(sorted(allowed - sources)) or "no status"
            raise ValueError(f"no run goes from {wrong} to {status}")

        def work(connection: Connection) -> bool:
            current = require(connection, run, lock=True)
            if current.status not in allowed:
                return False
            append_events(connection, current, events)
            change_status(connection, current, status, self._database.now(connection), reason=reason, problem=problem)
            return True

        return self._database.write(work, ordered=True)

    def cancel(self, run: str, reason: str | None = None) -> Run:
        """Ask for the end of a run: one in the queue is canceled at once, the host of one that runs is told by `renew`.

        Nothing happens to one that has ended or is being canceled.

        Raises:
            NoRunError: there is no such run.
        """

        def work(connection: Connection) -> Run:
            current = require(connection, run, lock=True)
            if current.status in {"queued", "starting", "running"}:
                status: RunStatus = "canceled" if current.status == "queued" else "canceling"
                change_status(connection, current, status, self._database.now(connection), reason=reason)
            return require(connection, run)

        return self._database.write(work, ordered=True, repeatable=True)

    def take(
        self, run: str, host: Host, *, lease: float, planned: NewRun | None = None, limit: int | None = None
    ) -> bool:
        """Make a process the host of a queued run. Tells whether it is: only one process ever is.

        Where there is no place the run stays queued, says why, and has the process that waits with it as its host.

        Args:
            run: its id.
            host: the process.
            lease: seconds after which it is taken for dead, unless it renews.
            planned: the run as it is planned now, where it was queued before: its options and targets are remembered.
            limit: how many runs may go on at once; None for any number.

        Raises:
            NoRunError: there is no such run.
        """

        def work(connection: Connection) -> bool:
            current = require(connection, run, lock=True)
            if current.status == "starting" and current.host == host:
                return True  # an attempt before this one did it, and did not hear of it
            if current.status != "queued" or current.host not in (None, host):
                return False
            now = self._database.now(connection)
            reason = None if limit is None else find_wait(connection, current, limit)
            if reason is not None:
                wait_in_queue(connection, current, host, now + lease, reason)
                return False
            values = {
                "machine": clean(host.machine),
                "pid": host.pid,
                "process_started": host.started,
                "lease_expires": now + lease,
                "beats": 1,
            }
            connection.execute(update(runs).where(runs.c.number == current.number).values(**values))
            if planned is not None:
                write_plan(connection, current, planned)
            change_status(connection, current, "starting", now)
            return True

        return self._database.write(work, ordered=True, repeatable=True)

    def has_place(self, run: str, limit: int) -> bool:
        """Tell whether a queued run could be taken now.

        Args:
            run: its id.
            limit: how many runs may go on at once.

        Raises:
            NoRunError: there is no such run.
        """
        return self._database.read(lambda connection: find_wait(connection, require(connection, run), limit) is None)

    def renew(self, run: str, host: Host, *, lease: float) -> RunStatus:
        """Say that a run's host is still there, and learn the run's status: `canceling` asks it to end the run.

        A final status means that somebody settled the run; the host has no part in it any more.

        Raises:
            NoRunError: there is no such run.
        """

        def work(connection: Connection) -> RunStatus:
            connection.execute(
                update(runs)
                .where(runs.c.id == run, runs.c.pid == host.pid, runs.c.machine == clean(host.machine))
                .where(runs.c.status.in_((*ACTIVE, "queued")))
                .values(lease_expires=self._database.now(connection) + lease, beats=runs.c.beats + 1)
            )
            return require(connection, run).status

        return self._database.write(work, repeatable=True, quiet=True)

    def list_abandoned(self, *, grace: float = 0.0) -> tuple[Run, ...]:
        """List runs whose host has not renewed its lease in time.

        Args:
            grace: seconds beyond the lease.
        """

        def work(connection: Connection) -> tuple[Run, ...]:
            before = self._database.now(connection) - grace
            query = RUN.where(runs.c.status.in_(ACTIVE), runs.c.lease_expires < before).order_by(runs.c.number)
            return tuple(read_run(row) for row in connection.execute(query))

        return self._database.read(work)

    def settle(self, run: Run, reason: str, *, problem: Mapping[str, Any] | None = None) -> bool:
        """End a run whose host is gone: as canceled where that was asked for, as failed otherwise.

        Nothing happens where the host has renewed its lease since, or has ended the run. Tells whether this call ended
        it. The run's last event says so.

        Args:
            run: as it was when its host was found to be gone.
            reason: what became of the host, one sentence.
            problem: the same as a problem.

        Raises:
            NoRunError: it was forgotten.
        """

        def work(connection: Connection) -> bool:
            current = require(connection, run.id, lock=True)
            if current.status in FINAL or current.status == "queued" or current.beats != run.beats:
                return False
            settle_run(connection, current, self._database.now(connection), reason, problem)
            return True

        return self._database.write(work, ordered=True)

    def changes(self, after: int = 0, limit: int = 500) -> tuple[RunChange, ...]:
        """List what became of runs, in the order in which it did.

        Args:
            after: number of the last change that is known.
            limit: how many at most.
        """
        columns = (run_changes.c.number, runs.c.id, run_changes.c.status, run_changes.c.time, run_changes.c.reason)
        query = select(*columns).join(runs, runs.c.number == run_changes.c.run).where(run_changes.c.number > after)
        query = query.order_by(run_changes.c.number).limit(limit)
        return self._database.read(lambda connection: tuple(RunChange(*row) for row in connection.execute(query)))

    def numbers(self, runs_wanted: Sequence[str]) -> dict[str, int]:
        """Give the numbers of runs by their ids; those that are forgotten have none."""

        def work(connection: Connection) -> dict[str, int]:
            found: dict[str, int] = {}
            for part in split(list(runs_wanted)):
                query = select(runs.c.id, runs.c.number).where(runs.c.id.in_(part))
                found |= {row.id: row.number for row in connection.execute(query)}
            return found

        return self._database.read(work)

    def last_change(self) -> int:
        """Give the number of the last change of any run, 0 before the first."""
        query = select(func.max(run_changes.c.number))
        return self._database.read(lambda connection: connection.execute(query).scalar() or 0)


def _find(connection: Connection, text: str) -> Run:
    row = find_row(connection, RUN, runs, text)
    return require(connection, text) if row is None else read_run(row)
