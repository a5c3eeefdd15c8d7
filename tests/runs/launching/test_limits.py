"""A worker that takes too much is ended, and its run says so."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from run_workspaces import write_locations

from atoll_host.envs.errors import ToolFailedError
from atoll_host.runs.launching.launcher import LocalLauncher
from atoll_host.runs.launching.request import Place, RunRequest
from atoll_host.runs.planning.plan import RunPlan, Stage, Unit
from atoll_host.runs.storage.identifiers import make_id
from atoll_host.runs.storage.store import Storage
from tests_support import until

SDK = Path(__file__).parents[3] / "sdk"
TEXT = """from atoll import *
import os, time
@asset
def hungry() -> int:
    kept = bytearray(os.urandom(1)) * 400_000_000
    time.sleep(60)
    return len(kept)
@asset
def deaf(context) -> int:
    context.log.info("begun")
    while True:
        try: time.sleep(60)
        except KeyboardInterrupt: context.log.info("not now")
@asset
def modest() -> int: return 1
defs = Definitions(assets=[hungry, deaf, modest])
"""


@pytest.fixture
def request_for(tmp_path):
    write_locations(tmp_path, {"main.py": TEXT}, {"main.py": sys.executable})

    def make(*assets, memory=None, storage=None):
        place = Place(
            executable=sys.executable,
            isolated=False,
            directory=str(tmp_path),
            search_paths=(str(tmp_path),),
            sdk=str(SDK),
            form="file",
            module="main",
            file=str(tmp_path / "main.py"),
            attribute=None,
            timeout=60,
            prefix=None,
            env_files=(),
            memory=memory,
        )
        stage = Stage(1, "main", tuple(Unit(name, (name,)) for name in assets))
        url = storage or f"sqlite:///{tmp_path / 'runs.db'}"
        return RunRequest(make_id(), url, str(tmp_path / "values"), RunPlan((stage,)), {"main": place})

    return make


def launch(request, tmp_path):
    with LocalLauncher(tmp_path, dict(os.environ)) as launcher:
        return launcher.launch(request)


def wait_for(storage, run):
    for _ in storage.events.tail(run, timeout=60):
        pass
    return storage.runs.get(run)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: memory is watched on Linux")
def test_a_worker_that_takes_too_much_memory_is_stopped_and_the_run_says_where(request_for, tmp_path):
    launched = launch(request_for("hungry", memory=200_000_000), tmp_path)
    with Storage.open(f"sqlite:///{tmp_path / 'runs.db'}") as storage:
        run = wait_for(storage, launched.id)
        assert (run.status, run.problem["kind"]) == ("failed", "memory")
        assert "more than 190.7 MiB of memory and was stopped during step 'hungry', in hungry" in run.problem["message"]
        assert run.problem["line"] in (5, 6)
        assert [step.status for step in storage.steps.list(run.id)] == ["failed"]


def test_what_does_not_end_when_it_is_canceled_is_killed_after_its_grace(request_for, tmp_path):
    launched = launch(replace(request_for("deaf"), grace=0.5), tmp_path)
    with Storage.open(f"sqlite:///{tmp_path / 'runs.db'}") as storage:
        assert until(lambda: storage.events.read(launched.id, kinds=("log",)))
        storage.runs.cancel(launched.id)
        assert wait_for(storage, launched.id).status == "canceled"
        (step,) = storage.steps.list(launched.id)
        assert (step.status, step.reason) == ("canceled", "it did not end in time and was killed")
        assert [e.payload["message"] for e in storage.events.read(launched.id, kinds=("log",))] == ["begun", "not now"]


def test_a_request_that_is_made_twice_is_carried_out_once(request_for, tmp_path):
    request = request_for("modest")
    found = [launch(request, tmp_path) for _ in range(2)]
    assert found[0] == found[1]
    with Storage.open(f"sqlite:///{tmp_path / 'runs.db'}") as storage:
        assert wait_for(storage, request.id).status == "succeeded"
        kinds = [event.kind for event in storage.events.read(request.id)]
        assert (kinds.count("step_started"), kinds.count("run_started")) == (1, 1)


def test_many_runs_at_once_all_end_well(request_for, tmp_path):
    requests = [request_for("modest") for _ in range(6)]
    threads = [threading.Thread(target=launch, args=(request, tmp_path)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Storage.open(f"sqlite:///{tmp_path / 'runs.db'}") as storage:
        assert {wait_for(storage, request.id).status for request in requests} == {"succeeded"}


def test_a_storage_that_cannot_be_opened_is_told_to_the_one_who_asked(request_for, tmp_path):
    with pytest.raises(ToolFailedError, match=r"runs\.db|main\.py"):
        launch(request_for("modest", storage=f"sqlite:///{tmp_path / 'main.py' / 'runs.db'}"), tmp_path)
    assert not (tmp_path / "values").exists()


def test_a_host_that_is_not_needed_ends_by_itself(tmp_path):
    with LocalLauncher(tmp_path, dict(os.environ)) as launcher:
        launcher.warm_up()
        host, _ = launcher._waiting
    assert host.wait(30) == 0


def test_a_request_is_the_same_after_a_journey_as_json(request_for):
    request = request_for("modest")
    assert RunRequest.from_json(request.to_json()) == request
    partial = replace(request, job="x", tags={"a": "b"}, config={"ops": {}})
    assert RunRequest.from_json(partial.to_json()) == partial
