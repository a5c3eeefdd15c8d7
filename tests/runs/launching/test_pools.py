"""Steps of a pool wait for each other over all runs."""

from __future__ import annotations

import os
import signal

import pytest

from tests_support import until

TEXT = """from atoll import *
import os, time
@asset(pool="warehouse")
def held() -> int:
    while not os.path.exists("go"): time.sleep(0.02)
    return 1
@asset(pool="warehouse")
def after(held) -> int: return held + 1
@asset(pool="warehouse")
def other() -> int: return 1
@asset(pool="unlimited")
def free() -> int: return 1
@asset(pool="warehouse", retry_policy=RetryPolicy(max_retries=1))
def again(context) -> int:
    if context.retry_number == 0: raise ValueError("once")
    return 1
@op(pool="warehouse")
def pooled(): return 1
@job
def of_ops(): pooled()
defs = Definitions(assets=[held, after, other, free, again], jobs=[of_ops])
"""
WAITS = "waits for a free place in warehouse: 1 step goes on"


@pytest.fixture
def island(make_island):
    island = make_island(TEXT)
    yield island
    (island.path / "go").touch()
    with island.storage() as storage:
        assert until(lambda: all(run.is_final for run in storage.runs.iterate()), seconds=60)


def reasons(storage, launched):
    return [event.payload["reason"] for event in storage.events.read(launched.id, kinds=("step_waiting",))]


def has_begun(storage, launched):
    return bool(storage.events.read(launched.id, kinds=("step_started",)))


def test_a_step_waits_for_a_place_says_so_and_gets_it_when_it_is_free(island):
    first = island.launch("held", "after", groups={"warehouse": 1})
    with island.storage() as storage:
        assert until(lambda: has_begun(storage, first))
        second = island.launch("other", groups={"warehouse": 1})
        assert until(lambda: reasons(storage, second) == [WAITS])
        assert not has_begun(storage, second)
        assert len(storage.slots.list("warehouse")) == 1
        (island.path / "go").touch()
        for one in (first, second):
            assert island.wait(storage, one).status == "succeeded"
        assert storage.slots.list("warehouse") == ()


def test_a_pool_that_nobody_limits_and_a_retry_and_a_job_hold_nothing_up(island):
    first = island.launch("free", "again", groups={"warehouse": 1})
    second = island.launch(job="of_ops", groups={})
    with island.storage() as storage:
        for one in (first, second):
            assert island.wait(storage, one).status == "succeeded"
        assert [event.step for event in storage.events.read(first.id, kinds=("step_queued",))].count("again") == 2
        assert reasons(storage, first) == []


def test_a_run_that_waits_in_a_pool_is_canceled(island):
    first = island.launch("held", groups={"warehouse": 1})
    with island.storage() as storage:
        assert until(lambda: has_begun(storage, first))
        second = island.launch("other", groups={"warehouse": 1})
        assert until(lambda: reasons(storage, second))
        storage.runs.cancel(second.id)
        assert island.wait(storage, second).status == "canceled"
        assert not has_begun(storage, second)
        assert {slot.run for slot in storage.slots.list("warehouse")} == {first.id}


def test_the_place_of_a_worker_that_was_killed_is_free(island):
    first = island.launch("held", groups={"warehouse": 1})
    with island.storage() as storage:
        assert until(lambda: has_begun(storage, first))
        second = island.launch("other", groups={"warehouse": 1})
        assert until(lambda: reasons(storage, second))
        (begun,) = storage.events.read(first.id, kinds=("stage_started",))
        os.kill(begun.payload["pid"], signal.SIGKILL)
        assert island.wait(storage, second).status == "succeeded"
        assert island.wait(storage, first).status == "failed"
