"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "asset_events",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("asset", NUMBER, nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.Column("run", NUMBER, nullable=True),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("sequence", NUMBER, nullable=True),
        sa.Column("location", NUMBER, nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=True),
        sa.Column("data_version", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_asset_events"),
        sa.UniqueConstraint("run", "sequence", name="uq_asset_events_run_sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_asset_events_asset_kind_number", "asset_events", ["asset", "kind", "number"])
    op.create_index(
        "ix_asset_events_asset_kind_partition_number", "asset_events", ["asset", "kind", "partition", "number"]
    )
    op.create_table(
        "assets",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_assets"),
        sa.UniqueConstraint("key", name="uq_assets_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "automations",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("location", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("last_run_key", sa.Text(), nullable=True),
        sa.Column("last_tick", sa.Double(), nullable=True),
        sa.Column("last_scheduled", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_automations"),
        sa.UniqueConstraint("kind", "location", "name", name="uq_automations_kind_location_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "backfill_partitions",
        sa.Column("backfill", NUMBER, autoincrement=False, nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("backfill", "partition", name="pk_backfill_partitions"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_backfill_partitions_backfill_status_position", "backfill_partitions", ["backfill", "status", "position"]
    )
    op.create_index("ix_backfill_partitions_run_id", "backfill_partitions", ["run_id"])
    op.create_table(
        "backfills",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("job", sa.Text(), nullable=True),
        sa.Column("location", NUMBER, nullable=True),
        sa.Column("selection", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("ended", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_backfills"),
        sa.UniqueConstraint("id", name="uq_backfills_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "check_results",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("asset", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("blocking", sa.Boolean(), nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.Column("run", NUMBER, nullable=True),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("sequence", NUMBER, nullable=True),
        sa.Column("location", NUMBER, nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_check_results"),
        sa.UniqueConstraint("run", "sequence", "partition", name="uq_check_results_run_sequence_partition"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_check_results_asset_name_partition_number", "check_results", ["asset", "name", "partition", "number"]
    )
    op.create_table(
        "events",
        sa.Column("run", NUMBER, autoincrement=False, nullable=False),
        sa.Column("sequence", NUMBER, autoincrement=False, nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("location", NUMBER, nullable=True),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "sequence", name="pk_events"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "latest",
        sa.Column("asset", NUMBER, autoincrement=False, nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("event", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("asset", "partition", name="pk_latest"),
        sa.UniqueConstraint("event", name="uq_latest_event"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "locations",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_locations"),
        sa.UniqueConstraint("name", name="uq_locations_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "logs",
        sa.Column("run", NUMBER, autoincrement=False, nullable=False),
        sa.Column("location", NUMBER, autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("stream", sa.String(length=20), nullable=False),
        sa.Column("start", NUMBER, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("run", "location", "step", "stream", "start", name="pk_logs"),
    )
    op.create_table(
        "run_changes",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_run_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_changes_run", "run_changes", ["run"])
    op.create_table(
        "run_keys",
        sa.Column("automation", NUMBER, autoincrement=False, nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("automation", "run_key", name="pk_run_keys"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "run_tags",
        sa.Column("run", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "name", name="pk_run_tags"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_run_tags_name_value_run", "run_tags", ["name", "value", "run"])
    op.create_table(
        "runs",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("job", sa.Text(), nullable=True),
        sa.Column("location", NUMBER, nullable=True),
        sa.Column("selection", sa.Text(), nullable=True),
        sa.Column("partition", sa.Text(), nullable=True),
        sa.Column("range_start", sa.Text(), nullable=True),
        sa.Column("range_end", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("parent", sa.String(length=36), nullable=True),
        sa.Column("root", sa.String(length=36), nullable=False),
        sa.Column("backfill", sa.String(length=36), nullable=True),
        sa.Column("automation", NUMBER, nullable=True),
        sa.Column("run_key", sa.Text(), nullable=True),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("started", sa.Double(), nullable=True),
        sa.Column("ended", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("machine", sa.Text(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("process_started", sa.Double(), nullable=True),
        sa.Column("lease_expires", sa.Double(), nullable=True),
        sa.Column("beats", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_runs"),
        sa.UniqueConstraint("id", name="uq_runs_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_runs_automation_number", "runs", ["automation", "number"])
    op.create_index("ix_runs_backfill", "runs", ["backfill"])
    op.create_index("ix_runs_created", "runs", ["created"])
    op.create_index("ix_runs_job_number", "runs", ["job", "number"])
    op.create_index("ix_runs_root", "runs", ["root"])
    op.create_index("ix_runs_status_number", "runs", ["status", "number"])
    op.create_table(
        "slots",
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("acquired", sa.Double(), nullable=False),
        sa.Column("expires", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("pool", "holder", name="pk_slots"),
    )
    op.create_index("ix_slots_run_id", "slots", ["run_id"])
    op.create_table(
        "steps",
        sa.Column("run", NUMBER, autoincrement=False, nullable=False),
        sa.Column("location", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started", sa.Double(), nullable=True),
        sa.Column("ended", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run", "location", "key", name="pk_steps"),
    )
    op.create_table(
        "targets",
        sa.Column("run", NUMBER, autoincrement=False, nullable=False),
        sa.Column("asset", NUMBER, autoincrement=False, nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "asset", "partition", name="pk_targets"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_targets_asset_partition_run", "targets", ["asset", "partition", "run"])
    op.create_table(
        "ticks",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("automation", NUMBER, nullable=False),
        sa.Column("scheduled", sa.Double(), nullable=True),
        sa.Column("started", sa.Double(), nullable=False),
        sa.Column("ended", sa.Double(), nullable=True),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.Column("cpu", sa.Double(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("runs", sa.Text(), nullable=False),
        sa.Column("skipped_keys", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("count", sa.Integer(), server_default="1", nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("lease_expires", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_ticks"),
        sa.UniqueConstraint("automation", "scheduled", name="uq_ticks_automation_scheduled"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ticks_automation_number", "ticks", ["automation", "number"])
    op.create_index("ix_ticks_started", "ticks", ["started"])
