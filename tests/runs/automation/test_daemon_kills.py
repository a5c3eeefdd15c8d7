"""A daemon is killed again and again: each run key and each partition is one run, and whatever began ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from chances import make_chance
from dev_server import DevServer
from remaining import describe, list_processes
from run_workspaces import LEDGER, kill, parts, read, start, stored, write_locations

from atoll_host.runs.queueing.holders import is_holder_gone
from atoll_host.runs.storage.records import Origin
from atoll_host.runs.storage.store import Storage
from command_line import ATOLL
from tests_support import until

KILLS = 30
EARLY = 0.3
"""Of the daemons are killed while they start."""
TICKS = 14
PIECES = [f"p{number}" for number in range(8)]
ARRIVING = (
    LEDGER
    + """
from atoll import (
    Config, DefaultSensorStatus, Definitions, RunRequest, SkipReason, StaticPartitionsDefinition, asset, job, op, sensor,
)

class Wanted(Config):
    key: str

@op
def work(context, config: Wanted) -> None:
    note([context.run_id, "begins", config.key])
    time.sleep(0.3)
    note([context.run_id, "ends", config.key])

@job
def keyed():
    work()

def ask(key):
    return RunRequest(run_key=key, run_config={"ops": {"work": {"config": {"key": key}}}})

@sensor(job=keyed, default_status=DefaultSensorStatus.RUNNING, minimum_interval_seconds=1)
def arrivals(context):
    number = int(context.cursor or 0)
    if number == TICKS:
        return SkipReason("all have arrived")
    context.update_cursor(str(number + 1))
    # One is asked for again by the next tick, the other one is lost with this one.
    return [ask(f"{number - 1} twice"), ask(f"{number} twice"), ask(f"{number} once")]

@asset(partitions_def=StaticPartitionsDefinition(PIECES))
def piece(context) -> list:
    note([context.run_id, "begins", context.partition_key])
    time.sleep(0.1)
    note([context.run_id, "ends", context.partition_key])
    return [context.partition_key] * 20000

defs = Definitions(jobs=[keyed], sensors=[arrivals], assets=[piece])
"""
)
KEYS = {"-1 twice", *(f"{number} {often}" for number in range(TICKS) for often in ("once", "twice"))}


@pytest.fixture
def folder(tmp_path):
    text = f"TICKS = {TICKS}\nPIECES = {PIECES}\n{ARRIVING}"
    folder = write_locations(tmp_path / "kept", {"main.py": text}, {"main.py": sys.executable})
    return folder.write({"instance.yaml": "concurrency: {runs: 3}\n"})


def begin_backfill(folder):
    """Ask for all partitions, and leave them to whoever looks next."""
    command = start(folder, "backfill", "piece", "--all", "--max-runs", "1")
    assert until(lambda: read(folder, "SELECT id FROM backfills") or command.poll() is not None)
    kill(command.pid)
    command.communicate(timeout=60)


def start_daemon(folder, log):
    return subprocess.Popen(
        [*ATOLL, "daemon", "--port", "0"],
        cwd=folder.path,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def read_last_tick(storage):
    state = storage.sensors.get("main", "arrivals")
    return None if state is None else state.last_tick


def kill_a_daemon(folder, storage, chance, log):
    """Start a daemon and kill it: while it starts, or soon after it began a tick. Tells whether it had begun one."""
    before = read_last_tick(storage)
    daemon = start_daemon(folder, log)
    try:
        if chance.random() < EARLY:
            time.sleep(chance.random() * 1.5)
        else:
            assert until(lambda: read_last_tick(storage) != before, seconds=120), "it begins no tick"
            time.sleep(chance.random())
        assert daemon.poll() is None, "it ended by itself"
    finally:
        daemon.kill()
        daemon.wait()
    return read_last_tick(storage) != before


def is_settled(storage):
    (backfill,) = storage.backfills.list()
    state = storage.sensors.get("main", "arrivals")
    return (
        backfill.ended is not None
        and state is not None
        and state.cursor == str(TICKS)
        and all(run.is_final for run in storage.runs.iterate())
    )


def check(folder, storage, last):
    runs = list(storage.runs.iterate())
    assert [(run.status, run.reason, run.problem) for run in runs if run.status != "succeeded"] == []
    keys = {run.id: run.run_key for run in runs if run.origin == Origin("sensor", "main", "arrivals")}
    partitions = {run.id: run.partition for run in runs if run.backfill is not None}
    assert sorted(keys.values()) == sorted(KEYS)
    assert sorted(partitions.values()) == sorted(PIECES)
    assert len(runs) == len(KEYS) + len(PIECES)
    lines = (folder.path / "ledger.jsonl").read_text().splitlines()
    notes = Counter(tuple(json.loads(line)[0]) for line in lines)
    wanted = {(run, word, what) for run, what in (keys | partitions).items() for word in ("begins", "ends")}
    assert notes == Counter(wanted)
    assert storage.backfills.list()[0].status == "succeeded"
    pieces = {name: value for name, value in stored(folder).items() if name.startswith("piece/")}
    assert pieces == {f"piece/partition={piece}.json": [piece] * 20000 for piece in PIECES}
    assert parts(folder) == []
    open_ticks = storage.ticks.list(Origin("sensor", "main", "arrivals"), outcomes=["started"], limit=1000)
    assert open_ticks == ()
    # What a killed one held is given to whoever asks for it next; nobody may have had to. The last one gave its own back.
    held = [slot for slot in storage.slots.list() if f"|{last}|" in slot.holder or not is_holder_gone(slot.holder)]
    assert held == []


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: looks for processes in /proc")
def test_however_often_a_daemon_is_killed_each_run_key_and_each_partition_is_one_run_that_ends(folder, tmp_path):
    chance = make_chance()
    begin_backfill(folder)
    with (
        (tmp_path / "daemons.log").open("w") as log,
        Storage.open(f"sqlite:///{folder.path}/.atoll/runs.db") as storage,
    ):
        ticked = sum(kill_a_daemon(folder, storage, chance, log) for _ in range(KILLS))
        assert ticked > KILLS / 3
        with DevServer(folder.path, command="daemon") as last:
            last.until(lambda: is_settled(storage), "all is done", patience=240)
            last.process.send_signal(signal.SIGTERM)
            assert last.process.wait(20) == 0
        check(folder, storage, last.process.pid)
        assert until(lambda: not list_processes(folder.path)), describe(list_processes(folder.path))
