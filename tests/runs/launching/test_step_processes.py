"""`multiprocess_executor`: steps of one location go on at the same time, each in a process of its own."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests_support import until

TEXT = """from atoll import *
import json, os, signal, time
FOLDER = {folder!r}
def note(what):
    with open(os.path.join(FOLDER, "ledger"), "a") as file: file.write(json.dumps([what, os.getpid(), time.time()]) + "\\n")
def meet(name, other):
    # Waits for a step that goes on at the same time, which never comes where they are executed one after the other.
    open(os.path.join(FOLDER, name), "w").close()
    end = time.monotonic() + 20
    while not os.path.exists(os.path.join(FOLDER, other)):
        if time.monotonic() > end: raise TimeoutError(other + " is not here")
        time.sleep(0.01)
{body}
"""
TOGETHER = """
@asset
def left() -> int: note("left"); meet("l", "r"); return 1
@asset
def right() -> int: note("right"); meet("r", "l"); return 2
@asset
def total(left, right) -> int: note("total"); return left + right
@asset_check(asset=total)
def is_three(total) -> AssetCheckResult: return AssetCheckResult(passed=total == 3)
defs = Definitions(assets=[left, right, total], asset_checks=[is_three], executor={executor})
"""
MANY = """
def make(number):
    @asset(name="a%d" % number)
    def one() -> int: note("begin"); time.sleep(0.3); note("end"); return number
    return one
defs = Definitions(assets=[make(n) for n in range(8)], executor=multiprocess_executor.configured({{"max_concurrent": 3}}))
"""
ENDS = """
@asset
def fine() -> int: return 1
@asset
def fails() -> int: raise ValueError("no")
@asset
def dies() -> int: os.kill(os.getpid(), signal.SIGKILL)
@asset
def below_fine(fine) -> int: return fine + 1
@asset
def below_fails(fails, fine) -> int: return 0
@asset
def below_dies(dies) -> int: return 0
@asset
def far_below(below_fails) -> int: return 0
defs = Definitions(assets=[fine, fails, dies, below_fine, below_fails, below_dies, far_below], executor=multiprocess_executor)
"""
OPS = """
@op(out={"there": Out(int, is_required=False), "missing": Out(int, is_required=False)})
def choose(): yield Output(5, "there")
@op
def double(x) -> int: return x * 2
@op
def never(x) -> int: return x
@op
def gather(xs): assert xs == [10, 10], xs
@job(executor_def=multiprocess_executor.configured({"max_concurrent": 2}))
def work():
    there, missing = choose()
    never(missing)
    gather([double(there), double(there)])
defs = Definitions(jobs=[work])
"""
LIMITED = """
@asset(op_tags={"atoll/max_runtime": "1"}, retry_policy=RetryPolicy(max_retries=1))
def second_try(context) -> int:
    while context.retry_number == 0: time.sleep(0.01)
    return 7
@asset(op_tags={"atoll/max_runtime": "1"})
def slow() -> int:
    while True: time.sleep(0.01)
@asset
def below(slow) -> int: return slow
@asset
def after(second_try) -> int: return second_try
defs = Definitions(assets=[second_try, slow, below, after], executor=multiprocess_executor)
"""
CANCELED = """
@resource
def held(context):
    note("up")
    yield 1
    note("down")
def make(number):
    @asset(name="a%d" % number, required_resource_keys={"held"})
    def one() -> int: note("begin"); time.sleep(60)
    return one
three = multiprocess_executor.configured({"max_concurrent": 3})
defs = Definitions(assets=[make(n) for n in range(6)], resources={"held": held}, executor=three)
"""
BROKEN = """
@resource
def held(context): raise OSError("no connection")
def make(number):
    @asset(name="a%d" % number, required_resource_keys={"held"})
    def one() -> int: note("begin"); return 1
    return one
defs = Definitions(assets=[make(n) for n in range(6)], resources={"held": held}, executor=multiprocess_executor)
"""
POOLED = """
def make(number):
    @asset(name="a%d" % number, pool="narrow")
    def one() -> int: note("begin"); time.sleep(0.2); note("end"); return number
    return one
defs = Definitions(assets=[make(n) for n in range(4)], executor=multiprocess_executor)
"""


@pytest.fixture
def island(make_island, tmp_path):
    def make(body, **words):
        for word, value in words.items():
            body = body.replace("{" + word + "}", value)
        body = body.replace("{{", "{").replace("}}", "}")
        return make_island(TEXT.replace("{folder!r}", repr(str(tmp_path))).replace("{body}", body))

    return make


def read_ledger(island):
    file = Path(island.path) / "ledger"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def count_at_once(ledger):
    most = now = 0
    for what, _, _ in sorted(ledger, key=lambda line: line[2]):
        now += {"begin": 1, "end": -1}.get(what, 0)
        most = max(most, now)
    return most


def statuses(storage, run):
    return {step.key: step.status for step in storage.steps.list(run.id)}


def test_steps_that_do_not_need_each_other_go_on_at_the_same_time(island):
    one = island(TOGETHER, executor="multiprocess_executor")
    launched = one.launch("left", "right", "total", jobs=2)
    with one.storage() as storage:
        run = one.wait(storage, launched)
        assert (run.status, run.problem) == ("succeeded", None)
        assert set(statuses(storage, run).values()) == {"succeeded"}
        checks = storage.events.read(run.id, kinds=("check_result",))
        assert [event.payload["passed"] for event in checks] == [True]
        kinds = [event.kind for event in storage.events.read(run.id) if event.kind.startswith("stage_")]
        assert kinds == ["stage_started", "stage_succeeded"]
    pids = {what: pid for what, pid, _ in read_ledger(one)}
    assert pids["left"] != pids["right"]
    assert pids["total"] in {pids["left"], pids["right"]}, "a process that is there is used again"


def test_without_it_they_go_on_in_order(island):
    one = island(TOGETHER.replace("meet(", "print("), executor="in_process_executor")
    launched = one.launch("left", "right", "total", jobs=2)
    with one.storage() as storage:
        assert one.wait(storage, launched).status == "succeeded"
    assert len({pid for _, pid, _ in read_ledger(one)}) == 1


@pytest.mark.parametrize(("jobs", "most"), [(8, 3), (2, 2), (1, 1)])
def test_so_many_go_on_at_once_as_executor_and_run_allow(island, jobs, most):
    one = island(MANY)
    launched = one.launch(*(f"a{number}" for number in range(8)), jobs=jobs)
    with one.storage() as storage:
        assert one.wait(storage, launched).status == "succeeded"
    ledger = read_ledger(one)
    assert count_at_once(ledger) == most
    assert len({pid for _, pid, _ in ledger}) == most


def test_a_step_that_fails_or_takes_its_process_along_costs_only_what_is_below_it(island):
    one = island(ENDS)
    names = ("fine", "fails", "dies", "below_fine", "below_fails", "below_dies", "far_below")
    launched = one.launch(*names, jobs=2)
    with one.storage() as storage:
        run = one.wait(storage, launched)
        assert (run.status, statuses(storage, run)) == (
            "failed",
            {
                "fine": "succeeded",
                "fails": "failed",
                "dies": "failed",
                "below_fine": "succeeded",
                "below_fails": "skipped",
                "below_dies": "skipped",
                "far_below": "skipped",
            },
        )
        reasons = {
            event.step: event.payload["reason"] for event in storage.events.read(run.id, kinds=("step_skipped",))
        }
        assert reasons == {
            "below_fails": "step 'fails' failed",
            "below_dies": "step 'dies' failed",
            "far_below": "step 'below_fails' was skipped",
        }
        ended = storage.events.read(run.id, kinds=("stage_failed",))
        assert [sorted(event.payload["steps"]) for event in ended] == [["dies", "fails"]]


def test_ops_get_their_values_and_an_output_that_was_not_made_skips_what_needs_it(island):
    one = island(OPS)
    launched = one.launch(job="work", jobs=2)
    with one.storage() as storage:
        run = one.wait(storage, launched)
        assert (run.status, statuses(storage, run)) == (
            "succeeded",
            {
                "choose": "succeeded",
                "double": "succeeded",
                "double_2": "succeeded",
                "never": "skipped",
                "gather": "succeeded",
            },
        )


def test_a_step_that_takes_too_long_is_tried_again_or_fails_alone(island):
    one = island(LIMITED)
    launched = one.launch("second_try", "slow", "below", "after", jobs=2)
    with one.storage() as storage:
        run = one.wait(storage, launched)
        found = {"second_try": "succeeded", "slow": "failed", "below": "skipped", "after": "succeeded"}
        assert (run.status, statuses(storage, run)) == ("failed", found)
        assert run.problem["kind"] == "timeout"


def test_canceling_ends_all_of_them_and_each_tears_down(island):
    one = island(CANCELED)
    launched = one.launch(*(f"a{number}" for number in range(6)), jobs=3)
    with one.storage() as storage:
        assert until(lambda: [what for what, *_ in read_ledger(one)].count("begin") == 3)
        assert storage.runs.cancel(launched.id, reason="enough")
        run = one.wait(storage, launched)
        assert run.status == "canceled"
    found = [what for what, *_ in read_ledger(one)]
    assert (found.count("begin"), found.count("up"), found.count("down")) == (3, 3, 3)


def test_a_resource_that_can_not_be_had_ends_the_stage_once(island):
    one = island(BROKEN)
    launched = one.launch(*(f"a{number}" for number in range(6)), jobs=2)
    with one.storage() as storage:
        run = one.wait(storage, launched)
        assert run.status == "failed"
        assert "no connection" in json.dumps(run.problem)
        assert len(storage.events.read(run.id, kinds=("resource_failed",))) <= 2
    assert read_ledger(one) == []


def test_pools_hold_between_processes_of_one_run(island):
    one = island(POOLED)
    launched = one.launch(*(f"a{number}" for number in range(4)), jobs=4, groups={"narrow": 1})
    with one.storage() as storage:
        assert one.wait(storage, launched).status == "succeeded"
    assert count_at_once(read_ledger(one)) == 1


def test_a_host_that_is_killed_takes_all_of_them_along(island):
    one = island(CANCELED)
    launched = one.launch(*(f"a{number}" for number in range(6)), jobs=3)
    with one.storage() as storage:
        assert until(lambda: [what for what, *_ in read_ledger(one)].count("begin") == 3)
        os.kill(storage.runs.get(launched.id).host.pid, signal.SIGKILL)
    pids = {pid for _, pid, _ in read_ledger(one)}
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
