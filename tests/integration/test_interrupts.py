"""Ctrl-C, SIGTERM and SIGKILL: the status is right, nothing is left running, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from command_line import ATOLL
from tests_support import gone, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: POSIX signals")

BUSY = {
    "loop": "while True:\n    pass\n",
    "sleep": "import time\ntime.sleep(600)\n",
    "c-call": "import re\nre.match('(a+)+$', 'a' * 64 + 'b')\n",
    "deaf": "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(600)\n",
}
NOTE = "import os\nopen('pid.new', 'w').write(str(os.getpid()))\nos.rename('pid.new', 'pid')\n"


def start(folder, *words):
    """Start `atoll` at the head of a process group of its own, as a shell does."""
    return subprocess.Popen(
        [*ATOLL, *words], cwd=folder.path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def busy_workspace(folder, text):
    folder.write(
        {
            "workspace.yaml": f"load_from:\n  - python_file:\n      relative_path: busy.py\n      executable_path: {sys.executable}\n",
            "busy.py": NOTE + text,
        }
    )
    return folder.path / "pid"


@pytest.mark.parametrize("what", BUSY)
@pytest.mark.parametrize("words", [["list"], ["validate", "--json"]], ids=" ".join)
def test_ctrl_c_ends_a_command_with_130_and_its_workers_with_it(folder, words, what):
    note = busy_workspace(folder, BUSY[what])
    host = start(folder, *words)
    assert until(note.exists), host.communicate()
    worker = int(note.read_text())
    os.killpg(host.pid, signal.SIGINT)
    out, err = host.communicate(timeout=60)
    assert (host.returncode, out, err.decode().split()) == (130, b"", ["Interrupted"])
    assert until(lambda: gone(worker))


def test_a_second_ctrl_c_changes_nothing(folder):
    note = busy_workspace(folder, BUSY["sleep"])
    host = start(folder, "list")
    assert until(note.exists), host.communicate()
    for _ in range(20):
        if host.poll() is None:
            os.killpg(host.pid, signal.SIGINT)
    _, err = host.communicate(timeout=60)
    assert host.returncode == 130, err
    assert b"Traceback" not in err
    assert until(lambda: gone(int(note.read_text())))


def test_sigterm_ends_a_command_and_its_workers(folder):
    note = busy_workspace(folder, BUSY["loop"])
    host = start(folder, "list")
    assert until(note.exists), host.communicate()
    host.send_signal(signal.SIGTERM)
    host.communicate(timeout=60)
    assert host.returncode == 128 + signal.SIGTERM
    assert until(lambda: gone(int(note.read_text())))


@pytest.mark.parametrize("what", BUSY)
def test_when_the_host_is_killed_no_worker_is_left(folder, what):
    note = busy_workspace(folder, BUSY[what])
    host = start(folder, "list")
    assert until(note.exists), host.communicate()
    host.kill()
    host.communicate(timeout=60)
    assert until(lambda: gone(int(note.read_text())))


def test_ctrl_c_goes_to_the_command_that_exec_runs_and_its_status_is_ours(folder):
    folder.write(
        {
            "workspace.yaml": f"load_from:\n  - python_file:\n      relative_path: one.py\n      executable_path: {sys.executable}\n",
            "one.py": "",
        }
    )
    script = NOTE + "import signal, time\nsignal.signal(signal.SIGINT, lambda *_: os._exit(7))\ntime.sleep(600)\n"
    folder.write({"wait.py": script})
    host = start(folder, "exec", "one", "--", sys.executable, "wait.py")
    assert until((folder.path / "pid").exists), host.communicate()
    # The handler is set a moment after the note: send until it ends.
    assert until(lambda: host.poll() is not None or os.killpg(host.pid, signal.SIGINT))
    host.communicate(timeout=60)
    assert host.returncode in {7, 130}
