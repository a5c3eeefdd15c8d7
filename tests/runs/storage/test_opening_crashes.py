"""A server that crashes while somebody makes the tables in it: they are made when it is there again."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from postgresql_server import running_server

from atoll_host.runs.storage.migrating import _LOCK
from atoll_host.runs.storage.store import Storage
from tests_support import until


@pytest.fixture
def server():
    with running_server() as server:
        yield server


def count_waiting(connection):
    return connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchone()[0]


def test_who_waits_to_make_the_tables_makes_them_after_a_crash(server):
    url = server.url("postgres")
    with ThreadPoolExecutor() as pool, psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        opening = [pool.submit(Storage.open, url) for _ in range(2)]
        assert until(lambda: count_waiting(other) == len(opening))
        server.stop(signal.SIGQUIT)
        server.start()
        for one in opening:
            with one.result(60) as storage:
                assert sum(storage.runs.count().values()) == 0
