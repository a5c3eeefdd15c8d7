"""As much work at once as there are slots, the urgent first, and what hangs lets others begin."""

from __future__ import annotations

import threading
import time

import pytest

from atoll_host.server.supervising.clock import Clock
from atoll_host.server.supervising.slots import Slots
from tests_support import until


@pytest.fixture
def clock():
    made = Clock()
    yield made
    made.close()


def test_no_more_run_at_once_than_there_are_slots_and_the_urgent_go_first(clock):
    slots = Slots(2, clock)
    go = threading.Event()
    running, order = [], []

    def work(name):
        def run():
            running.append(name)
            order.append(name)
            go.wait(20)
            running.remove(name)

        return run

    for name in ("a", "b", "c", "d"):
        slots.ask(work(name), patience=60)
    slots.ask(work("urgent"), patience=60, urgent=True)
    assert until(lambda: len(running) == 2)
    time.sleep(0.05)
    assert sorted(running) == ["a", "b"]
    go.set()
    assert until(lambda: len(order) == 5)
    assert order[2] == "urgent" or order[3] == "urgent"
    slots.close(5)


def test_what_takes_longer_than_its_patience_lets_others_begin(clock):
    slots = Slots(1, clock)
    go, done = threading.Event(), threading.Event()
    slots.ask(lambda: go.wait(20), patience=0.05)
    slots.ask(done.set, patience=60)
    assert done.wait(20)
    go.set()
    slots.close(5)


def test_nothing_begins_after_the_end(clock):
    slots = Slots(1, clock)
    slots.close(1)
    begun = threading.Event()
    slots.ask(begun.set, patience=1)
    assert not begun.wait(0.1)


def test_the_clock_calls_in_the_order_of_time_and_not_what_was_taken_back(clock):
    called = []
    done = threading.Event()
    clock.after(0.1, lambda: called.append("second"))
    clock.after(0.02, lambda: called.append("first"))
    take_back = clock.after(0.05, lambda: called.append("never"))
    clock.after(0.15, done.set)
    take_back()
    assert done.wait(20)
    assert called == ["first", "second"]
