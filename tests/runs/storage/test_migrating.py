"""The tables: the same by every way, changed by one process, never by an older version."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from atoll_host.runs.storage import migrating
from atoll_host.runs.storage.connecting import connect
from atoll_host.runs.storage.errors import StorageError, StorageTooNewError
from atoll_host.runs.storage.migrating import NEWEST, STEPS, migrate, run_steps
from atoll_host.runs.storage.records import NewRun
from atoll_host.runs.storage.store import Storage
from atoll_host.runs.storage.tables import METADATA

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.add_column("runs", sa.Column("added", sa.Text()))
    op.execute("UPDATE runs SET added = job")
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """A database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'runs.db'}"
        return
    with request.getfixturevalue("postgresql").database() as url:
        yield url


@pytest.fixture
def later(tmp_path):
    """The steps of a later version."""
    versions = tmp_path / "later" / "versions"
    versions.mkdir(parents=True)
    for file in (STEPS / "versions").glob("v*.py"):
        (versions / file.name).write_text(file.read_text())
    (versions / "v0003_next.py").write_text(NEXT)
    return versions.parent


@pytest.fixture
def database(empty):
    opened = connect(empty, patience=10.0)
    yield opened
    opened.close()


def describe(database):
    """Describe all columns and indices, with what the database makes of them."""
    found = {}
    with database.engine.connect() as connection:
        inspector = sa.inspect(connection)
        for table in inspector.get_table_names():
            columns = {
                c["name"]: (str(c["type"]), c["nullable"], str(c["default"])) for c in inspector.get_columns(table)
            }
            indices = sorted(
                (i["name"], tuple(i["column_names"]), bool(i["unique"])) for i in inspector.get_indexes(table)
            )
            uniques = sorted((u["name"], tuple(u["column_names"])) for u in inspector.get_unique_constraints(table))
            found[table] = columns, indices, uniques, inspector.get_pk_constraint(table)
    return found


def test_the_steps_make_the_same_tables_as_at_once(empty, database, tmp_path, request):
    database.write(lambda connection: run_steps(connection, NEWEST))
    by_steps = describe(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "atoll_version", "compare_type": True})
        assert compare_metadata(context, METADATA) == []
    if empty.startswith("sqlite"):
        Storage.open(f"sqlite:///{tmp_path / 'at_once.db'}").close()
        with sqlite3.connect(tmp_path / "at_once.db") as one, sqlite3.connect(tmp_path / "runs.db") as other:
            texts = [
                {
                    name: "".join(sql.split())
                    for name, sql in c.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
                }
                for c in (one, other)
            ]
        one.close()
        other.close()
        assert texts[0] == texts[1]
    else:
        with request.getfixturevalue("postgresql").database() as url:
            Storage.open(url).close()
            at_once = connect(url, patience=5.0)
            assert describe(at_once) == by_steps
            at_once.close()


def test_the_newest_step_is_the_last_one():
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(STEPS)).get_heads() == [NEWEST]


def test_what_was_remembered_survives_a_new_version(empty, database, later, tmp_path):
    with Storage.open(empty) as storage:
        run = storage.runs.create(NewRun(job="nightly"))
    for _ in range(2):
        migrate(database, newest="0003", steps=later)
    with database.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT id, added FROM runs")).one() == (run.id, "nightly")
        assert connection.execute(sa.text("SELECT version_num FROM atoll_version")).scalar_one() == "0003"
    if empty.startswith("sqlite"):
        with sqlite3.connect(tmp_path / "runs.db.before-0002") as copy:
            assert copy.execute("SELECT id FROM runs").fetchall() == [(run.id,)]
            assert "added" not in [row[1] for row in copy.execute("PRAGMA table_info(runs)")]
        copy.close()


def test_a_step_that_fails_leaves_all_as_it_was(empty, database, later):
    Storage.open(empty).close()
    file = later / "versions" / "v0003_next.py"
    file.write_text(file.read_text().replace("SET added = job", "SET nothing = job"))
    with pytest.raises(StorageError):
        migrate(database, newest="0003", steps=later)
    with database.engine.connect() as connection:
        assert "added" not in [column["name"] for column in sa.inspect(connection).get_columns("runs")]
    with Storage.open(empty) as storage:
        storage.runs.create(NewRun())


def test_an_older_version_says_that_it_is_older_and_changes_nothing(empty, database, later):
    Storage.open(empty).close()
    migrate(database, newest="0003", steps=later)
    with pytest.raises(
        StorageTooNewError,
        match=r"was written by a newer version of atoll \(its tables are at 0003, this one knows 0002\)",
    ):
        Storage.open(empty)


def test_tables_of_something_else_are_left_alone(empty, database):
    with database.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE atoll_version (version_num VARCHAR(32))"))
        connection.execute(sa.text("INSERT INTO atoll_version VALUES ('4f1c')"))
    with pytest.raises(StorageError, match="has the tables of something else"):
        Storage.open(empty)


def test_old_copies_go(tmp_path):
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    Storage.open(url).close()
    for version in ("0004", "0005", "0006", "0007"):
        migrating._back_up(Path(tmp_path / "runs.db"), version)
    assert sorted(file.name[-4:] for file in tmp_path.glob("*.before-*")) == ["0005", "0006", "0007"]


def test_what_a_removed_database_left_behind_is_no_part_of_a_new_one(tmp_path):
    file = tmp_path / "runs.db"
    first = Storage.open(f"sqlite:///{file}")
    first.runs.create(NewRun())
    assert file.with_name("runs.db-wal").stat().st_size
    file.unlink()
    with Storage.open(f"sqlite:///{file}") as second:
        assert second.runs.count()["queued"] == 0
        second.runs.create(NewRun())
    first.close()
    with Storage.open(f"sqlite:///{file}") as third:
        assert third.runs.count()["queued"] == 1
