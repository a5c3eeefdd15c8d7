"""No worker outlives its host, whatever it is doing when the host is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests_support import gone, until

HOST = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from conftest import Loading
Loading(Path({folder!r})).text(Path({text!r}).read_text())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="platform: SIGKILL is POSIX's own")
@pytest.mark.parametrize(
    "busy",
    [
        pytest.param("import time; time.sleep(600)", id="sleep"),
        pytest.param("while True: pass", id="python-loop"),
        pytest.param("import re; re.match('(a+)+$', 'a' * 64 + 'b')", id="c-call"),
        pytest.param("import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()", id="lock"),
        pytest.param("import signal; signal.signal(signal.SIGIO, signal.SIG_DFL); signal.pause()", id="signal-wait"),
    ],
)
def test_a_worker_ends_when_its_host_is_killed(tmp_path, busy):
    note = tmp_path / "pid"
    text = tmp_path / "text.py"
    text.write_text(
        f"import os\nopen({str(note)!r} + '.new', 'w').write(str(os.getpid()))\nos.rename({str(note)!r} + '.new', {str(note)!r})\n{busy}\n"
    )
    script = HOST.format(tests=str(Path(__file__).parent), folder=str(tmp_path), text=str(text))
    host = subprocess.Popen([sys.executable, "-c", script])
    try:
        assert until(note.exists)
        worker = int(note.read_text())
        assert not gone(worker)
        host.send_signal(signal.SIGKILL)
        host.wait(60)
        assert until(lambda: gone(worker))
    finally:
        host.kill()
        host.wait()
