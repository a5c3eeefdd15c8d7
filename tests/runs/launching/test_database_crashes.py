"""PostgreSQL crashes again and again below whole runs: they go on when it is there again, and nothing is done twice."""

from __future__ import annotations

import json
import signal
import sys
import time

import psycopg
import pytest
from chances import make_chance
from postgresql_server import running_server
from remaining import describe, list_processes
from run_workspaces import start
from stepping import check_steps, write_chain

from atoll_host.runs.launching.settling import settle_lost
from atoll_host.runs.launching.telling import tell_nobody
from atoll_host.runs.storage.store import Storage
from tests_support import until

CRASHES = 8
AT_ONCE = 2
BEFORE_IT_IS_THERE = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON run_changes DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status = '{status}') EXECUTE FUNCTION wait()
"""
"""A transaction stops for a while when it is to end."""
WHEN_IT_IS_THERE = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM set_config('synchronous_commit', 'on', true); RETURN NULL; END $$;
CREATE TRIGGER waits AFTER INSERT ON run_changes
FOR EACH ROW WHEN (NEW.status = '{status}') EXECUTE FUNCTION wait()
"""
"""A transaction has ended, and does not say so before a second server has it too, which is not there."""


@pytest.fixture(scope="module")
def server():
    with running_server() as server:
        yield server


@pytest.fixture
def url(server):
    with server.database() as found:
        yield found


@pytest.fixture
def folder(tmp_path, url):
    folder = write_chain(tmp_path / "kept", seconds=0.2)
    return folder.write({"instance.yaml": json.dumps({"storage": url})})


def read_answer(command):
    """Give the id of the run that a command began; None where it says that it could not reach the database."""
    out, err = command.communicate(timeout=120)
    assert "Traceback" not in err.decode(), err.decode()
    answer = json.loads(out)
    if command.returncode == 0:
        return answer["data"]["id"]
    problems = answer["problems"]
    assert all("can't be reached" in problem["message"] for problem in problems), json.dumps(problems, indent=2)
    assert command.returncode == 1, problems
    return None


def crash(folder, server, chance):
    """Have runs begin, crash the server and start it again; give the ids of runs that surely began."""
    commands = [start(folder, "materialize", "*", "--detach", "--json") for _ in range(AT_ONCE)]
    time.sleep(chance.random() * 4)
    server.stop(signal.SIGQUIT)
    time.sleep(chance.random())
    server.start()
    return {read_answer(command) for command in commands} - {None}


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: looks for processes in /proc")
def test_runs_go_on_however_often_their_database_crashes(folder, server, url):
    chance = make_chance()
    begun = set()
    for _ in range(CRASHES):
        begun |= crash(folder, server, chance)
    with Storage.open(url) as storage:

        def is_settled():
            settle_lost(storage, tell_nobody)
            return all(run.is_final for run in storage.runs.iterate())

        assert until(is_settled, seconds=120)
        runs = list(storage.runs.iterate())
        # One that nobody was told of may have found no database at its beginning.
        told = [(run.status, run.reason, run.problem) for run in runs if run.id in begun and run.status != "succeeded"]
        assert told == []
        assert CRASHES <= len(begun) <= len(runs) <= AT_ONCE * CRASHES
        check_steps(folder, storage)
    assert until(lambda: not list_processes(folder.path)), describe(list_processes(folder.path))


def count_waiting(server, event):
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = %s"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        return connection.execute(query, [event]).fetchone()[0]


@pytest.mark.parametrize("status", ["starting", "running", "succeeded"])
@pytest.mark.parametrize(
    ("statements", "event"),
    [
        pytest.param(BEFORE_IT_IS_THERE, "PgSleep", id="before-it-is-there"),
        pytest.param(WHEN_IT_IS_THERE, "SyncRep", id="when-it-is-there"),
    ],
)
def test_nobody_knows_whether_a_run_went_on_and_it_does(folder, server, url, statements, event, status):
    with Storage.open(url) as storage:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statements.format(status=status))
        server.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = local")
        server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        server.execute("SELECT pg_reload_conf()")
        command = start(folder, "materialize", "*", "--detach", "--json")
        assert until(lambda: count_waiting(server, event))
        server.execute("ALTER SYSTEM RESET synchronous_standby_names")
        server.stop(signal.SIGQUIT)
        server.start()
        run = read_answer(command)
        assert until(lambda: settle_lost(storage, tell_nobody) or storage.runs.get(run).is_final)
        found = storage.runs.get(run)
        assert (found.status, found.reason, found.problem) == ("succeeded", None, None)
        check_steps(folder, storage)
