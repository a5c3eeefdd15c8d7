"""News of runs: told while somebody listens, also of a database that another process makes later."""

from __future__ import annotations

import threading

import pytest

from atoll_host.envs.layout import StateFolder
from atoll_host.runs.instance import Instance
from atoll_host.runs.storage.records import Event, Host, NewRun
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LiveWorkspace
from atoll_host.server.operations import news
from atoll_host.server.operations.news import RunNews
from atoll_host.server.operations.operations import Operations
from atoll_host.server.web.events import Client
from atoll_host.workspace.location import Workspace
from tests_support import until


@pytest.fixture
def operations(tmp_path):
    hub = Hub()
    hub.change("workspace", lambda live: LiveWorkspace(workspace=Workspace(tmp_path, None, ())))
    operations = Operations(hub)
    yield operations
    operations.close()


@pytest.fixture
def told(operations):
    heard = []
    run_news = RunNews(operations, heard.append)
    heard_of = type("Heard", (), {"events": heard, "news": run_news})
    yield heard_of
    run_news.close()


def test_a_database_that_another_makes_later_is_noticed_and_each_run_is_told(operations, told, tmp_path):
    told.news.join()
    assert operations.read() is None
    with Instance(StateFolder(tmp_path / ".atoll")).open_storage() as other:
        run = other.runs.create(NewRun(selection="*"))
        assert until(lambda: told.events)
        count = len(told.events)
        other.runs.take(run.id, Host("elsewhere", 1), lease=3600)
        assert until(lambda: [run.id] in told.events[count:])
        count = len(told.events)
        other.runs.update_status(run.id, "running")
        other.events.append(run.id, [Event(1, 1.0, "log", payload={"message": "hello"})])
        assert until(lambda: [run.id] in told.events[count:])
        count = len(told.events)
        other.logs.append(run.id, b"printed", start=0)
        assert until(lambda: [run.id] in told.events[count:])


def test_nothing_is_watched_when_nobody_listens_any_more(operations, told, monkeypatch):
    monkeypatch.setattr(news, "_LINGER", 0.1)
    assert not told.news.is_watching
    operations.open()
    told.news.join()
    assert until(lambda: told.events == [[]])
    told.news.leave()
    assert until(lambda: not told.news.is_watching)
    told.news.join()
    assert told.news.is_watching
    assert until(lambda: told.events == [[], []])


def test_a_database_that_was_removed_is_one_that_is_not_there(operations, told):
    storage = operations.open()
    told.news.join()
    assert until(lambda: told.events)
    for file in operations.instance.state.path.glob("runs.db*"):
        file.unlink()
    assert until(lambda: operations.read() is None)
    count = len(told.events)
    other = operations.open()
    assert other is not storage
    run = other.runs.create(NewRun())
    assert until(lambda: told.events[count:])
    assert operations.read().runs.get(run.id).number == 1


def test_runs_of_events_that_wait_for_a_slow_client_are_put_together():
    client = Client()
    for revision, runs in enumerate((["a"], ["b", "a"]), 1):
        client.put({"kind": "runs", "revision": revision, "location": None, "at": 0.0, "runs": runs})
    (event,) = client.take()
    assert (event["revision"], event["runs"]) == (2, ["a", "b"])
    client.put({"kind": "runs", "revision": 3, "location": None, "at": 0.0, "runs": ["a"]})
    client.put({"kind": "runs", "revision": 4, "location": None, "at": 0.0, "runs": []})
    assert client.take()[0]["runs"] == []


def test_a_thread_can_be_closed_while_it_waits(operations, told):
    told.news.join()
    told.news.close()
    assert until(lambda: not any(thread.name == "atoll-run-news" for thread in threading.enumerate()))
