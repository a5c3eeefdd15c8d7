"""The keys of dynamic partitions: added and deleted by sensors and schedules, or by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from atoll_host.runs.storage.database import insert, split
from atoll_host.runs.storage.tables import dynamic_partitions
from atoll_host.runs.storage.texts import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection

    from atoll_host.runs.storage.database import Database


class DynamicPartitions:
    """The keys of all dynamic partitions, by the names of their definitions, which all locations share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, name: str) -> tuple[str, ...]:
        """List the keys in the order in which they were added."""
        query = select(dynamic_partitions.c.key).where(dynamic_partitions.c.name == clean_text(name))
        query = query.order_by(dynamic_partitions.c.number)
        return self._database.read(lambda connection: tuple(connection.execute(query).scalars()))

    def list_all(self) -> dict[str, tuple[str, ...]]:
        """List the keys of all names, in the order in which they were added."""
        query = select(dynamic_partitions.c.name, dynamic_partitions.c.key).order_by(dynamic_partitions.c.number)

        def work(connection: Connection) -> dict[str, tuple[str, ...]]:
            keys: dict[str, list[str]] = {}
            for row in connection.execute(query):
                keys.setdefault(row.name, []).append(row.key)
            return {name: tuple(own) for name, own in sorted(keys.items())}

        return self._database.read(work)

    def add(self, name: str, keys: Sequence[str]) -> None:
        """Add keys; those that are there stay where they are."""
        self.change([{"name": name, "add": list(keys)}])

    def delete(self, name: str, keys: Sequence[str]) -> None:
        """Delete keys. What was made of these partitions is remembered all the same."""
        self.change([{"name": name, "delete": list(keys)}])

    def change(self, changes: Sequence[Mapping[str, Any]]) -> None:
        """Add and delete keys of several definitions at once, or nothing.

        Args:
            changes: in their order, each with `name`, and lists `add` and `delete`.
        """
        self._database.write(lambda c: change_dynamic(c, changes, self._database.now(c)), repeatable=True)


def change_dynamic(connection: Connection, changes: Sequence[Mapping[str, Any]], now: float) -> None:
    """Add and delete keys within a transaction; see `DynamicPartitions.change`."""
    table = dynamic_partitions
    for change in changes:
        name = clean_text(str(change["name"]))
        added = list(dict.fromkeys(clean_text(str(key)) for key in change.get("add") or ()))
        deleted = list(dict.fromkeys(clean_text(str(key)) for key in change.get("delete") or ()))
        for part in split(added):
            rows = [{"name": name, "key": key, "time": now} for key in part]
            connection.execute(insert(connection, table).on_conflict_do_nothing(), rows)
        for part in split(deleted):
            connection.execute(delete(table).where(table.c.name == name, table.c.key.in_(part)))
