"""Each test gets a database of its own, once in SQLite and once in PostgreSQL."""

from __future__ import annotations

import pytest
from postgresql_server import running_server
from storage_workers import Team

from atoll_host.runs.storage.records import Host, NewRun
from atoll_host.runs.storage.store import Storage

HOST = Host("machine", 1, 1.0)


@pytest.fixture(scope="session")
def postgresql():
    """A server, with a database that has the tables, to copy from."""
    with running_server() as server:
        server.execute("CREATE DATABASE filled")
        Storage.open(server.url("filled")).close()
        yield server


@pytest.fixture(scope="session")
def team():
    """Eight processes."""
    found = Team(8)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'runs.db'}"
        return
    with request.getfixturevalue("postgresql").database("filled") as found:
        yield found


@pytest.fixture
def storage(url):
    with Storage.open(url) as opened:
        yield opened


@pytest.fixture
def start(storage):
    """Gives a function that makes a run and brings it to `running`."""

    def begin(**facts):
        run = storage.runs.create(NewRun(**facts))
        assert storage.runs.take(run.id, HOST, lease=60)
        assert storage.runs.update_status(run.id, "running")
        return run.id

    return begin
