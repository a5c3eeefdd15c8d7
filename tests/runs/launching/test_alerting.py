"""Somebody is told of a run that has failed, and the run has ended by then."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from atoll_host.runs.launching.identity import is_gone
from atoll_host.runs.launching.settling import settle_lost
from atoll_host.runs.launching.telling import Teller
from tests_support import until

TEXT = """from atoll import *
@asset
def wrong() -> int: raise ValueError("not today")
@asset
def right() -> int: return 1
@asset
def stays() -> int:
    import time
    while True:
        try: time.sleep(60)
        except BaseException: pass
defs = Definitions(assets=[wrong, right, stays])
"""


class Hook:
    """A server that notes what it is told, and answers with given statuses in turn."""

    def __init__(self):
        hook = self
        self.told = []
        self.answers = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.told.append((self.path, self.headers["Content-Type"], json.loads(body)))
                self.send_response(hook.answers.pop(0) if hook.answers else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/s3cret"


@pytest.fixture
def hook():
    hook = Hook()
    thread = threading.Thread(target=hook.server.serve_forever, args=(0.05,))
    thread.start()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()
    thread.join()


@pytest.fixture
def island(make_island):
    return make_island(TEXT)


def alerts_of(storage, run):
    kinds = ("alert_sent", "alert_failed")
    assert until(lambda: storage.events.read(run, kinds=kinds))
    return [(event.kind, dict(event.payload)) for event in storage.events.read(run, kinds=kinds)]


def test_a_webhook_is_told_of_the_run_its_steps_and_its_problems(island, hook):
    launched = island.launch("wrong", tags={"team": "sales"}, alerts={"webhook": hook.url})
    with island.storage() as storage:
        run = island.wait(storage, launched)
        assert alerts_of(storage, run.id) == [("alert_sent", {"by": "webhook", "attempts": 1, "reason": None})]
        ((path, content, told),) = hook.told
        assert (path, content, told["event"]) == ("/hooks/s3cret", "application/json", "run_failed")
        assert (told["run"]["id"], told["run"]["status"]) == (run.id, "failed")
        assert told["run"]["tags"] == {"team": "sales"}
        assert [(step["key"], step["status"]) for step in told["run"]["steps"]] == [("wrong", "failed")]
        assert "not today" in told["problems"][0]["message"]
        assert "s3cret" not in json.dumps([dict(e.payload) for e in storage.events.read(run.id)], default=str)
        assert "s3cret" not in json.dumps(dict(run.options))


def test_nobody_is_told_of_a_run_that_went_well(island, hook):
    launched = island.launch("right", alerts={"webhook": hook.url})
    with island.storage() as storage:
        run = island.wait(storage, launched)
        assert run.status == "succeeded"
        host = run.host
    assert until(lambda: is_gone(host) is not False)
    assert hook.told == []


def test_a_webhook_that_is_busy_is_tried_again(island, hook):
    hook.answers = [503]
    launched = island.launch("wrong", alerts={"webhook": hook.url})
    with island.storage() as storage:
        assert alerts_of(storage, launched.id) == [("alert_sent", {"by": "webhook", "attempts": 2, "reason": None})]


def test_a_webhook_that_refuses_is_not_tried_again_and_the_run_says_so(island, hook):
    hook.answers = [403]
    launched = island.launch("wrong", alerts={"webhook": hook.url})
    with island.storage() as storage:
        facts = {"by": "webhook", "attempts": 1, "reason": "it answered with status 403"}
        assert alerts_of(storage, launched.id) == [("alert_failed", facts)]
        assert len(hook.told) == 1


def test_a_run_whose_own_process_was_killed_is_told_of_once_by_who_finds_that_out(island, hook):
    launched = island.launch("stays", alerts={"webhook": hook.url})
    with island.storage() as storage:
        assert until(lambda: storage.runs.get(launched.id).status == "running")
        host = storage.runs.get(launched.id).host
        os.kill(host.pid, signal.SIGKILL)
        tell = Teller(island.url, {"webhook": hook.url}, island.path, dict(os.environ))
        assert until(lambda: settle_lost(storage, tell))
        assert settle_lost(storage, tell) == 0
        assert alerts_of(storage, launched.id) == [("alert_sent", {"by": "webhook", "attempts": 1, "reason": None})]
        ((_, _, told),) = hook.told
        assert (told["run"]["id"], told["run"]["status"]) == (launched.id, "failed")
        assert told["problems"][0]["kind"] == "lost"


def test_a_run_that_was_being_canceled_when_its_process_was_killed_is_told_of_to_nobody(island, hook):
    launched = island.launch("stays", alerts={"webhook": hook.url})
    told = []
    with island.storage() as storage:
        assert until(lambda: storage.runs.get(launched.id).status == "running")
        storage.runs.cancel(launched.id)
        os.kill(storage.runs.get(launched.id).host.pid, signal.SIGKILL)
        assert until(lambda: settle_lost(storage, told.extend))
        assert (storage.runs.get(launched.id).status, told, hook.told) == ("canceled", [], [])


def test_a_teller_that_cannot_be_started_stops_nobody(tmp_path):
    Teller("sqlite:////nowhere/at.all", {"webhook": "http://127.0.0.1:9/"}, tmp_path / "gone", {})(["run"])


def test_a_command_reads_it_and_what_it_complains_of_is_remembered(island):
    program = "import sys; open('told.json', 'w').write(sys.stdin.read())"
    launched = island.launch("wrong", alerts={"command": [sys.executable, "-c", program]})
    failing = island.launch("wrong", alerts={"command": [sys.executable, "-c", "raise SystemExit('no route')"]})
    absent = island.launch("wrong", alerts={"command": ["no-such-program"]})
    with island.storage() as storage:
        assert alerts_of(storage, launched.id) == [("alert_sent", {"by": "command", "attempts": 1, "reason": None})]
        assert json.loads((island.path / "told.json").read_text())["run"]["id"] == launched.id
        ((kind, facts),) = alerts_of(storage, failing.id)
        assert (kind, facts["reason"]) == ("alert_failed", "it ended with status 1: no route")
        ((kind, facts),) = alerts_of(storage, absent.id)
        assert (kind, facts["by"]) == ("alert_failed", "command")
        assert "no-such-program" in facts["reason"]
