"""So many runs go on at once, and the others wait for their turn."""

from __future__ import annotations

import os
import signal

import pytest

from atoll_host.runs.launching.identity import is_gone
from atoll_host.runs.launching.settling import settle_lost
from atoll_host.runs.launching.telling import tell_nobody
from tests_support import until

TEXT = """from atoll import *
import os, time
@asset
def held(context) -> int:
    context.log.info("begun")
    while not os.path.exists("go"): time.sleep(0.02)
    return 1
@asset
def quick() -> int: return 1
defs = Definitions(assets=[held, quick])
"""


@pytest.fixture
def island(make_island):
    island = make_island(TEXT)
    yield island
    (island.path / "go").touch()
    with island.storage() as storage:

        def ended():
            settle_lost(storage, tell_nobody)
            return all(run.is_final for run in storage.runs.iterate())

        assert until(ended, seconds=60)


def status(storage, launched):
    run = storage.runs.get(launched.id)
    return run.status, run.reason


def test_a_run_without_a_place_is_remembered_at_once_says_for_what_it_waits_and_begins_in_its_turn(island):
    first = island.launch("held", limit=1)
    second = island.launch("quick", limit=1)
    third = island.launch("quick", limit=1)
    with island.storage() as storage:
        assert status(storage, second) == ("queued", "waits for a free place: 1 run goes on")
        assert status(storage, third)[0] == "queued"
        assert storage.events.read(second.id) == ()
        (island.path / "go").touch()
        runs = [one.id for one in (first, second, third)]
        assert until(lambda: all(storage.runs.get(run).is_final for run in runs), seconds=60)
        found = [storage.runs.get(run) for run in runs]
        assert [(run.status, run.reason) for run in found] == [("succeeded", None)] * 3
        assert found[0].ended <= found[1].started
        assert found[1].ended <= found[2].started


def test_a_run_that_waits_is_canceled_at_once_and_its_process_ends(island):
    first = island.launch("held", limit=1)
    second = island.launch("quick", limit=1)
    with island.storage() as storage:
        waits = storage.runs.get(second.id).host
        storage.runs.cancel(second.id, reason="not wanted")
        assert status(storage, second) == ("canceled", "not wanted")
        assert until(lambda: is_gone(waits) is not False)
        assert storage.runs.get(first.id).status in {"starting", "running"}


def test_a_signal_cancels_a_run_that_waits(island):
    island.launch("held", limit=1)
    second = island.launch("quick", limit=1)
    with island.storage() as storage:
        os.kill(storage.runs.get(second.id).host.pid, signal.SIGTERM)
        assert until(lambda: status(storage, second) == ("canceled", "it was canceled while it waited"))


@pytest.mark.parametrize("victim", [0, 1])
def test_the_place_of_a_killed_process_is_free_whether_it_worked_or_waited(island, victim):
    launched = [island.launch("held", limit=1), island.launch("held", limit=1), island.launch("quick", limit=1)]
    with island.storage() as storage:
        assert until(lambda: storage.runs.get(launched[0].id).status == "running")
        killed = storage.runs.get(launched[victim].id).host.pid
        os.kill(killed, signal.SIGKILL)
        (island.path / "go").touch()
        # Nobody looks but the one that waits.
        assert until(lambda: storage.runs.get(launched[2].id).is_final, seconds=60)
        assert [storage.runs.get(one.id).status for one in launched] == [
            "failed" if number == victim else "succeeded" for number in range(3)
        ]
