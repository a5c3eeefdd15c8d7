"""A storage, in SQLite or PostgreSQL, and locations that are evaluated in this process."""

from __future__ import annotations

import pytest
from fake_locations import World
from postgresql_server import running_server

from atoll_host.runs.storage.store import Storage


@pytest.fixture(scope="session")
def postgresql():
    """A server."""
    with running_server() as server:
        yield server


@pytest.fixture
def url(request, tmp_path):
    """Of SQLite; a test asks for PostgreSQL by a parameter."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'runs.db'}"
        return
    with request.getfixturevalue("postgresql").database() as found:
        yield found


@pytest.fixture
def storage(url):
    with Storage.open(url) as opened:
        yield opened


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture
def start(world, storage):
    """Gives a function that makes an engine, which is stopped in the end."""
    engines = []

    def make(clock, *, at=None, **more):
        engine = world.engine(at or storage, clock, **more)
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        engine.stop(0)
    assert world.alive == []
