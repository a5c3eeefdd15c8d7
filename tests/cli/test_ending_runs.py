"""What becomes of runs when the server that started them stops: they go on, or are canceled where that was asked for."""

from __future__ import annotations

import signal
import sys

import httpx
import pytest
from dev_server import DevServer
from file_workspaces import write_workspace

from tests_support import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: no SIGTERM")
SLOW = """
import time
from pathlib import Path

import atoll

@atoll.asset
def numbers():
    Path("begun").touch()
    try:
        while not Path("enough").exists():
            time.sleep(0.02)
    finally:
        Path("torn_down").touch()
    return [1]

@atoll.sensor(target=[numbers], minimum_interval_seconds=1)
def once(context):
    return atoll.RunRequest(run_key="once")

defs = atoll.Definitions(assets=[numbers], sensors=[once])
"""


@pytest.fixture
def slow(tmp_path):
    return write_workspace(tmp_path, slow=SLOW)


def stop(server):
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)


def show(folder):
    return folder.run("runs", "show", "1", "--json").json()["data"]


@pytest.mark.parametrize("command", ["dev", "daemon"])
def test_runs_that_it_started_are_canceled_with_it_where_that_is_asked_for(slow, command):
    with DevServer(slow.path, "--end-runs", command=command) as server:
        server.until_settled()
        answer = httpx.post(f"{server.url}/api/launch", json={"selection": "numbers"}, timeout=60)
        assert answer.status_code in {200, 201, 202}, answer.text
        assert until((slow.path / "begun").exists)
        stop(server)
        assert "1 run is being canceled" in server.output
    assert until(lambda: show(slow)["status"] == "canceled")
    assert f"`atoll {command}`, which started it, was stopped" in show(slow)["reason"]
    assert (slow.path / "torn_down").exists()


def test_a_run_that_a_sensor_asked_for_is_one_of_them(slow):
    slow.run("sensor", "on", "once").ended(0)
    with DevServer(slow.path, "--end-runs", command="daemon") as server:
        assert until((slow.path / "begun").exists)
        stop(server)
        assert "1 run is being canceled" in server.output
    assert until(lambda: show(slow)["status"] == "canceled")


def test_a_run_that_somebody_else_started_goes_on(slow):
    with DevServer(slow.path, "--end-runs") as server:
        server.until_settled()
        slow.run("materialize", "numbers", "--detach").ended(0)
        assert until((slow.path / "begun").exists)
        stop(server)
        assert "canceled" not in server.output
    (slow.path / "enough").touch()
    assert until(lambda: show(slow)["status"] == "succeeded")


def test_they_go_on_otherwise(slow):
    with DevServer(slow.path) as server:
        server.until_settled()
        httpx.post(f"{server.url}/api/launch", json={"selection": "numbers"}, timeout=60).raise_for_status()
        assert until((slow.path / "begun").exists)
        stop(server)
    (slow.path / "enough").touch()
    assert until(lambda: show(slow)["status"] == "succeeded")
