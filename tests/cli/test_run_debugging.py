"""Runs with `--debug`: pdb in the user's terminal; and with `--debug-port`: an editor attaches."""

from __future__ import annotations

import json
import socket
import sys
import threading
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("platform: terminals are POSIX ones", allow_module_level=True)

from debug_client import DebugClient
from terminals import terminal

from tests_support import until

CODE = """\
from pathlib import Path

from atoll import Definitions, asset, multiprocess_executor, resource


@resource
def held(context):
    yield 1
    Path("torn_down").touch()


@asset
def small() -> int:
    return 1


@asset(required_resource_keys={"held"}, op_tags={"atoll/max_runtime": "1"})
def large(small) -> int:
    total = small + 41
    breakpoint()
    Path("made").write_text(str(total))
    return total


@asset
def other() -> int:
    breakpoint()
    return 5


defs = Definitions(assets=[small, large, other], resources={"held": held}, executor=multiprocess_executor)
"""
ENTRY = "  - python_file:\n      relative_path: {}.py\n      executable_path: {}\n"


@pytest.fixture
def shop(folder, python):
    def make(version=None):
        entry = ENTRY.format("shop", python(version) if version else sys.executable)
        return folder.write({"workspace.yaml": f"load_from:\n{entry}", "shop.py": CODE})

    return make


@pytest.mark.parametrize("version", ["3.8", "3.13"])
def test_a_breakpoint_stops_in_the_terminal_and_values_can_be_looked_at_and_changed(shop, version):
    folder = shop(version)
    with terminal(folder.path, "materialize", "small or large", "--debug") as told:
        line = 20 if version == "3.13" else 21  # older ones stop after the call
        told.expect(f"shop.py({line})large()").expect("(Pdb) ")
        told.answer("p total").expect("42").expect("(Pdb) ")
        told.answer("total = 7").expect("(Pdb) ").answer("c")
        told.expect("2 succeeded of 2 steps").ended(0)
    assert (folder.path / "made").read_text() == "7"


def test_steps_of_a_parallel_executor_stop_one_at_a_time(shop):
    with terminal(shop().path, "materialize", "*", "--debug", "--jobs", "4") as told:
        told.expect("(Pdb) ").answer("c").expect("(Pdb) ").answer("c").expect("3 succeeded of 3 steps").ended(0)
    assert told.shown.count("(Pdb) ") == 2


@pytest.mark.parametrize("end", ["q\n", "\x04", "\x03"], ids=["quit", "ctrl-d", "ctrl-c"])
def test_leaving_the_debugger_cancels_the_run_and_tears_down(shop, end):
    folder = shop()
    with terminal(folder.path, "materialize", "small or large", "--debug") as told:
        told.expect("(Pdb) ").type(end).expect("canceled").ended(130 if end == "\x03" else 1)
    assert (folder.path / "torn_down").exists()
    assert not (folder.path / "made").exists()


def test_a_run_that_is_not_debugged_says_at_a_breakpoint_how_it_would_be(shop):
    folder = shop()
    folder.run("materialize", "other").ended(0)
    assert "atoll materialize --debug and atoll run --debug stop there" in folder.run("runs", "logs", "1").ended(0).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--debug",), "--debug needs a terminal, and this is none"),
        (("--debug-port", "0"), "0"),
        (("--debug", "--detach"), "--debug and --detach exclude each other"),
        (("--debug-port", "5678", "--detach"), "--debug and --detach exclude each other"),
    ],
)
def test_what_can_not_be_meant_is_refused_before_anything_begins(shop, words, said):
    folder = shop()
    refused = folder.run("materialize", "*", *words).ended(2)
    assert said in refused.err
    assert not (folder.path / ".atoll/runs.db").exists()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_an_editor_attaches_and_stops_in_a_step(shop):
    pytest.importorskip("debugpy", reason="platform: debugpy is an extra")
    folder, port, done = shop(), free_port(), []

    def run():
        done.append(folder.run("materialize", "small or large", "--debug-port", str(port), "--json"))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert until(lambda: not is_free(port) or bool(done))
        with DebugClient(port) as client:
            client.ask("initialize", adapterID="test", clientID="test", linesStartAt1=True, pathFormat="path")
            client.send("attach", justMyCode=True)
            client.wait_for("initialized")
            client.ask("setBreakpoints", source={"path": str(folder.path / "shop.py")}, breakpoints=[{"line": 14}])
            client.ask("configurationDone")
            for line in (14, 21):  # where one was set, and where the code has one
                stopped = client.wait_for("stopped")
                (frame, *_) = client.ask("stackTrace", threadId=stopped["threadId"])["stackFrames"]
                assert (Path(frame["source"]["path"]).name, frame["line"]) == ("shop.py", line)
                client.go_on(stopped)
    finally:
        thread.join(60)
    assert done[0].status == 0, done[0]
    assert json.loads(done[0].out)["data"]["status"] == "succeeded"


def is_free(port):
    """Tell whether nothing listens there, without connecting: a debugger takes one client."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def test_one_port_is_for_one_location(folder):
    entries = "".join(ENTRY.format(name, sys.executable) for name in ("shop", "depot"))
    folder.write(
        {
            "workspace.yaml": f"load_from:\n{entries}",
            "shop.py": CODE,
            "depot.py": CODE.replace("small", "s").replace("large", "l").replace("other", "o"),
        }
    )
    refused = folder.run("materialize", "*", "--debug-port", "5678").ended(2)
    assert "--debug-port is for one location, and this run executes in" in refused.err
