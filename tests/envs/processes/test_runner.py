"""Processes: started from lists of words, ended with everything that they started."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from atoll_host.envs.errors import ToolFailedError
from atoll_host.envs.processes import Runner, RunnerClosedError
from tests_support import gone, until

PYTHON = sys.executable


def test_output_and_status_of_a_command_are_given():
    with Runner() as runner:
        done = runner.run([PYTHON, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"])
    assert (done.returncode, done.stdout, done.stderr, done.timed_out) == (3, "out\n", "err\n", False)


def test_lines_of_stderr_are_handed_on_as_they_arrive():
    lines = []
    with Runner() as runner:
        runner.run([PYTHON, "-c", "import sys; print('one\\ntwo', file=sys.stderr)"], on_line=lines.append)
    assert lines == ["one", "two"]


def test_output_that_is_not_utf_8_is_given_all_the_same():
    with Runner() as runner:
        done = runner.run([PYTHON, "-c", "import os; os.write(1, b'\\xff ok')"])
    assert done.stdout.endswith(" ok")


def test_a_command_has_no_standard_input():
    with Runner() as runner:
        done = runner.run([PYTHON, "-c", "import sys; print(repr(sys.stdin.read()))"])
    assert done.stdout == "''\n"


def test_a_command_that_takes_too_long_is_killed():
    with Runner() as runner:
        done = runner.run([PYTHON, "-c", "import time; time.sleep(600)"], timeout=0.5)
    assert done.timed_out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: descendants are found through /proc")
def test_a_grandchild_that_holds_the_pipe_is_killed_with_a_command_that_takes_too_long(tmp_path):
    script = (
        "import subprocess, sys, time\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\ntime.sleep(600)\n"
    )
    note = tmp_path / "pid"
    with Runner() as runner:
        done = runner.run([PYTHON, "-c", script, note], timeout=8)
    assert done.timed_out
    assert until(lambda: gone(int(note.read_text())))


def test_a_program_that_does_not_exist_is_named(tmp_path):
    with Runner() as runner, pytest.raises(ToolFailedError, match="no-such-program cannot be started"):
        runner.run([tmp_path / "no-such-program"])


def test_words_are_never_read_by_a_shell(tmp_path):
    with Runner() as runner:
        done = runner.run([PYTHON, "-c", "import sys; print(sys.argv[1])", f"; touch {tmp_path}/made; $(id) `id`"])
    assert done.stdout == f"; touch {tmp_path}/made; $(id) `id`\n"
    assert not list(tmp_path.iterdir())


def test_closing_a_runner_ends_what_runs_in_other_threads():
    runner = Runner()
    caught = []

    def work():
        try:
            runner.run([PYTHON, "-c", "import time; time.sleep(600)"])
        except RunnerClosedError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert until(lambda: runner._processes)
    runner.close()
    thread.join(60)
    assert len(caught) == 1


def test_a_closed_runner_starts_nothing_more():
    runner = Runner()
    runner.close()
    with pytest.raises(RunnerClosedError):
        runner.run([PYTHON, "-c", "pass"])
    with pytest.raises(RunnerClosedError):
        runner.start([PYTHON, "-c", "pass"], directory=None, environment={})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: descendants are found through /proc")
def test_killing_a_child_ends_its_whole_tree_wherever_it_went(tmp_path):
    script = (
        "import os, sys, time\nfolder = sys.argv[1]\n"
        "def note(name):\n    open(os.path.join(folder, name), 'w').write(str(os.getpid()))\n"
        "if os.fork() == 0:\n    note('plain'); time.sleep(600)\n"
        "if os.fork() == 0:\n    os.setsid(); note('session')\n"
        "    if os.fork() == 0:\n        os.setsid(); note('deep')\n    time.sleep(600)\n"
        "time.sleep(600)\n"
    )
    with Runner() as runner:
        child = runner.start([PYTHON, "-c", script, tmp_path], directory=tmp_path, environment={})
        names = ["plain", "session", "deep"]
        assert until(lambda: all((tmp_path / name).exists() and (tmp_path / name).read_text() for name in names))
        pids = [int((tmp_path / name).read_text()) for name in names]
        child.kill()
        assert until(lambda: all(gone(pid) for pid in [*pids, child.pid]))
        child.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: descendants are found through /proc")
def test_a_tree_that_keeps_forking_is_ended(tmp_path):
    script = (
        "import os, sys, time\nopen(os.path.join(sys.argv[1], 'go'), 'w').close()\n"
        "end = time.monotonic() + 30\n"
        "while time.monotonic() < end:\n    if os.fork():\n        os._exit(0)\n    os.setsid()\n"
    )
    with Runner() as runner:
        child = runner.start([PYTHON, "-c", script, tmp_path], directory=tmp_path, environment={"MARK": str(tmp_path)})
        assert until((tmp_path / "go").exists)
        time.sleep(0.05)
        child.kill()
        child.close()
    assert until(lambda: not _with_mark(f"MARK={tmp_path}"), seconds=20)


def _with_mark(mark):
    from pathlib import Path

    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark.encode() in (entry / "environ").read_bytes():
                    found.append(entry.name)
            except OSError:
                continue
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: descendants are found through /proc")
def test_children_are_found_on_kernels_without_a_list_of_them_too():
    import os
    import subprocess

    from atoll_host.envs.processes import descendants

    with subprocess.Popen([PYTHON, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in descendants._children(os.getpid())
        assert child.pid in descendants._children_by_looking(os.getpid())
        child.communicate(b"\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: only Linux adopts")
def test_a_process_without_a_runner_adopts_nobody(tmp_path):
    program = f"""
import ctypes, os, sys
from pathlib import Path
from atoll_host.envs.processes import Runner
def adopts():
    value = ctypes.c_int()
    ctypes.CDLL(None).prctl(37, ctypes.byref(value), 0, 0, 0)
    return value.value
found = [adopts()]
first, second = Runner(), Runner()
for runner in (first, second):
    runner.start([sys.executable, "-c", ""], directory=Path({str(tmp_path)!r}), environment=dict(os.environ))
found.append(adopts())
first.close()
found.append(adopts())
second.close()
second.close()
print([*found, adopts()])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[0, 1, 1, 0]", done.stderr
