"""A step that takes longer than it may fails alone, with the place where it was; the rest goes on in another process."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: stacks are asked for on Linux")
TEXT = """from atoll import *
import os, time
def hang():
    while True: time.sleep(0.01)
@asset
def first() -> int: return 3
@asset(op_tags={"atoll/max_runtime": "1"})
def slow(first) -> int: return hang()
@asset
def below(slow) -> int: return slow
@asset
def beside(first) -> int: return first + 1
@asset_check(asset=beside)
def right(beside) -> AssetCheckResult: return AssetCheckResult(passed=beside == 4)
@asset(op_tags={"atoll/max_runtime": "1"}, retry_policy=RetryPolicy(max_retries=1))
def second_try(context) -> int:
    if context.retry_number == 0: hang()
    return 7
@op
def made() -> int: return 5
@op(tags={"atoll/max_runtime": "1"})
def stuck(x): hang()
@op
def after(x): pass
@op
def other(x): assert x == 5
@job
def of_ops():
    x = made()
    after(stuck(x))
    other(x)
@asset(op_tags={"atoll/max_runtime": "soon"})
def wrong() -> int: return 1
defs = Definitions(assets=[first, slow, below, beside, second_try, wrong], asset_checks=[right], jobs=[of_ops])
"""


@pytest.fixture
def island(make_island):
    return make_island(TEXT)


def statuses(storage, run):
    return {step.key: step.status for step in storage.steps.list(run.id)}


def test_the_rest_goes_on_and_the_problem_says_where_it_was(island):
    launched = island.launch("first", "slow", "below", "beside")
    with island.storage() as storage:
        run = island.wait(storage, launched)
        found = statuses(storage, run)
        assert found == {
            "first": "succeeded",
            "slow": "failed",
            "below": "skipped",
            "beside": "succeeded",
            "beside__right": "succeeded",
        }
        assert (run.status, run.problem["kind"]) == ("failed", "timeout")
        assert "It took more than 1 s and was stopped during step 'slow', in hang" in run.problem["message"]
        started = storage.events.read(run.id, kinds=("stage_started",))
        assert len({event.payload["pid"] for event in started}) == 2
        assert len(storage.events.read(run.id, kinds=("materialization",))) == 2


def test_the_retry_policy_holds_for_it(island):
    launched = island.launch("second_try")
    with island.storage() as storage:
        run = island.wait(storage, launched)
        assert (run.status, statuses(storage, run)) == ("succeeded", {"second_try": "succeeded"})
        attempts = [event.payload["attempt"] for event in storage.events.read(run.id, kinds=("step_started",))]
        assert attempts == [1, 2]


def test_ops_of_a_job_go_on_with_the_values_that_were_made(island):
    launched = island.launch(job="of_ops")
    with island.storage() as storage:
        run = island.wait(storage, launched)
        found = {"made": "succeeded", "stuck": "failed", "after": "skipped", "other": "succeeded"}
        assert (run.status, statuses(storage, run)) == ("failed", found)


def test_a_tag_that_means_nothing_is_found_before_anything_begins(island):
    launched = island.launch("wrong")
    with island.storage() as storage:
        run = island.wait(storage, launched)
        assert run.status == "failed"
        assert "atoll/max_runtime must be a number of seconds above 0, not 'soon'" in run.problem["message"]
        assert statuses(storage, run) == {}
