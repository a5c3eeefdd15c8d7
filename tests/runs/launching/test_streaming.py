"""Whoever starts a run is told by its process what happens, and finds the rest in the storage where that is cut off."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from run_workspaces import host_pids, kill, read, start, write_locations

from atoll_host.runs.launching.streaming import Receiver, Sender
from atoll_host.runs.storage.records import Event
from tests_support import until

TEXT = """import time
from atoll import *
@asset
def one(context) -> int: return 1
@asset
def wrong() -> int: raise ValueError("not today")
@asset
def talkative(context) -> int:
    for number in range(150):
        context.log.info(f"{number} " + "x" * 2000)
        time.sleep(0.03)
    return 1
@asset
def endless() -> int:
    print("here", flush=True)
    time.sleep(600)
defs = Definitions(assets=[one, wrong, talkative, endless])
"""


@pytest.fixture
def folder(tmp_path):
    folder = write_locations(tmp_path, {"main.py": TEXT}, {"main.py": sys.executable})
    folder.run("list").ended(0)
    return folder


class Pipe:
    """A process that says what is written to a pipe."""

    def __init__(self):
        self.source, self.sink = os.pipe()
        self._file = os.fdopen(self.source, "rb")

    def read_line(self):
        return self._file.readline()

    def let_go(self):
        self._file.close()


def event(number, size=10):
    return Event(number, 1.5, "log", "a", "main", {"message": "é" * size})


@pytest.fixture
def pipe():
    return Pipe()


def test_events_and_the_end_arrive_as_they_were_told(pipe):
    sender, receiver = Sender(pipe.sink), Receiver(pipe)
    sender.tell([event(1), event(2)])
    sender.tell([event(3)])
    sender.end({"run": {"status": "succeeded"}, "problem": None})
    sender.close()
    assert list(receiver.follow(lambda: None)) == [event(1), event(2), event(3)]
    assert (receiver.last, receiver.ended) == (3, {"run": {"status": "succeeded"}, "problem": None})


def test_who_tells_waits_for_nobody_and_who_reads_late_learns_that_something_is_missing(pipe):
    sender = Sender(pipe.sink)
    began = time.monotonic()
    for number in range(1, 1000):
        sender.tell([event(number, 10_000)])
    assert time.monotonic() - began < 5
    receiver = Receiver(pipe)
    found = [one.sequence for one in receiver.follow(lambda: None)]
    assert found == list(range(1, len(found) + 1))
    assert 0 < len(found) < 500
    assert (receiver.last, receiver.ended) == (len(found), None)
    sender.end({})
    sender.close()


def test_who_reads_no_more_is_no_fault(pipe):
    sender = Sender(pipe.sink)
    pipe.let_go()
    for number in range(10):
        sender.tell([event(number)])
    sender.end({})
    sender.close()


def test_a_process_that_ends_in_the_middle_of_a_line_has_said_nothing(pipe):
    receiver = Receiver(pipe)
    os.write(pipe.sink, b'{"events": []}\n{"ended": {"run"')
    os.close(pipe.sink)
    assert list(receiver.follow(lambda: None)) == []
    assert receiver.ended is None


@pytest.mark.parametrize(("asset", "status"), [("one", 0), ("wrong", 1)])
def test_a_command_opens_no_database_to_follow_its_run(folder, asset, status):
    words = [sys.executable, "-X", "importtime", "-m", "atoll_host.cli", "materialize", asset, "--json"]
    done = subprocess.run(words, cwd=folder.path, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert "atoll_host.cli.following" in done.stderr
    assert "sqlalchemy" not in done.stderr
    said = json.loads(done.stdout)
    shown = folder.run("runs", "show", "1", "--json").json()
    assert said["data"] == shown["data"]
    assert [one["message"] for one in said["problems"]] == [one["message"] for one in shown["problems"]]


@pytest.mark.skipif(sys.platform == "win32", reason="platform: nobody stands still there")
def test_a_command_that_stood_still_tells_the_end_all_the_same_and_the_run_has_not_waited(folder):
    command = start(folder, "materialize", "talkative", "--json")
    try:
        assert until(lambda: read(folder, "SELECT 1 FROM events WHERE kind = 'log'"))
        os.kill(command.pid, signal.SIGSTOP)
        assert until(lambda: read(folder, "SELECT 1 FROM runs WHERE status = 'succeeded'"), seconds=30)
        os.kill(command.pid, signal.SIGCONT)
        out, err = command.communicate(timeout=30)
    finally:
        kill(command.pid)
        command.wait()
    assert command.returncode == 0, err
    data = json.loads(out)["data"]
    assert (data["status"], [step["status"] for step in data["steps"]]) == ("succeeded", ["succeeded"])


def test_a_command_whose_run_loses_its_process_says_so(folder):
    command = start(folder, "materialize", "endless")
    try:
        assert until(lambda: read(folder, "SELECT 1 FROM steps WHERE status = 'started'"))
        for pid in host_pids(folder):
            kill(pid)
        _, err = command.communicate(timeout=30)
    finally:
        kill(command.pid)
        command.wait()
    assert command.returncode == 1
    assert b"ended before the run did" in err
