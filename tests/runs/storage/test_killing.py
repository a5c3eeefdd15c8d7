"""A process that writes is killed at any moment: what it was told is remembered is, once."""

from __future__ import annotations

import random
import signal
import time

import pytest
from postgresql_server import Server, require_programs
from storage_workers import Worker

from atoll_host.runs.storage.records import NewRun
from atoll_host.runs.storage.store import Storage


def kill_again_and_again(url, storage, run, rounds, seed):
    """Kill a writer in each round; check that nothing is lost or doubled. Gives how many events there are."""
    chance = random.Random(seed)
    last = 0
    for _ in range(rounds):
        writer = Worker()
        writer.begin("append_for_ever", url, run, last + 1)
        writer.wait_ready()
        writer.go()
        said = writer.process.stdout.readline()
        time.sleep(chance.random() * 0.2)
        said += writer.kill()
        acknowledged = int(said[: said.rindex("\n")].split()[-1])  # the last line may be cut
        found = storage.events.last(run)
        assert found >= acknowledged
        last = found
    return last


def check(storage, run, last):
    seen, after = [], 0
    while page := storage.events.read(run, after=after, limit=5000):
        seen += [event.sequence for event in page]
        after = seen[-1]
    assert seen == list(range(1, last + 1))
    made = storage.assets.latest_partitions("made")
    assert sorted(int(key) for key in made) == [number for number in range(1, last + 1) if number % 2 == 0]
    assert all(event.sequence == int(key) for key, event in made.items())
    numbers, cursor = [], 0
    while page := storage.assets.since(cursor, limit=5000):
        numbers += [event.number for event in page]
        cursor = numbers[-1]
    assert len(numbers) == len(set(numbers)) == last // 2


def test_three_kills_lose_and_double_nothing(url, storage, start):
    run = start()
    check(storage, run, kill_again_and_again(url, storage, run, 3, seed=1))


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_hundred_kills_lose_and_double_nothing(url, storage, start):
    for number in range(10):
        run = start()
        storage.assets.wipe("made")
        check(storage, run, kill_again_and_again(url, storage, run, 10, seed=number))
    assert sorted(storage.runs.count().values()) == [0, 0, 0, 0, 0, 0, 10]


def crash_again_and_again(rounds, seed):
    """Crash the server below a writer, which goes on each time, and check what is there in the end."""
    chance = random.Random(seed)
    server = Server(require_programs())
    writer = Worker()
    try:
        server.start()
        with Storage.open(server.url("postgres")) as storage:
            run = storage.runs.create(NewRun()).id
            writer.begin("append_for_ever", server.url("postgres"), run, 1)
            writer.wait_ready()
            writer.go()
            for _ in range(rounds):
                assert writer.process.stdout.readline()
                time.sleep(chance.random() * 0.3)
                server.stop(signal.SIGQUIT)
                server.start()
            said = writer.kill()
            assert storage.events.last(run) >= int(said[: said.rindex("\n")].split()[-1])
            check(storage, run, storage.events.last(run))
    finally:
        writer.kill()
        server.remove()


def test_a_server_that_crashes_loses_and_doubles_nothing():
    crash_again_and_again(2, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_server_that_crashes_thirty_times_loses_and_doubles_nothing():
    crash_again_and_again(30, seed=2)
