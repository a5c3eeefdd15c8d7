"""Warm loads: what comes of one is what a load in a process of its own comes to, whatever user code does."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from atoll_host.envs.loading.target import Cancellation, LoadCancelledError, LoadTarget
from atoll_host.envs.loading.warm import SUPPORTED
from tests_support import asset_names, gone, until

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="platform: warm parents are Linux's own")

GOOD = "import json, decimal, csv\nimport atoll\ndefs = atoll.Definitions()\n"
ASSETS = (
    "import json, decimal, csv\nimport atoll\n\n@atoll.asset(description='{}')\ndef orders():\n    return 1\n\n"
    "@atoll.asset\ndef sales(orders):\n    return 2\n\ndefs = atoll.Definitions(assets=[orders, sales])\n"
)

SAMPLES = [
    pytest.param(ASSETS, id="assets"),
    pytest.param(GOOD + "import helper\nassert helper.value == 2\n", id="own-module"),
    pytest.param(GOOD + "x = (\n", id="syntax-error"),
    pytest.param(GOOD + "import nowhere_to_be_found\n", id="missing-package"),
    pytest.param(GOOD + "from helper import nothing\n", id="missing-name"),
    pytest.param(GOOD + "json.loads('{')\n", id="exception-in-a-library"),
    pytest.param(GOOD + "def f():\n    raise ValueError('no luck')\n\n\nf()\n", id="exception"),
    pytest.param(GOOD + "def f():\n    f()\n\n\nf()\n", id="recursion"),
    pytest.param(GOOD + "raise KeyboardInterrupt\n", id="keyboard-interrupt"),
    pytest.param(GOOD + "import sys\nsys.exit('bye')\n", id="sys-exit"),
    pytest.param(GOOD + "defs = 3\n", id="wrong-type"),
    pytest.param(GOOD + "other = atoll.Definitions(metadata={'a': 1})\n", id="two"),
    pytest.param(ASSETS.replace("assets=[orders, sales]", "assets=[sales, sales]"), id="duplicate"),
    pytest.param(ASSETS.replace("def sales(orders)", "def sales(order)"), id="unknown-input"),
    pytest.param(GOOD + "del atoll\nraise atoll\n", id="name-error"),
    pytest.param(GOOD + "import os\nos.environ.clear()\nos.chdir('/')\n", id="changed-process"),
    pytest.param(GOOD + "import os\nos.closerange(3, 64)\nos.close(0)\nos.close(1)\nos.close(2)\n", id="closed-descriptors"),
    pytest.param(GOOD + "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n", id="thread"),
    pytest.param(GOOD + "import atexit, time\natexit.register(time.sleep, 600)\n", id="at-exit"),
    pytest.param(GOOD + "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\n", id="daemon"),
    pytest.param(GOOD + "import signal\nsignal.signal(signal.SIGIO, signal.SIG_IGN)\n", id="deaf"),
    pytest.param(GOOD + "import sys\nsys.stdout = sys.stderr = None\n", id="no-streams"),
    pytest.param(GOOD + "import json\njson.dumps = None\nimport builtins\nbuiltins.open = None\n", id="broken-library"),
]  # fmt: skip


@pytest.mark.parametrize("text", SAMPLES)
def test_a_warm_load_says_what_a_fresh_one_says(warm, loading, text):
    loading.write("helper.py", "value = 2\n")
    # What it says of its imports must be the same before.
    one = warm(GOOD + "".join(line + "\n" for line in text[len(GOOD) :].splitlines() if is_held(line)))
    outcome = one.load(text)
    fresh = one.fresh()
    assert outcome is not None, one.parent.failed_reason
    assert (outcome.way, fresh.way) == ("warm", "fresh")
    assert one.said(outcome) == one.said(fresh)
    assert outcome.worker["python"] == fresh.worker["python"]
    assert outcome.worker["sdk"] == fresh.worker["sdk"]
    # A second time too: nothing is left of the first.
    assert one.said(one.load()) == one.said(fresh)


def is_held(line):
    return line.startswith(
        ("import os", "import sys", "import threading", "import atexit", "import signal", "import json")
    )


ENDS = [
    pytest.param("import os\nos._exit(0)\n", "exited", id="os-exit"),
    pytest.param("import os\nos.abort()\n", "crashed", id="abort"),
    pytest.param("import os, signal\nos.kill(os.getpid(), 9)\n", "crashed", id="killed"),
    pytest.param("import os\nos.closerange(0, 70000)\n", "protocol", id="closerange"),
    pytest.param("import os, sys\nos.execv(sys.executable, [sys.executable, '-c', 'pass'])\n", "exited", id="exec"),
]


@pytest.mark.parametrize(("text", "kind"), ENDS)
def test_a_fork_without_an_answer_leaves_the_verdict_to_a_fresh_load(warm, text, kind):
    one = warm("import os, sys, signal\n" + GOOD)
    assert one.load("import os, sys, signal\n" + GOOD + text) is None
    assert [problem.kind for problem in one.fresh().problems] == [kind]
    # The parent is as good as ever.
    assert one.load("import os, sys, signal\n" + GOOD).problems == ()


def test_what_it_prints_is_its_output_however_much_it_is(warm):
    one = warm(GOOD)
    outcome = one.load(GOOD + "print('first')\nfor _ in range(30):\n    print('x' * 1_000_000)\n")
    assert outcome.output.text.startswith("first\n")
    assert 30_000_000 < outcome.output.size < 31_000_000
    outcome = one.load(GOOD + "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(\"said\")'])\n")
    assert outcome.output.text == "said\n"


def test_a_trace_is_as_complete_as_that_of_a_fresh_load(warm, loading):
    loading.write("helper.py", "value = 1\n")
    loading.write("data/one.csv", "a\n")
    text = GOOD + (
        "import os, helper, tempfile\nopen('data/one.csv').read()\nos.listdir('data')\nos.environ.get('ISLAND')\n"
        "tempfile.mkstemp()\n"
    )
    one = warm(text)
    outcome = one.load()
    assert outcome.trace == one.first.trace
    broken = one.load(text + "import broken\n")
    assert broken.problems
    assert str(loading.folder / "module.py") in broken.trace["sources"]
    loading.write("broken.py", "x = (\n")
    assert str(loading.folder / "broken.py") in one.load().trace["sources"]


def test_each_fork_has_a_temporary_folder_of_its_own(warm, loading):
    text = GOOD + "import os, tempfile\nopen('said', 'w').write(tempfile.gettempdir() + ' ' + os.environ['TMPDIR'])\n"
    one = warm(text)
    folders = set()
    for _ in range(2):
        assert one.load() is not None
        named, variable = (loading.folder / "said").read_text().split()
        assert named == variable
        assert not Path(named).exists()
        folders.add(named)
    assert len(folders) == 2


def test_a_hang_is_given_up_and_the_parent_with_it(warm):
    one = warm(GOOD)
    pid = one.parent.pid
    started = time.monotonic()
    assert one.load(GOOD + "while True:\n    pass\n") is None
    assert time.monotonic() - started < 30
    assert "longer" in one.parent.failed_reason
    assert one.parent.gave_up_after >= 2
    assert not one.parent.usable(one.request())
    assert until(lambda: gone(pid))


def test_a_timeout_shows_where_it_was(warm):
    one = warm(GOOD, timeout=1.0)
    outcome = one.load(GOOD + "import re\n\nre.match('(a+)+$', 'a' * 64 + 'b')\n")
    (problem,) = outcome.problems
    assert (problem.kind, problem.line) == ("timeout", 6)


def test_too_much_memory_is_said_with_its_line(warm, loading):
    import dataclasses

    one = warm(GOOD)
    loading.write("module.py", GOOD + "x = []\nwhile True:\n    x.append(b'x' * 1_000_000)\n")
    outcome = one.parent.load(dataclasses.replace(one.request(), memory=200 * 1024**2))
    (problem,) = outcome.problems
    assert problem.kind == "memory"
    assert problem.line in (5, 6)


def test_descendants_end_with_the_load(warm, loading):
    note = loading.folder / "pid"
    one = warm(GOOD + "import os, time\n")
    outcome = one.load(
        GOOD + "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        f"        open({str(note)!r}, 'w').write(str(os.getpid()))\n        time.sleep(600)\n    os._exit(0)\nos.wait()\n"
        f"while not os.path.exists({str(note)!r}) or not os.path.getsize({str(note)!r}):\n    time.sleep(0.01)\n"
    )
    assert outcome.problems == ()
    assert until(lambda: gone(int(note.read_text())))
    assert not gone(one.parent.pid)


BUSY = GOOD + "import os\nopen('pid.new', 'w').write(str(os.getpid()))\nos.rename('pid.new', 'pid')\n"


def start_busy_load(one, loading, busy, **options):
    loading.write("module.py", BUSY + busy)
    answers = []

    def run():
        try:
            answers.append(one.parent.load(one.request(), **options))
        except LoadCancelledError as error:
            answers.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert until((loading.folder / "pid").exists)
    return thread, answers, int((loading.folder / "pid").read_text())


C_CALL = "import re\nre.match('(a+)+$', 'a' * 64 + 'b')\n"


@pytest.mark.parametrize("busy", ["while True: pass\n", C_CALL], ids=["python-loop", "c-call"])
def test_a_load_is_cancelled_at_once(warm, loading, busy):
    one = warm(GOOD + "import os\n", timeout=600)
    cancellation = Cancellation()
    thread, answers, pid = start_busy_load(one, loading, busy, cancellation=cancellation)
    cancellation.cancel()
    thread.join(60)
    assert isinstance(answers[0], LoadCancelledError)
    assert gone(pid)
    assert one.parent.failed_reason is None
    assert one.load(GOOD + "import os\n").problems == ()


@pytest.mark.parametrize("milliseconds", [0, 1, 2, 3, 5, 8])
def test_a_load_is_cancelled_at_any_moment_and_the_next_one_is_as_ever(warm, milliseconds):
    one = warm(GOOD)
    for _ in range(3):
        cancellation = Cancellation()
        timer = threading.Timer(milliseconds / 1000, cancellation.cancel)
        timer.start()
        with contextlib.suppress(LoadCancelledError):
            assert one.load(cancellation=cancellation).problems == ()
        timer.join()
        assert one.load().problems == ()


def test_a_fork_that_is_killed_comes_to_nothing(warm, loading):
    one = warm(GOOD + "import os\n", timeout=600)
    thread, answers, pid = start_busy_load(one, loading, C_CALL)
    os.kill(pid, signal.SIGKILL)
    thread.join(60)
    assert answers == [None]
    assert one.load(GOOD + "import os\n").problems == ()


def test_a_parent_that_is_killed_is_usable_no_more(warm):
    one = warm(GOOD)
    os.kill(one.parent.pid, signal.SIGKILL)
    assert until(lambda: not one.parent.usable(one.request()))
    assert one.load() is None
    assert one.parent.failed_reason is None


def test_a_parent_that_dies_as_it_is_asked_is_no_reason_against_another(warm):
    for _ in range(5):
        one = warm(GOOD)
        os.kill(one.parent.pid, signal.SIGKILL)
        assert one.load() is None
        assert one.parent.failed_reason is None


def test_a_parent_that_is_killed_during_a_load_takes_the_load_with_it(warm, loading):
    one = warm(GOOD + "import os\n", timeout=600)
    thread, answers, pid = start_busy_load(one, loading, C_CALL)
    os.kill(one.parent.pid, signal.SIGKILL)
    thread.join(60)
    assert answers == [None]
    # Nor is it left for us to wait for.
    assert not Path(f"/proc/{pid}").exists()
    assert "ended during a load" in one.parent.failed_reason


def test_closing_ends_the_parent_and_a_load_that_is_under_way(warm, loading):
    one = warm(GOOD + "import os\n", timeout=600)
    parent = one.parent.pid
    thread, answers, pid = start_busy_load(one, loading, C_CALL)
    one.parent.close()
    thread.join(60)
    assert answers == [None]
    assert until(lambda: gone(pid) and gone(parent))


def test_the_runners_end_is_the_parents(warm):
    one = warm(GOOD)
    pid = one.parent.pid
    one.runner.close()
    assert until(lambda: gone(pid))


HOST = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
sys.path.insert(0, {support!r})
from conftest import Loading, Warm
folder = Path({folder!r})
one = Warm(Loading(folder), timeout=600)
(folder / "parent").write_text(str(one.parent.pid))
one.load({text!r})
"""


@pytest.mark.parametrize("busy", ["import time; time.sleep(600)\n", "while True: pass\n", C_CALL], ids=["sleep", "loop", "c-call"])  # fmt: skip
def test_parent_and_fork_end_when_the_host_is_killed(loading, busy):
    import subprocess

    loading.write("module.py", GOOD + "import os\n")
    here = Path(__file__).parent
    script = HOST.format(
        tests=str(here), support=str(here.parents[1] / "support"), folder=str(loading.folder), text=BUSY + busy
    )
    host = subprocess.Popen([sys.executable, "-c", script])
    try:
        assert until((loading.folder / "pid").exists)
        pids = [int((loading.folder / name).read_text()) for name in ("parent", "pid")]
        assert not any(gone(pid) for pid in pids)
        host.send_signal(signal.SIGKILL)
        host.wait(60)
        assert until(lambda: all(gone(pid) for pid in pids))
    finally:
        host.kill()
        host.wait()


def test_warm_loads_work_on_every_python(each_python, warm):
    _, python = each_python
    one = warm(ASSETS.format("first"), python=python)
    outcome = one.load(ASSETS.format("second"))
    assert asset_names(outcome) == ["orders", "sales"]
    assert one.said(outcome) == one.said(one.fresh())
    assert one.load(ASSETS.format("second").replace("json, decimal, csv", "json, decimal")) is None


def test_a_package_that_is_walked_is_loaded_warm_too(warm, loading):
    loading.write("sales/__init__.py", "")
    loading.write("sales/one.py", "import json\nfrom atoll import asset\n\n@asset\ndef one():\n    return 1\n")
    loading.write("sales/two.py", "from atoll import asset\n\n@asset\ndef two():\n    return 1\n")
    one = warm(target=LoadTarget("autoload", "sales"))
    loading.write("sales/two.py", "from atoll import asset\n\n@asset\ndef three():\n    return 1\n")
    outcome = one.load()
    assert sorted(asset_names(outcome)) == ["one", "three"]
    assert one.said(outcome) == one.said(one.fresh())
    loading.write("sales/one.py", "import json\nnonsense\n")
    loading.write("sales/two.py", "import nonsense\n")
    assert one.said(one.load()) == one.said(one.fresh())
