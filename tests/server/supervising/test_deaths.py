"""Whatever dies, and whenever: it is data, it is tried again, and nothing is left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from small_modules import module

from tests_support import gone, until

KILLED = "import os, pathlib, signal\nif not pathlib.Path(__file__).with_name('alive').exists():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def workers(bench) -> list[psutil.Process]:
    """List the workers of this workspace; a server that other tests share has some of its own."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            is_worker = any("shim" in word for word in child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE
            if is_worker and Path(child.cwd()).is_relative_to(bench.path):
                found.append(child)
        except psutil.Error:
            continue
    return found


@posix
def test_a_worker_that_dies_is_tried_again_and_what_was_good_stays(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    bench.save("a/defs.py", module("two", before=KILLED))
    bench.until(lambda: bench.state("a").word == "stale")
    assert bench.assets("a") == ["one"]
    assert bench.state("a").retry_at is not None
    assert bench.state("a").retry_at - time.time() < 1.5
    bench.until(lambda: len(bench.history("a")) == 3)
    assert bench.history("a")[2] == ("worker died (retry 1)", "failed")
    bench.write({"a/alive": ""})
    bench.until_assets("a", "two")
    assert bench.state("a").retry_at is None
    assert [trigger for trigger, _ in bench.history("a")][-1] in {"worker died (retry 2)", "added a/alive"}


@posix
def test_an_edit_ends_the_waiting_for_another_try(bench):
    bench.locate("a").write({"a/defs.py": KILLED + module("one")})
    bench.start()
    assert bench.state("a").retry_at is not None
    bench.save("a/defs.py", module("two"))
    bench.until_assets("a", "two")
    assert bench.state("a").retry_at is None
    bench.quiet(1.5)
    assert [trigger for trigger, _ in bench.history("a") if trigger.startswith("worker")] == []


def test_an_error_in_the_code_and_a_timeout_are_not_tried_again(bench):
    bench.locate("a").write({"a/defs.py": "import time\ntime.sleep(60)\n"})
    text = (bench.path / "workspace.yaml").read_text()
    bench.save("workspace.yaml", text.replace('"location_name"', '"timeout": 0.5, "location_name"'))
    bench.start()
    assert bench.state("a").report.problems[0].kind == "timeout"
    assert bench.state("a").retry_at is None


@posix
def test_a_worker_that_is_killed_while_it_loads_is_tried_again(bench):
    bench.locate("a").write({"a/defs.py": module("one", before="import time\ntime.sleep(2)\n")})
    bench.start(settle=False)
    bench.until(lambda: bench.live.states and bench.state("a").activity == "loading" and workers(bench))
    workers(bench)[0].kill()
    bench.until(lambda: len(bench.history("a")) == 1)
    assert bench.history("a") == [("start", "failed")]
    bench.until_assets("a", "one")
    assert bench.history("a")[1:] == [("worker died (retry 1)", "loaded")]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="warm parents are for Linux")
def test_a_warm_parent_that_is_killed_costs_one_fresh_load(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    bench.save("a/defs.py", module("two"))
    bench.until_assets("a", "two")
    bench.until(lambda: bench.state("a").warm)
    workers(bench)[0].kill()
    bench.save("a/defs.py", module("three"))
    bench.until_assets("a", "three")
    assert bench.state("a").history[0].way == "fresh"
    bench.until(lambda: bench.state("a").warm)
    bench.save("a/defs.py", module("four"))
    bench.until_assets("a", "four")
    assert bench.state("a").history[0].way == "warm"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="warm parents are for Linux")
def test_a_warm_load_that_is_killed_is_tried_again(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    bench.save("a/defs.py", module("two"))
    bench.until_assets("a", "two")
    bench.until(lambda: bench.state("a").warm)
    before = {worker.pid for worker in workers(bench)}
    bench.save("a/defs.py", module("three", before="import time\ntime.sleep(1.5)\n"))
    bench.until(lambda: {worker.pid for worker in workers(bench)} - before)
    for pid in {worker.pid for worker in workers(bench)}:
        os.kill(pid, signal.SIGKILL)
    bench.until_assets("a", "three")


def test_closing_while_everything_is_under_way_takes_a_second_at_most(bench):
    names = [f"l{number}" for number in range(6)]
    bench.locate(*names).write({f"{name}/defs.py": "import time\ntime.sleep(60)\n" for name in names})
    bench.start(settle=False)
    bench.until(lambda: len(workers(bench)) >= 1)
    running = workers(bench)
    assert bench.close() < 1.5
    assert until(lambda: all(gone(worker.pid) for worker in running), seconds=5)


def test_a_snapshot_that_was_just_loaded_is_kept_at_the_end(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    bench.save("a/defs.py", module("two"))
    bench.until(lambda: bench.assets("a") == ["two"])
    bench.close()
    assert '"two"' in (bench.path / ".atoll/snapshots/a.json").read_text()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_state_folder_that_cannot_be_written_still_shows(bench):
    _check_unkept(bench, lambda: (bench.path / ".atoll/snapshots").chmod(0o500))


def test_snapshots_that_cannot_be_kept_are_shown_with_a_warning(bench):
    bench.locate("a").write({"a/defs.py": module("one"), ".atoll/snapshots": "no folder"})
    bench.start()
    assert bench.assets("a") == ["one"]
    bench.until(lambda: [finding.problem.kind for finding in bench.live.findings] == ["snapshot_not_kept"])
    bench.save("a/defs.py", module("two"))
    bench.until_assets("a", "two")
    bench.save("a/defs.py", "import atoll\n)")
    bench.until(lambda: bench.state("a").word == "stale")
    assert bench.assets("a") == ["two"]


def _check_unkept(bench, spoil) -> None:
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    spoil()
    bench.save("a/defs.py", module("two"))
    bench.until_assets("a", "two")


HOST = """
import sys, time
from pathlib import Path
from atoll_host.cli.rendering import Renderer
from atoll_host.cli.session import Session
from atoll_host.envs.processes import Runner
from atoll_host.server.supervising.supervisor import Supervisor
session = Session(Renderer(as_json=False), Runner(alone=True), None)
supervisor = Supervisor(open_workspace=lambda: session.workspace, make_loader=lambda _: session.loader)
supervisor.start()
while True:
    states = supervisor.hub.current.states.values()
    print(*(f"{state.name}={state.word}/{state.activity}/{state.warm}" for state in states), flush=True)
    time.sleep(0.05)
"""


@pytest.mark.timeout(60)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="lifelines that end what holds the GIL are for Linux")
def test_nothing_remains_of_a_host_that_is_killed(bench):
    bench.locate("a", "b").write({"a/defs.py": module("one"), "b/defs.py": "import time\ntime.sleep(120)\n"})

    host = subprocess.Popen([sys.executable, "-c", HOST], cwd=bench.path, stdout=subprocess.PIPE, text=True)
    try:
        for line in host.stdout:
            if "a=loaded/idle" in line:
                break
        bench.save("a/defs.py", module("two"))
        for line in host.stdout:
            if "a=loaded/idle/True" in line:
                break
        running = [child.pid for child in psutil.Process(host.pid).children(recursive=True)]
        assert len(running) >= 2
    finally:
        host.kill()
        host.wait()
        host.stdout.close()
    assert until(lambda: all(gone(pid) for pid in running), seconds=10)
    assert Path(bench.path / "a").is_dir()


@pytest.mark.soak
@posix
def test_whatever_is_killed_in_whatever_moment_the_newest_content_is_shown_in_the_end(bench):
    chance = random.Random(11)
    bench.locate("a", "b").write({"a/defs.py": module("n0"), "b/defs.py": module("m0")})
    bench.start()
    for number in range(120):
        name = chance.choice("ab")
        bench.save(
            f"{name}/defs.py", module(f"n{number}", before=f"import time\ntime.sleep({chance.choice([0, 0, 0.05])})\n")
        )
        time.sleep(chance.choice([0, 0.01, 0.05, 0.2]))
        for worker in workers(bench):
            if chance.random() < 0.5:
                worker.kill()
    for name in "ab":
        bench.save(f"{name}/defs.py", module("last"))
    bench.until_assets("a", "last")
    bench.until_assets("b", "last")
