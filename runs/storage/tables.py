"""The tables. `migrations/versions` makes them what they are here; a test keeps both in step."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts only what is called INTEGER by itself."""
NO_PARTITION = ""
"""What stands for no partition where a key needs a value."""


def _count(table: str, *columns: Column[Any] | Index | UniqueConstraint) -> Table:
    """Make a table whose rows are counted, and no number is used twice."""
    return Table(table, METADATA, Column("number", _NUMBER, primary_key=True), *columns, sqlite_autoincrement=True)


# Locations and assets are numbers elsewhere: to rename one is to change one row.
locations = _count("locations", Column("name", Text, nullable=False, unique=True))
assets = _count("assets", Column("key", Text, nullable=False, unique=True))

runs = _count(
    "runs",
    Column("id", String(36), nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("job", Text),
    Column("location", _NUMBER),
    Column("selection", Text),
    Column("partition", Text),
    Column("range_start", Text),
    Column("range_end", Text),
    Column("tags", Text, nullable=False),
    Column("config", Text),
    Column("options", Text, nullable=False),
    Column("parent", String(36)),
    Column("root", String(36), nullable=False),
    Column("backfill", String(36)),
    Column("automation", _NUMBER),
    Column("run_key", Text),
    Column("created", Double, nullable=False),
    Column("started", Double),
    Column("ended", Double),
    Column("reason", Text),
    Column("problem", Text),
    Column("machine", Text),
    Column("pid", Integer),
    Column("process_started", Double),
    Column("lease_expires", Double),
    Column("beats", Integer, nullable=False, server_default="0"),
    Index(None, "status", "number"),
    Index(None, "job", "number"),
    Index(None, "root"),
    Index(None, "backfill"),
    Index(None, "automation", "number"),
    Index(None, "created"),
)
run_tags = Table(
    "run_tags",
    METADATA,
    Column("run", _NUMBER, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Index(None, "name", "value", "run"),
    sqlite_with_rowid=False,
)
targets = Table(
    "targets",
    METADATA,
    Column("run", _NUMBER, primary_key=True, autoincrement=False),
    Column("asset", _NUMBER, primary_key=True, autoincrement=False),
    Column("partition", Text, primary_key=True),
    Index(None, "asset", "partition", "run"),
    sqlite_with_rowid=False,
)
run_changes = _count(
    "run_changes",
    Column("run", _NUMBER, nullable=False, index=True),
    Column("status", String(20), nullable=False),
    Column("time", Double, nullable=False),
    Column("reason", Text),
)
steps = Table(
    "steps",
    METADATA,
    Column("run", _NUMBER, primary_key=True, autoincrement=False),
    Column("location", _NUMBER, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("status", String(20), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("started", Double),
    Column("ended", Double),
    Column("reason", Text),
    Column("problem", Text),
)
events = Table(
    "events",
    METADATA,
    Column("run", _NUMBER, primary_key=True, autoincrement=False),
    Column("sequence", _NUMBER, primary_key=True, autoincrement=False),
    Column("time", Double, nullable=False),
    Column("kind", Text, nullable=False),
    Column("step", Text),
    Column("location", _NUMBER),
    Column("level", String(20)),
    Column("payload", Text, nullable=False),
    sqlite_with_rowid=False,
)
logs = Table(
    "logs",
    METADATA,
    Column("run", _NUMBER, primary_key=True, autoincrement=False),
    Column("location", _NUMBER, primary_key=True, autoincrement=False),
    Column("step", Text, primary_key=True),
    Column("stream", String(20), primary_key=True),
    Column("start", _NUMBER, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("time", Double, nullable=False),
)

# Runs are forgotten earlier than what they made, so what they made doesn't refer to their rows.
asset_events = _count(
    "asset_events",
    Column("kind", String(20), nullable=False),
    Column("asset", _NUMBER, nullable=False),
    Column("partition", Text, nullable=False),
    Column("time", Double, nullable=False),
    Column("run", _NUMBER),
    Column("run_id", String(36)),
    Column("sequence", _NUMBER),
    Column("location", _NUMBER),
    Column("step", Text),
    Column("metadata", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("code_version", Text),
    Column("data_version", Text),
    UniqueConstraint("run", "sequence"),
    Index(None, "asset", "kind", "partition", "number"),
    Index(None, "asset", "kind", "number"),
)
latest = Table(
    "latest",
    METADATA,
    Column("asset", _NUMBER, primary_key=True, autoincrement=False),
    Column("partition", Text, primary_key=True),
    Column("event", _NUMBER, nullable=False, unique=True),
    sqlite_with_rowid=False,
)
check_results = _count(
    "check_results",
    Column("asset", _NUMBER, nullable=False),
    Column("name", Text, nullable=False),
    Column("partition", Text, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("severity", String(20), nullable=False),
    Column("blocking", Boolean, nullable=False),
    Column("time", Double, nullable=False),
    Column("run", _NUMBER),
    Column("run_id", String(36)),
    Column("sequence", _NUMBER),
    Column("location", _NUMBER),
    Column("step", Text),
    Column("description", Text),
    Column("metadata", Text, nullable=False),
    UniqueConstraint("run", "sequence", "partition"),
    Index(None, "asset", "name", "partition", "number"),
)

automations = _count(
    "automations",
    Column("kind", String(20), nullable=False),
    Column("location", _NUMBER, nullable=False),
    Column("name", Text, nullable=False),
    Column("is_on", Boolean),
    Column("cursor", Text),
    Column("last_run_key", Text),
    Column("last_tick", Double),
    Column("last_scheduled", Double),
    UniqueConstraint("kind", "location", "name"),
)
ticks = _count(
    "ticks",
    Column("automation", _NUMBER, nullable=False),
    Column("scheduled", Double),
    Column("started", Double, nullable=False),
    Column("ended", Double),
    Column("duration", Double),
    Column("cpu", Double),
    Column("outcome", String(20), nullable=False),
    Column("reason", Text),
    Column("problem", Text),
    Column("cursor", Text),
    Column("runs", Text, nullable=False),
    Column("skipped_keys", Text, nullable=False),
    Column("said", Text),
    Column("count", Integer, nullable=False, server_default="1"),
    Column("holder", Text),
    Column("lease_expires", Double),
    UniqueConstraint("automation", "scheduled"),
    Index(None, "automation", "number"),
    Index(None, "started"),
)
run_keys = Table(
    "run_keys",
    METADATA,
    Column("automation", _NUMBER, primary_key=True, autoincrement=False),
    Column("run_key", Text, primary_key=True),
    Column("run_id", String(36), nullable=False),
    Column("time", Double, nullable=False),
    sqlite_with_rowid=False,
)
dynamic_partitions = _count(
    "dynamic_partitions",
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("time", Double, nullable=False),
    UniqueConstraint("name", "key"),
)
backfills = _count(
    "backfills",
    Column("id", String(36), nullable=False, unique=True),
    Column("status", String(20), nullable=False),
    Column("job", Text),
    Column("location", _NUMBER),
    Column("selection", Text),
    Column("tags", Text, nullable=False),
    Column("config", Text),
    Column("options", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("ended", Double),
    Column("reason", Text),
)
backfill_partitions = Table(
    "backfill_partitions",
    METADATA,
    Column("backfill", _NUMBER, primary_key=True, autoincrement=False),
    Column("partition", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("run_id", String(36), index=True),
    Index(None, "backfill", "status", "position"),
    sqlite_with_rowid=False,
)
slots = Table(
    "slots",
    METADATA,
    Column("pool", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("run_id", String(36), index=True),
    Column("acquired", Double, nullable=False),
    Column("expires", Double, nullable=False),
)
