"""The queue: runs are planned and launched once, so many at a time, and what can't be is said."""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import replace

import pytest
from real_locations import open_workspace
from run_workspaces import write_locations

from atoll_host.envs.errors import Problem, ToolFailedError
from atoll_host.runs.instance import Alerts, Concurrency
from atoll_host.runs.launching.identity import get_machine
from atoll_host.runs.launching.launcher import Launched, LocalLauncher
from atoll_host.runs.queueing.dispatching import Dispatcher
from atoll_host.runs.queueing.requesting import make_queued_run
from atoll_host.runs.storage.records import Host, NewRun
from atoll_host.runs.storage.store import Storage
from tests_support import until

TEXT = """
from atoll import Definitions, StaticPartitionsDefinition, asset, define_asset_job, job, op

@asset
def numbers(): return [1, 2]

@asset(partitions_def=StaticPartitionsDefinition(["a", "b"]))
def parted(): return 1

@op
def work(): return 1

@job
def nightly(): work()

defs = Definitions(assets=[numbers, parted], jobs=[nightly, define_asset_job("making", selection=[numbers])])
"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = write_locations(tmp_path_factory.mktemp("dispatching"), {"main.py": TEXT}, {"main.py": sys.executable})
    with open_workspace(folder.path) as found:
        yield found


class Hosts:
    """Stands for the processes of runs: each takes its run, if it is the first."""

    def __init__(self, storage):
        self.storage = storage
        self.requests = []
        self.taken = []

    def launch(self, request):
        self.requests.append(request)
        host = Host("machine", 1000 + len(self.requests), 1.0)
        new = request.make_new_run({})
        if self.storage.runs.take(request.id, host, lease=3600, planned=new):
            self.taken.append(request.id)
            self.storage.runs.update_status(request.id, "running")
        return Launched(request.id, 1)


@pytest.fixture
def hosts(storage):
    return Hosts(storage)


@pytest.fixture
def dispatch(storage, opened, hosts):
    def make(*, runs=10, at=None, launch=None):
        instance = replace(opened.instance, concurrency=Concurrency(runs=runs))
        return Dispatcher(at or storage, opened.source, launch or hosts, instance)

    return make


def ask(storage, **facts):
    return storage.runs.create(make_queued_run(**facts))


def test_jobs_assets_and_selections_are_planned_and_launched(storage, dispatch, hosts):
    runs = [
        ask(storage, location="main", job="nightly", tags={"a": "b"}),
        ask(storage, location="main", job="making"),
        ask(storage, location="main", assets=["parted"], partition="b"),
        ask(storage, selection="key:numbers", jobs=3, timeout=9.0),
    ]
    assert dispatch().run_once() == 0
    first, second, third, fourth = hosts.requests
    assert [request.id for request in hosts.requests] == [run.id for run in runs]
    assert (first.kind, first.job, first.location, first.tags) == ("job", "nightly", "main", {"a": "b"})
    assert second.plan.assets == ("numbers",)
    assert (third.plan.assets, third.plan.partition, third.kind) == (("parted",), "b", "assets")
    assert (fourth.plan.assets, fourth.jobs, fourth.timeout) == (("numbers",), 3, 9.0)
    assert storage.runs.get(runs[2].id).options["plan"]["partition"] == "b"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"location": "main", "job": "weekly"}, "There is no job 'main:weekly'"),
        ({"location": "main", "assets": ["gone"]}, "There is no asset 'gone' that can be made"),
        ({"location": "main", "assets": ["parted"]}, "no partition is chosen"),
        ({"location": "main", "assets": ["parted"], "partition": "z"}, "There is no partition 'z'"),
        ({"selection": "and and"}, "unexpected"),
        ({"selection": "key:nothing"}, "chooses nothing that can be made"),
    ],
)
def test_what_can_not_be_planned_ends_as_failed_with_the_reason(storage, dispatch, hosts, facts, said):
    run = ask(storage, **facts)
    fine = ask(storage, location="main", job="nightly")
    assert dispatch().run_once() == 0
    found = storage.runs.get(run.id)
    assert found.status == "failed"
    assert said in found.reason
    assert said in found.problem["message"]
    assert hosts.taken == [fine.id]


def test_who_wants_to_know_is_told_of_a_run_that_could_not_be_started(storage, url, opened, hosts, tmp_path):
    heard = tmp_path / "heard.json"
    command = (sys.executable, "-c", f"import sys; open({str(heard)!r}, 'w').write(sys.stdin.read())")
    instance = replace(opened.instance, url=url, alerts=Alerts(command))
    run = ask(storage, location="main", job="weekly")
    Dispatcher(storage, opened.source, hosts, instance).run_once()
    assert until(lambda: storage.events.read(run.id, kinds=("alert_sent",)))
    told = json.loads(heard.read_text())
    assert (told["run"]["id"], told["run"]["status"]) == (run.id, "failed")
    assert "There is no job 'main:weekly'" in told["problems"][0]["message"]


def test_no_more_go_on_at_once_than_the_instance_allows(storage, dispatch, hosts):
    runs = [ask(storage, location="main", job="nightly") for _ in range(5)]
    dispatcher = dispatch(runs=2)
    assert dispatcher.run_once() == 3
    assert dispatcher.run_once() == 3
    assert hosts.taken == [run.id for run in runs[:2]]
    storage.runs.update_status(runs[0].id, "succeeded")
    assert dispatcher.run_once() == 2
    assert hosts.taken == [run.id for run in runs[:3]]


def test_many_dispatchers_launch_each_run_once_and_keep_the_bound(url, storage, dispatch, hosts):
    runs = [ask(storage, location="main", job="nightly") for _ in range(12)]
    others = [Storage.open(url) for _ in range(4)]
    most = 0
    try:
        dispatchers = [dispatch(runs=3, at=other) for other in others]
        while len(hosts.taken) < len(runs):
            threads = [threading.Thread(target=dispatcher.run_once) for dispatcher in dispatchers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            counts = storage.runs.count()
            most = max(most, counts["running"])
            running = [run for run in runs if storage.runs.get(run.id).status == "running"]
            storage.runs.update_status(running[0].id, "succeeded")
    finally:
        for other in others:
            other.close()
    assert sorted(hosts.taken) == sorted(run.id for run in runs)
    assert len(hosts.requests) == len(runs)
    assert most == 3


def test_a_run_of_a_broken_location_waits_and_says_why_and_those_behind_it_go_on(storage, opened, dispatch, hosts):
    run = ask(storage, location="main", job="nightly")
    whole = list(opened.reports)
    broken = replace(whole[0], status="failed", problems=(Problem("exception", "KeyError"),))
    dispatcher = dispatch()
    opened.reports[:] = [broken]
    try:
        assert dispatcher.run_once() == 1
        assert "main is broken: KeyError" in dispatcher.waiting[run.id]
        assert storage.runs.get(run.id).status == "queued"
        bad = ask(storage, selection="and and")
        assert dispatcher.run_once() == 1
        assert storage.runs.get(bad.id).status == "failed"
    finally:
        opened.reports[:] = whole
    assert dispatcher.run_once() == 0
    assert hosts.taken == [run.id]
    assert dispatcher.waiting == {}


def test_a_run_of_a_location_that_is_not_known_here_is_left_to_others_for_a_while(
    storage, dispatch, hosts, monkeypatch
):
    run = ask(storage, location="elsewhere", job="nightly")
    dispatcher = dispatch()
    assert dispatcher.run_once() == 1
    assert dispatcher.waiting == {run.id: "There is no location 'elsewhere' here"}
    monkeypatch.setattr("atoll_host.runs.queueing.dispatching._PATIENCE", 0.0)
    assert dispatcher.run_once() == 0
    assert storage.runs.get(run.id).reason == "it could not be started: There is no location 'elsewhere' here"
    assert hosts.requests == []


def test_a_run_whose_process_can_not_be_started_is_tried_again_and_then_fails(storage, dispatch):
    run = ask(storage, location="main", job="nightly")
    tries = []

    def launch(request):
        tries.append(request.id)
        raise ToolFailedError("No more processes")

    dispatcher = dispatch(launch=launch)
    assert [dispatcher.run_once() for _ in range(3)] == [1, 1, 0]
    assert tries == [run.id] * 3
    assert storage.runs.get(run.id).reason == "it could not be started: No more processes"


def test_a_dispatcher_that_died_while_it_launched_leaves_its_place_to_the_next(storage, dispatch, hosts):
    run = ask(storage, location="main", job="nightly")
    assert storage.slots.acquire({"dispatching": 1}, "somebody", lease=3600)
    assert dispatch().run_once() == 1
    storage.slots.release("somebody")
    assert storage.slots.acquire({"dispatching": 1}, f"{get_machine()}|{2**22 + 1}|1.0|1", lease=3600)
    assert dispatch().run_once() == 0
    assert hosts.taken == [run.id]


def test_a_canceled_run_and_one_that_has_a_process_are_nothing_for_the_queue(storage, dispatch, hosts):
    canceled = ask(storage, location="main", job="nightly")
    storage.runs.cancel(canceled.id)
    storage.runs.create(NewRun(job="nightly", location="main"))
    assert dispatch().run_once() == 0
    assert hosts.requests == []


def test_a_queued_run_is_carried_out_in_a_process_of_its_own(storage, opened):
    run = ask(storage, location="main", assets=["numbers"])
    instance = replace(opened.instance, url=f"sqlite:///{storage.where}")
    with LocalLauncher(opened.session.workspace.root, dict(os.environ)) as launcher:
        dispatcher = Dispatcher(storage, opened.source, launcher, instance)
        dispatcher.start()
        try:
            assert until(lambda: storage.runs.get(run.id).is_final, seconds=120)
        finally:
            dispatcher.stop()
    found = storage.runs.get(run.id)
    assert (found.status, found.reason) == ("succeeded", None)
    assert storage.assets.latest("numbers").run == run.id
    assert found.options["plan"]["stages"][0]["location"] == "main"
    assert found.options["request"] == {"location": "main", "assets": ["numbers"]}
