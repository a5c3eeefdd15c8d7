"""`atoll dev` is killed again and again while runs go on: they end as if nothing had been, and nothing stays behind."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from chances import make_chance
from dev_server import DevServer
from remaining import describe, list_processes, list_strays
from run_workspaces import start
from stepping import check_steps, write_chain

from atoll_host.runs.storage.store import Storage
from tests_support import until

KILLS = 10


@pytest.fixture
def folder(tmp_path):
    return write_chain(tmp_path / "kept", seconds=0.2)


def launch(server):
    """Have the server launch a run; give its id, or None where it was killed before it said so."""
    with contextlib.suppress(httpx.HTTPError):
        answer = httpx.post(f"{server.url}/api/launch", json={"selection": "*"}, timeout=60)
        assert answer.status_code == 202, answer.text
        return answer.json()["data"]["id"]
    return None


def kill_a_server(folder, chance):
    """Start a server, launch a run by it and one beside it, and kill it; give the ids of runs that surely began."""
    with DevServer(folder.path) as server, ThreadPoolExecutor() as pool:
        server.until_settled()
        command = start(folder, "materialize", "*", "--detach", "--json")
        asked = pool.submit(launch, server)
        time.sleep(chance.random() * 3)
        assert server.process.poll() is None, server.output
        server.process.kill()
        server.process.wait()
        out, err = command.communicate(timeout=120)
        assert command.returncode == 0, err
        begun = {json.loads(out)["data"]["id"], asked.result()}
    # Its workers end with it, while the runs go on.
    assert until(lambda: not list_strays(folder.path), seconds=30), describe(list_strays(folder.path))
    return begun - {None}


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: looks for processes in /proc")
def test_runs_go_on_however_often_the_server_is_killed_that_shows_and_launches_them(folder):
    chance = make_chance()
    begun = set()
    for _ in range(KILLS):
        begun |= kill_a_server(folder, chance)
    with Storage.open(f"sqlite:///{folder.path}/.atoll/runs.db") as storage:
        assert until(lambda: not list_processes(folder.path), seconds=120), describe(list_processes(folder.path))
        runs = list(storage.runs.iterate())
        assert [(run.status, run.reason, run.problem) for run in runs if run.status != "succeeded"] == []
        assert begun <= {run.id for run in runs}
        assert KILLS <= len(begun) <= len(runs) <= 2 * KILLS
        check_steps(folder, storage)
