"""Whoever is killed at whatever moment: no run is lost, doubled or stuck, and no value is half-written."""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest
from run_workspaces import LEDGER, host_pids, kill, parts, read, start, stored, write_locations

from atoll_host.runs.launching.settling import settle_lost
from atoll_host.runs.launching.telling import tell_nobody
from atoll_host.runs.storage.store import Storage
from tests_support import until

STEP = """
@asset
def {name}(context{above}) -> list:
    note([context.run_id, "{name}"])
    time.sleep(0.03)
    note([context.run_id, "{name} ends"])
    return [context.run_id] * 20000
"""
CHAIN = ["a1", "b1", "a2", "b2", "a3"]


@pytest.fixture
def folder(tmp_path):
    files = {}
    for location in "ab":
        text = LEDGER + "from atoll import *\n"
        for number, name in enumerate(CHAIN):
            if name[0] == location:
                text += STEP.format(name=name, above=f", {CHAIN[number - 1]}" if number else "")
        files[f"{location}.py"] = (
            text + f"defs = Definitions(assets=[{', '.join(n for n in CHAIN if n[0] == location)}])\n"
        )
    folder = write_locations(tmp_path, files, dict.fromkeys(files, sys.executable))
    folder.run("materialize", "a1").ended(0)
    return folder


def children(pid):
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def strike(folder, victim, command):
    """Kill one of the processes; tell whether there was one."""
    if victim == "command":
        kill(command.pid)
        return True
    hosts = host_pids(folder)
    targets = hosts if victim == "host" else [child for host in hosts for child in children(host)]
    for pid in targets:
        kill(pid)
    return bool(targets)


def works_in(folder, pid):
    """Tell whether a process is one of a folder's workers: a number is another's in time."""
    try:
        return psutil.Process(pid).cwd().startswith(str(folder.path))
    except psutil.Error:
        return False


def check(folder, commands):
    database = folder.path / ".atoll" / "runs.db"
    with Storage.open(f"sqlite:///{database}") as storage:

        def settled():
            settle_lost(storage, tell_nobody)
            return not storage.runs.list_queued() and not host_pids(folder)

        assert until(settled, seconds=60), read(folder, "SELECT id, status, pid FROM runs WHERE ended IS NULL")
    notes = [json.loads(line) for line in (folder.path / "ledger.jsonl").read_text().splitlines()]
    done = Counter((run, step) for (run, step), _, _ in notes)
    assert [item for item, times in done.items() if times > 1] == []
    runs = dict(read(folder, "SELECT id, status FROM runs"))
    assert len(runs) <= commands
    assert {run for run, _ in done} <= set(runs)
    assert set(runs.values()) <= {"succeeded", "failed", "canceled"}
    steps = read(folder, "SELECT runs.id, steps.key, steps.status FROM steps JOIN runs ON runs.number = steps.run")
    assert {status for *_, status in steps} <= {"succeeded", "failed", "skipped", "canceled"}
    for run, key, status in steps:
        if status == "succeeded":
            assert (run, f"{key} ends") in done
    made = read(folder, "SELECT run_id, assets.key FROM asset_events JOIN assets ON assets.number = asset_events.asset")
    assert [item for item, times in Counter(made).items() if times > 1] == []
    assert {(run, f"{key} ends") for run, key in made} <= set(done)
    for run, status in runs.items():
        if status == "succeeded":
            planned = {key for other, key, _ in steps if other == run}
            assert {step for other, step in done if other == run} == {s for k in planned for s in (k, f"{k} ends")}
    for path, value in stored(folder).items():
        assert len(value) == 20000, path
        assert len(set(value)) == 1, path
    # What a killed host's workers were writing is removed by whoever settles the run, when they have ended.
    workers = {pid for _, pid, _ in notes}
    assert until(lambda: not [pid for pid in workers if works_in(folder, pid)])
    assert parts(folder) == []


def settle(folder):
    with Storage.open(f"sqlite:///{folder.path / '.atoll' / 'runs.db'}") as storage:
        settle_lost(storage, tell_nobody)


def hunt(folder, rounds, seed):
    chance = random.Random(seed)
    struck = Counter()
    for _ in range(rounds):
        victim = chance.choice(["command", "host", "worker"])
        command = start(folder, "materialize", "*", "--json")
        if victim == "command":
            time.sleep(chance.random() * 1.2)
        else:
            until(lambda one=command: host_pids(folder) or one.poll() is not None, seconds=20)
            time.sleep(chance.random() * 0.8)
        struck[victim] += strike(folder, victim, command)
        out, err = command.communicate(timeout=60)
        assert victim == "command" or command.returncode in (0, 1), (victim, out, err)
        if victim == "command":
            # The run goes on without it; one that began late may have been struck since, and nobody follows it.
            until(lambda: settle(folder) is None and not host_pids(folder), seconds=30)
    check(folder, rounds + 1)
    return struck


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: looks for processes in /proc")
def test_kills_of_commands_hosts_and_workers_leave_everything_in_order(folder):
    struck = hunt(folder, 21, seed=time.time_ns())
    assert sum(struck.values()) >= 10


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: looks for processes in /proc")
def test_two_hundred_kills_leave_everything_in_order(folder):
    hunt(folder, 200, seed=time.time_ns())


def test_a_run_whose_process_is_killed_is_ended_by_whoever_looks_next(folder):
    command = start(folder, "materialize", "*", "--json")
    # While the command still waits for it: a run can end before anybody finds its process.
    assert until(lambda: host_pids(folder))
    kill(host_pids(folder)[0])
    command.communicate(timeout=60)
    data = folder.run("runs", "show", "2", "--json").ended(0).json()["data"]
    assert (data["status"], data["reason"]) == ("failed", "its process ended: nothing looks after it any more")
    folder.run("runs", "retry", "2").ended(0)
    check(folder, 3)


def test_the_command_tells_when_the_process_of_its_run_is_killed(folder):
    command = start(folder, "materialize", "*", "--json")
    assert until(lambda: host_pids(folder))
    kill(host_pids(folder)[0])
    out, err = command.communicate(timeout=60)
    assert command.returncode == 1, err
    assert json.loads(out)["problems"][0]["kind"] == "lost"
