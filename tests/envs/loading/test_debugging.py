"""A load under a debugger: it waits, an editor attaches, and breakpoints of the user's own modules are hit."""

from __future__ import annotations

import dataclasses
import socket
import threading
from pathlib import Path

import pytest
from debug_client import DebugClient

from atoll_host.envs.loading.target import Cancellation, Debug, LoadCancelledError, LoadTarget
from atoll_host.envs.loading.worker import load
from atoll_host.envs.processes import Runner
from tests_support import asset_names, until

debugpy = pytest.importorskip("debugpy", reason="platform: debugpy is an extra")
PATH = Path(debugpy.__file__).parents[1]
TEXT = (
    "from atoll import Definitions, asset\n\ncount = 41\ncount += 1\n\n\n@asset(description=str(count))\ndef orders():\n"
    "    return 1\n\n\ndefs = Definitions(assets=[orders])\n"
)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Debugged:
    """A load in a thread of its own."""

    def __init__(self, loading, text, python, path=PATH, port=None, timeout=1.0):
        file = loading.write("module.py", text)
        request = loading.request(LoadTarget("file", "module", file), python=python, timeout=timeout)
        self.port = port or free_port()
        self.request = dataclasses.replace(request, debug=Debug(self.port, path))
        self.waits = threading.Event()
        self.progress = []
        self.outcome = None
        self.cancellation = Cancellation()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        with Runner() as runner:
            try:
                self.outcome = load(runner, self.request, on_progress=self._note, cancellation=self.cancellation)
            except LoadCancelledError as error:
                self.outcome = error
        self.waits.set()

    def _note(self, said):
        self.progress.append(said)
        if said["phase"] == "waiting for a debugger":
            self.waits.set()

    def end(self):
        self.thread.join(60)
        assert not self.thread.is_alive()
        return self.outcome


@pytest.mark.parametrize("version", ["3.8", "3.10", "3.13"])
def test_a_breakpoint_of_an_editor_is_hit_while_the_module_is_imported(loading, python, version):
    one = Debugged(loading, TEXT, python(version))
    assert one.waits.wait(60)
    assert one.progress, one.outcome
    assert one.progress[0]["port"] == one.port
    with DebugClient(one.port) as client:
        client.ask("initialize", adapterID="test", clientID="test", linesStartAt1=True, pathFormat="path")
        client.send("attach", justMyCode=True)
        client.wait_for("initialized")
        client.ask("setBreakpoints", source={"path": str(loading.folder / "module.py")}, breakpoints=[{"line": 4}])
        client.ask("configurationDone")
        stopped = client.wait_for("stopped")
        assert stopped["reason"] == "breakpoint"
        (frame, *_) = client.ask("stackTrace", threadId=stopped["threadId"])["stackFrames"]
        assert (frame["line"], frame["source"]["path"]) == (4, str(loading.folder / "module.py"))
        said = client.ask("evaluate", expression="count", frameId=frame["id"])
        assert said["result"] == "41"
        client.ask("evaluate", expression="count = 99", frameId=frame["id"], context="repl")
        client.go_on(stopped)
        outcome = one.end()
    assert asset_names(outcome) == ["orders"]
    assert outcome.definitions["assets"][0]["description"] == "100"
    assert outcome.trace["sources"] == [str(loading.folder / "module.py")]


def test_breakpoint_in_the_source_stops_there_too(loading, python):
    one = Debugged(loading, TEXT.replace("count += 1", "breakpoint()"), python("3.13"))
    assert one.waits.wait(60)
    with DebugClient(one.port) as client:
        client.ask("initialize", adapterID="test")
        client.send("attach", justMyCode=True)
        client.wait_for("initialized")
        client.ask("configurationDone")
        stopped = client.wait_for("stopped")
        client.go_on(stopped)
        assert asset_names(one.end()) == ["orders"]


def test_a_load_that_waits_for_a_debugger_can_be_cancelled(loading, python):
    one = Debugged(loading, "import os\n" + TEXT, python("3.13"))
    assert one.waits.wait(60)
    # Longer than its timeout, which does not count.
    one.thread.join(1.5)
    assert one.outcome is None
    one.cancellation.cancel()
    assert isinstance(one.end(), LoadCancelledError)
    with socket.socket() as again:
        assert until(lambda: again.connect_ex(("127.0.0.1", one.port)) != 0)


def test_a_port_that_is_taken_is_said(loading, python):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        outcome = Debugged(loading, TEXT, python("3.13"), port=port).end()
    (problem,) = outcome.problems
    assert problem.kind == "not_started"
    assert f"cannot listen on 127.0.0.1:{port}" in problem.message
    assert "--debug-port" in problem.hint


def test_a_debugpy_that_is_not_there_is_said(loading, python, tmp_path):
    outcome = Debugged(loading, TEXT, python("3.8"), path=tmp_path).end()
    (problem,) = outcome.problems
    assert problem.message == "debugpy cannot be used by Python 3.8: No module named 'debugpy'"
    assert "atoll[debug]" in problem.hint
