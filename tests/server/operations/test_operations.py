"""What a server does with runs: real ones, of a workspace that was loaded before."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace

import pytest
from operating import load_operations, wait_for_end
from run_workspaces import write_locations

from atoll_host.envs.errors import UsageError
from atoll_host.runs.planning.drafting import UnloadableError
from atoll_host.runs.planning.planner import Wanted
from atoll_host.runs.storage.errors import NoRunError
from atoll_host.runs.storage.records import RunFilter
from atoll_host.server.operations import operations as module
from tests_support import until

FLAKY = """
from atoll import *
import pathlib, time
HERE = pathlib.Path(__file__).parent

@asset
def first() -> int:
    return 1

@asset
def second(first: int) -> int:
    if not (HERE / "mended").exists():
        raise RuntimeError("not yet")
    return first + 1

@asset(partitions_def=StaticPartitionsDefinition(["a", "b"]))
def split(context) -> str:
    return context.partition_key

@asset
def slow() -> int:
    (HERE / "slow").touch()
    time.sleep(600)

@op
def one():
    return 1

@op
def two(x):
    if not (HERE / "mended").exists():
        raise RuntimeError("not yet")

@job
def counting():
    two(one())

defs = Definitions(assets=[first, second, split, slow], jobs=[counting])
"""
FILES = {"main.py": FLAKY, "broken.py": "from atoll import *\n1 / 0\n"}


@pytest.fixture(scope="module")
def operations(tmp_path_factory):
    folder = write_locations(tmp_path_factory.mktemp("operations"), FILES, dict.fromkeys(FILES, sys.executable))
    operations = load_operations(folder)
    operations.folder = folder
    assert operations.read() is None
    yield operations
    operations.close()


def test_a_look_makes_no_database(operations):
    assert operations.instance.has_storage() == (operations.read() is not None)


def test_a_selection_is_planned_and_nothing_is_started(operations):
    plan = operations.plan_assets("second+", Wanted())
    assert plan.assets == ("second",)
    assert plan.stored == ("first",)


def test_what_is_launched_is_remembered_and_can_be_tried_again_when_it_failed(operations):
    launched = operations.launch_assets("+second", Wanted(), tags={"team": "sales"})
    run = wait_for_end(operations, launched)
    assert (run.status, run.selection, run.tags) == ("failed", "+second", {"team": "sales"})
    with pytest.raises(UsageError, match="has failed already"):
        operations.cancel(str(run.number))
    mended = operations.folder.path / "mended"
    mended.touch()
    again = wait_for_end(operations, operations.retry(str(run.number)))
    assert (again.status, again.parent, again.tags) == ("succeeded", run.id, {"team": "sales"})
    storage = operations.read()
    assert [step.key for step in storage.steps.list(again.id)] == ["second"]
    with pytest.raises(UsageError, match="succeeded"):
        operations.retry(again.id)
    every = wait_for_end(operations, operations.retry(run.id, from_failure=False))
    assert sorted(step.key for step in storage.steps.list(every.id)) == ["first", "second"]
    mended.unlink()


def test_of_a_job_only_what_failed_is_tried_again(operations):
    run = wait_for_end(operations, operations.launch_job("main", "counting", Wanted()))
    assert (run.status, run.job, run.location) == ("failed", "counting", "main")
    mended = operations.folder.path / "mended"
    mended.touch()
    again = wait_for_end(operations, operations.retry(run.id))
    mended.unlink()
    assert again.status == "succeeded"
    assert [step.key for step in operations.read().steps.list(again.id)] == ["two"]


def test_a_partition_is_made_and_has_to_be_chosen(operations):
    with pytest.raises(UsageError):
        operations.plan_assets("split", Wanted())
    run = wait_for_end(operations, operations.launch_assets("split", Wanted("b")))
    assert (run.status, run.partition) == ("succeeded", "b")
    assert operations.read().runs.list(RunFilter(asset="split", partition="b")).runs[0].id == run.id


def test_a_run_is_canceled(operations):
    launched = operations.launch_assets("slow", Wanted())
    assert until((operations.folder.path / "slow").exists)
    operations.cancel(launched.id)
    assert wait_for_end(operations, launched).status == "canceled"


def test_what_cannot_be_done_is_said(operations):
    with pytest.raises(UnloadableError, match="division by zero"):
        operations.launch_job("broken", "anything", Wanted())
    with pytest.raises(NoRunError):
        operations.retry("987654")
    with pytest.raises(UsageError, match="no job"):
        operations.plan_job("main", "nothing", Wanted())


def test_a_launch_waits_for_loads_that_are_under_way(operations, monkeypatch):
    hub = operations.hub
    before = hub.current

    def change(**facts):
        states = {**before.states, "main": replace(before.states["main"], **facts)}
        hub.change("activity", lambda live: replace(before, states=states), "main")

    launched = []
    change(activity="loading")
    thread = threading.Thread(target=lambda: launched.append(operations.launch_assets("first", Wanted())))
    thread.start()
    change(activity="loading", progress="main")
    assert not launched
    change(activity="idle")
    thread.join(60)
    assert wait_for_end(operations, launched[0]).status == "succeeded"
    monkeypatch.setattr(module, "_PATIENCE", 0.01)
    change(activity="loading")
    assert wait_for_end(operations, operations.launch_assets("first", Wanted())).status == "succeeded"
    hub.change("loaded", lambda live: before)
