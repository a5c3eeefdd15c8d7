"""Ticks: each begins once, and ends together with what it asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select, update

from atoll_host.runs.storage.automation_records import Tick, TickCost, TickResult
from atoll_host.runs.storage.automations import KEEP
from atoll_host.runs.storage.creating import create_run, number_automation
from atoll_host.runs.storage.database import add
from atoll_host.runs.storage.dynamic import change_dynamic
from atoll_host.runs.storage.identifiers import make_id
from atoll_host.runs.storage.records import Origin
from atoll_host.runs.storage.tables import automations, locations, ticks
from atoll_host.runs.storage.texts import clean, clean_text, read_json, write_json, write_optional_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Select

    from atoll_host.runs.storage.automation_records import TickOutcome
    from atoll_host.runs.storage.database import Database
    from atoll_host.runs.storage.records import NewRun, Run

_TICK = (
    select(
        ticks,
        automations.c.kind.label("kind"),
        automations.c.name.label("name"),
        locations.c.name.label("location_name"),
    )
    .join(automations, automations.c.number == ticks.c.automation)
    .join(locations, locations.c.number == automations.c.location)
)


class Ticks:
    """The ticks of all schedules and sensors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self,
        origin: Origin,
        *,
        holder: str,
        lease: float,
        scheduled: float | None = None,
        last_tick: float | None = KEEP,
        is_gone: Callable[[str], bool] | None = None,
    ) -> Tick | None:
        """Begin a tick, unless it was done before or somebody is about it. Gives None then.

        A schedule's tick for one moment happens once. A tick that was begun and whose holder is gone is begun anew:
        nothing of it had any effect. No two ticks of one schedule or sensor are under way at once.

        Args:
            origin: the schedule or sensor.
            holder: who evaluates it, such as machine and process.
            lease: seconds after which the holder is taken for dead.
            scheduled: the moment that it is for.
            last_tick: when the tick before it began, as far as is known: nothing is begun where another one did since.
            is_gone: tells of another holder whether it has ended, where that can be known before its lease is over.
        """

        def work(connection: Connection) -> Tick | None:
            automation = self._lock(connection, origin)
            now = self._database.now(connection)
            under_way = _list_open(connection, automation)
            for row in under_way:
                mine = row.holder == holder and row.scheduled == scheduled
                # A lease that ends later than one taken now is from before the clock was set back.
                is_held = not mine and now < (row.lease_expires or now) <= now + lease
                if is_held and not (is_gone is not None and is_gone(row.holder)):
                    return None
            if last_tick is not KEEP and not under_way and _read_last_tick(connection, automation) != last_tick:
                return None
            values: dict[str, Any] = {
                "started": now,
                "holder": holder,
                "lease_expires": now + lease,
                "outcome": "started",
            }
            found = _find_open(connection, automation, scheduled)
            if found is not None:
                if found.outcome not in {"started", "waiting"}:
                    return None
                values |= dict.fromkeys(("reason", "problem", "ended", "duration", "said"))
                number = found.number
                connection.execute(update(ticks).where(ticks.c.number == number).values(**values))
            else:
                values |= {"automation": automation, "scheduled": scheduled, "runs": "[]", "skipped_keys": "[]"}
                number = add(connection, ticks, values)
            connection.execute(update(automations).where(automations.c.number == automation).values(last_tick=now))
            return _read(connection.execute(_TICK.where(ticks.c.number == number)).one())

        return self._database.write(work, repeatable=True)

    def finish(
        self,
        tick: Tick,
        outcome: TickOutcome,
        *,
        holder: str,
        runs: Sequence[NewRun] = (),
        dynamic: Sequence[Mapping[str, Any]] = (),
        cursor: str | None = KEEP,
        reason: str | None = None,
        problem: Mapping[str, Any] | None = None,
        cpu: float | None = None,
        said: Mapping[str, Any] | None = None,
    ) -> TickResult | None:
        """End a tick: outcome, cursor, runs and partitions are remembered in one transaction, or nothing is.

        A run whose key was asked for before is left out. Gives None where the tick is not the holder's any more.

        Args:
            tick: as `begin` gave it.
            outcome: what it came to.
            holder: as for `begin`.
            runs: what it asks for; they are queued.
            dynamic: keys of dynamic partitions to add and to delete; see `DynamicPartitions.change`.
            cursor: where to go on from next time.
            reason: why nothing is asked for, or what failed.
            problem: what failed.
            cpu: seconds of processor time that it took.
            said: its `logs` and `output`.
        """
        origin = Origin(tick.kind, tick.location, tick.name)
        wanted = [replace(run, id=run.id or make_id(), origin=origin) for run in runs]

        def work(connection: Connection) -> TickResult | None:
            automation = self._lock(connection, origin)
            row = connection.execute(_TICK.where(ticks.c.number == tick.number)).first()
            if row is None or row.holder != holder or row.outcome != "started":
                return None
            now = self._database.now(connection)
            change_dynamic(connection, dynamic, now)
            created, known = _create_runs(connection, wanted, now)
            is_known = outcome == "requested" and bool(known) and not created
            values: dict[str, Any] = {
                "outcome": "skipped" if is_known else outcome,
                "reason": clean(reason or ("what it asks for was asked for before" if is_known else None)),
                "problem": write_optional_json(problem),
                "ended": max(now, row.started),
                "duration": max(0.0, now - row.started),
                "cpu": cpu,
                "said": write_optional_json(said),
                "runs": write_json([run.id for run in created]),
                "skipped_keys": write_json(known),
                "lease_expires": None,
            }
            state: dict[str, Any] = {}
            if cursor is not KEEP:
                values["cursor"] = state["cursor"] = clean(cursor)
            if row.scheduled is not None and outcome != "waiting":
                later = automations.c.last_scheduled > row.scheduled
                state["last_scheduled"] = case((later, automations.c.last_scheduled), else_=row.scheduled)
            connection.execute(update(ticks).where(ticks.c.number == tick.number).values(**values))
            if state:
                connection.execute(update(automations).where(automations.c.number == automation).values(**state))
            ended = _read(connection.execute(_TICK.where(ticks.c.number == tick.number)).one())
            return TickResult(ended, tuple(created), tuple(known))

        return self._database.write(work, ordered=True)

    def wait(self, origin: Origin, reason: str, problem: Mapping[str, Any] | None = None) -> Tick:
        """Remember that a schedule or sensor can't be evaluated now, as with a broken location.

        As long as the reason is the same, it is one tick that counts.
        """

        def work(connection: Connection) -> Tick:
            automation = self._lock(connection, origin)
            now = self._database.now(connection)
            query = _TICK.where(ticks.c.automation == automation).order_by(ticks.c.number.desc()).limit(1)
            last = connection.execute(query).first()
            values: dict[str, Any] = {"problem": write_optional_json(problem), "ended": now}
            if last is not None and last.outcome == "waiting" and last.reason == clean(reason):
                number = last.number
                change = update(ticks).where(ticks.c.number == number)
                connection.execute(change.values(count=ticks.c.count + 1, **values))
            else:
                values |= {"automation": automation, "started": now, "outcome": "waiting", "reason": clean(reason)}
                values |= {"runs": "[]", "skipped_keys": "[]"}
                number = add(connection, ticks, values)
            return _read(connection.execute(_TICK.where(ticks.c.number == number)).one())

        return self._database.write(work)

    def find(self, origin: Origin, scheduled: float) -> Tick | None:
        """Give a schedule's tick for a moment; None where there is none."""
        query = _narrow(origin).where(ticks.c.scheduled == scheduled)

        def work(connection: Connection) -> Tick | None:
            row = connection.execute(query).first()
            return None if row is None else _read(row)

        return self._database.read(work)

    def list_unfinished(self, origin: Origin) -> tuple[Tick, ...]:
        """List a schedule's ticks that were begun for a moment and have come to nothing yet, the earliest first."""
        query = _narrow(origin).where(ticks.c.scheduled.is_not(None), ticks.c.outcome.in_(("started", "waiting")))
        query = query.order_by(ticks.c.scheduled)
        return self._database.read(lambda connection: tuple(map(_read, connection.execute(query))))

    def list(
        self, origin: Origin, *, outcomes: Sequence[TickOutcome] = (), before: int | None = None, limit: int = 50
    ) -> tuple[Tick, ...]:
        """List the ticks of a schedule or sensor, the newest first.

        Args:
            origin: the schedule or sensor.
            outcomes: any of them.
            before: number of the last one of the page before.
            limit: how many at most.
        """
        query = _narrow(origin)
        if outcomes:
            query = query.where(ticks.c.outcome.in_(outcomes))
        if before is not None:
            query = query.where(ticks.c.number < before)
        query = query.order_by(ticks.c.number.desc()).limit(limit)
        return self._database.read(lambda connection: tuple(map(_read, connection.execute(query))))

    def latest(self) -> tuple[Tick, ...]:
        """Give the last tick of each schedule and sensor."""
        others = ticks.alias("others")
        # One look into the index for each, where a grouping goes through all ticks.
        last = select(func.max(others.c.number)).where(others.c.automation == automations.c.number).scalar_subquery()
        query = _TICK.where(ticks.c.number.in_(select(last).select_from(automations)))
        return self._database.read(lambda connection: tuple(map(_read, connection.execute(query))))

    def costs(self, since: float) -> tuple[TickCost, ...]:
        """Tell what each schedule and sensor took since a moment, the dearest first."""
        failed = func.sum(case((ticks.c.outcome == "failed", 1), else_=0))
        spent = func.coalesce(func.sum(ticks.c.duration), 0.0)
        query = (
            select(
                automations.c.kind,
                locations.c.name.label("location"),
                automations.c.name,
                func.count(),
                failed,
                spent,
                func.coalesce(func.max(ticks.c.duration), 0.0),
                func.coalesce(func.sum(ticks.c.cpu), 0.0),
            )
            .select_from(ticks)
            .join(automations, automations.c.number == ticks.c.automation)
            .join(locations, locations.c.number == automations.c.location)
            .where(ticks.c.started >= since)
            .group_by(automations.c.kind, locations.c.name, automations.c.name)
            .order_by(spent.desc())
        )
        return self._database.read(lambda connection: tuple(TickCost(*row) for row in connection.execute(query)))

    def _lock(self, connection: Connection, origin: Origin) -> int:
        """Give the number of a schedule or sensor, and keep others from it until the transaction ends."""
        number = number_automation(connection, origin)
        connection.execute(select(automations.c.number).where(automations.c.number == number).with_for_update())
        return number


def _narrow(origin: Origin) -> Select[Any]:
    query = _TICK.where(automations.c.kind == origin.kind, automations.c.name == clean_text(origin.name))
    return query.where(locations.c.name == clean_text(origin.location))


def _read_last_tick(connection: Connection, automation: int) -> float | None:
    return connection.execute(select(automations.c.last_tick).where(automations.c.number == automation)).scalar()


def _list_open(connection: Connection, automation: int) -> Sequence[Any]:
    return connection.execute(select(ticks).where(ticks.c.automation == automation, ticks.c.outcome == "started")).all()


def _find_open(connection: Connection, automation: int, scheduled: float | None) -> Any | None:
    """Find the tick for a moment; of a sensor, one whose holder is gone."""
    query = select(ticks).where(ticks.c.automation == automation)
    if scheduled is None:
        query = query.where(ticks.c.scheduled.is_(None), ticks.c.outcome == "started")
    else:
        query = query.where(ticks.c.scheduled == scheduled)
    return connection.execute(query.limit(1)).first()


def _create_runs(connection: Connection, wanted: Sequence[NewRun], now: float) -> tuple[list[Run], list[str]]:
    created, known = [], []
    for new in wanted:
        run, is_new = create_run(connection, new, now)
        if is_new and run is not None:
            created.append(run)
        elif new.run_key is not None:
            known.append(new.run_key)
    return created, known


def _read(row: Any) -> Tick:
    # `count` is a method of every row, too.
    value = row._mapping  # noqa: SLF001 — SQLAlchemy's public way to columns by name
    said = read_json(value["said"]) or {}
    return Tick(
        number=value["number"],
        kind=value["kind"],
        location=value["location_name"],
        name=value["name"],
        started=value["started"],
        outcome=value["outcome"],
        scheduled=value["scheduled"],
        ended=value["ended"],
        duration=value["duration"],
        cpu=value["cpu"],
        reason=value["reason"],
        problem=read_json(value["problem"]),
        cursor=value["cursor"],
        runs=tuple(read_json(value["runs"])),
        skipped_keys=tuple(read_json(value["skipped_keys"])),
        count=value["count"],
        logs=tuple(said.get("logs", ())),
        output=said.get("output", ""),
    )
