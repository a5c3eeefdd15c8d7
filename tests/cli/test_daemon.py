"""`atoll daemon`: schedules and sensors make runs, broken locations wait, and it stops when it is told to."""

from __future__ import annotations

import signal
import sys

import httpx
import pytest
from dev_server import DevServer
from file_workspaces import write_workspace

from tests_support import gone

TICKING = """
import atoll

@atoll.asset
def numbers():
    return [1]

@atoll.sensor(target=[numbers], minimum_interval_seconds=1, default_status=atoll.DefaultSensorStatus.RUNNING)
def counting(context):
    position = int(context.cursor or 0)
    context.update_cursor(str(position + 1))
    return atoll.RunRequest(run_key=str(position % 2))

defs = atoll.Definitions(assets=[numbers], sensors=[counting])
"""


@pytest.fixture
def ticking(tmp_path):
    return write_workspace(tmp_path, ticking=TICKING)


def read_ticks(folder):
    return folder.run("sensor", "ticks", "counting", "--json").ended(0).json()["data"]["ticks"]


@pytest.mark.skipif(sys.platform == "win32", reason="platform: no SIGTERM")
def test_a_sensor_makes_each_run_once_and_the_daemon_stops_when_it_is_told(ticking):
    with DevServer(ticking.path, command="daemon") as server:
        answer = server.until(lambda: httpx.get(f"{server.url}/health", timeout=30), "it tells of its health")
        assert answer.status_code == 200
        server.until(lambda: len(read_ticks(ticking)) > 3, "it has ticked", patience=60)
        runs = server.until(
            lambda: (
                [run for run in server.get("/api/runs") if run["status"] == "succeeded"][1:] and server.get("/api/runs")
            ),
            "two runs have succeeded",
            patience=60,
        )
        assert len(runs) == 2
        assert server.get("/api/workspace") is not None
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert gone(server.process.pid)


def test_ticks_of_a_broken_location_wait_as_one_and_go_on_when_it_is_mended_and_loaded_again(ticking):
    with DevServer(ticking.path, command="daemon") as server:
        server.until(lambda: read_ticks(ticking), "it has ticked", patience=60)
        (ticking.path / "ticking.py").write_text("import not_there_at_all\n")
        ticking.run("reload", "ticking").ended(1)
        waiting = server.until(
            lambda: read_ticks(ticking)[0]["outcome"] == "waiting" and read_ticks(ticking), "it waits", patience=60
        )
        assert "not_there_at_all" in waiting[0]["reason"]
        assert httpx.get(f"{server.url}/health", timeout=30).json()["locations"]["stale"] == 1
        assert sum(tick["outcome"] == "waiting" for tick in read_ticks(ticking)) == 1
        (ticking.path / "ticking.py").write_text(TICKING)
        ticking.run("reload", "ticking").ended(0)
        server.until(lambda: read_ticks(ticking)[0]["outcome"] not in {"waiting", "started"}, "it goes on", patience=60)


def test_where_the_database_is_removed_it_goes_on_with_a_new_one(ticking):
    with DevServer(ticking.path, command="daemon") as server:
        server.until(
            lambda: [run["status"] for run in server.get("/api/runs")] == ["succeeded"] * 2,
            "its runs have ended",
            patience=60,
        )
        # The database itself comes last: nothing that is left beside it belongs to the one that is made then.
        for file in sorted((ticking.path / ".atoll").glob("runs.db*"), reverse=True):
            file.unlink()
        server.until(lambda: [tick["number"] for tick in read_ticks(ticking)][-1:] == [1], "it ticks", patience=60)
        server.until(lambda: len(server.get("/api/runs")) == 2, "it has asked for its runs again", patience=60)


def test_where_the_instance_names_another_database_it_goes_on_there(ticking):
    with DevServer(ticking.path, command="daemon") as server:
        server.until(lambda: len(read_ticks(ticking)) > 1, "it has ticked", patience=60)
        (ticking.path / "instance.yaml").write_text("storage: sqlite:///other.db\n")
        server.until(lambda: read_ticks(ticking), "it ticks there", patience=60)
        assert (ticking.path / "other.db").is_file()
        (ticking.path / "instance.yaml").write_text("storage: nowhere\n")
        said = server.until(
            lambda: httpx.get(f"{server.url}/health", timeout=30).status_code == 503, "it tells of the mistake"
        )
        assert said
        (ticking.path / "instance.yaml").write_text("storage: sqlite:///other.db\n")
        server.until(lambda: httpx.get(f"{server.url}/health", timeout=30).status_code == 200, "all is well again")


def test_a_saved_file_is_not_loaded_before_somebody_asks_and_a_new_location_appears_then(ticking):
    with DevServer(ticking.path, command="daemon") as server:
        server.until_settled()
        before = server.get("/api/locations")
        more = "import atoll\ndefs = atoll.Definitions(assets=[atoll.AssetSpec('more')])\n"
        write_workspace(ticking.path, ticking=TICKING, more=more)
        (ticking.path / "ticking.py").write_text(TICKING + "\n")
        ticking.run("sensor", "ticks", "counting").ended(0)
        assert [row["name"] for row in server.get("/api/locations")] == [row["name"] for row in before]
        ticking.run("reload").ended(0)
        assert [row["name"] for row in server.until_settled().values()] == ["ticking", "more"]
        assert [asset["name"] for asset in server.get("/api/assets")] == ["numbers", "more"]


def test_what_looks_after_processes_needs_neither_token_nor_name(ticking):
    with DevServer(ticking.path, "--token", "surely-a-secret", command="daemon") as server:
        answer = server.until(
            lambda: httpx.get(f"{server.url}/health", headers={"Host": "10.0.0.7"}, timeout=30), "it answers"
        )
        assert answer.json()["status"] == "ok"
        assert httpx.get(f"{server.url}/api/workspace", timeout=30).status_code == 401
        listing = ticking.path / "workspace.yaml"
        listing.write_text("load_from: 7\n")
        asked = {"Authorization": "Bearer surely-a-secret"}
        assert httpx.post(f"{server.url}/api/reload", json={}, headers=asked, timeout=30).status_code == 202
        server.until(
            lambda: httpx.get(f"{server.url}/health", timeout=30).status_code == 503, "it tells that it is unwell"
        )
