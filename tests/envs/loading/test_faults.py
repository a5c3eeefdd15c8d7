"""What user code can do to its worker, and what the report says then."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests_support import asset_names, gone, until

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="platform: POSIX calls")
GOOD = "import atoll\ndefs = atoll.Definitions()\n"

FAULTS = [
    # text of the module, kind, what the message says, line
    pytest.param("import nowhere_to_be_found\n", "import_error", "nowhere_to_be_found", 1, id="missing-package"),
    pytest.param("from json import nothing_like_it\n", "import_error", "nothing_like_it", 1, id="missing-name"),
    pytest.param("x = 1\ny = (\n", "syntax_error", "SyntaxError", 2, id="syntax-error"),
    pytest.param("if True:\nx = 1\n", "syntax_error", "IndentationError", 2, id="indentation"),
    pytest.param("def f():\n    raise ValueError('no luck')\n\n\nf()\n", "exception", "ValueError: no luck", 2, id="exception"),
    pytest.param("class Odd(Exception):\n    def __str__(self):\n        raise RuntimeError\n\n\nraise Odd\n", "exception", "Odd", 6, id="exception-without-text"),
    pytest.param("raise KeyboardInterrupt\n", "exception", "KeyboardInterrupt", 1, id="keyboard-interrupt"),
    pytest.param("def f():\n    f()\n\n\nf()\n", "exception", "RecursionError", None, id="recursion"),
    pytest.param("import sys\nsys.exit(0)\n", "exited", "sys.exit(0)", 2, id="sys-exit-0"),
    pytest.param("import sys\nsys.exit('bye')\n", "exited", "'bye'", 2, id="sys-exit-text"),
    pytest.param("import os\nos._exit(0)\n", "exited", "status 0", None, id="os-exit-0"),
    pytest.param("import os\nos._exit(9)\n", "exited", "status 9", None, id="os-exit-9"),
    pytest.param("import ctypes\nctypes.string_at(0)\n", "crashed", "SIGSEGV", 2, id="segmentation-fault", marks=POSIX),
    pytest.param("import os\nos.abort()\n", "crashed", "SIGABRT", 2, id="abort", marks=POSIX),
    pytest.param("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "crashed", "SIGKILL", None, id="killed", marks=POSIX),
    pytest.param("import os\nos.closerange(0, 70000)\n", "protocol", "closed file descriptors", None, id="closerange-all", marks=POSIX),
    pytest.param("import os, sys\nos.execv(sys.executable, [sys.executable, '-c', 'print(1)'])\n", "exited", "status 0", None, id="exec", marks=POSIX),
    pytest.param("defs = 3\n", "wrong_type", "defs", None, id="wrong-type"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "says", "line"), FAULTS)
def test_a_fault_is_a_problem_with_its_kind_file_and_line(loading, text, kind, says, line):
    outcome = loading.text(text)
    assert outcome.definitions is None
    assert [problem.kind for problem in outcome.problems] == [kind]
    problem = outcome.problems[0]
    assert says in problem.message
    assert problem.file == str(loading.folder / "module.py")
    if line is not None:
        assert problem.line == line


HARMLESS = [
    pytest.param("import os\nos.close(1)\n", id="close-stdout"),
    pytest.param("import os\nos.close(0)\nos.close(1)\nos.close(2)\n", id="close-all-three"),
    pytest.param("import os\nos.closerange(3, 64)\n", id="closerange-low", marks=POSIX),
    pytest.param(
        "import sys, io\nsys.stdout = io.StringIO()\nsys.stderr = None\nprint('lost')\n", id="replaced-stdout"
    ),
    pytest.param("import sys\nsys.stdout.close()\n", id="closed-stdout"),
    pytest.param("import sys\nsys.stdout = 3\n", id="senseless-stdout"),
    pytest.param("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n", id="thread"),
    pytest.param("import atexit, time\natexit.register(time.sleep, 600)\n", id="atexit"),
    pytest.param("import os\nos.write(1, bytes(range(256)))\nos.write(2, b'\\xff\\xfe')\n", id="not-utf-8"),
    pytest.param('print(\'{"jsonrpc": "2.0", "id": 2, "result": {}}\')\n', id="forged-answer"),
    pytest.param("import sys\nsys.setrecursionlimit(60)\n", id="low-recursion-limit"),
    pytest.param("import json\njson.dumps = None\n", id="broken-json"),
    pytest.param("import os\nos.environ.clear()\n", id="cleared-environment"),
    pytest.param("import os, tempfile\nos.chdir(tempfile.gettempdir())\n", id="changed-directory"),
    pytest.param("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n", id="ignores-sigterm"),
    pytest.param("import builtins\nbuiltins.open = None\n", id="broken-open"),
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_dangerous_does_not_spoil_a_load(loading, text):
    outcome = loading.text(GOOD + text)
    assert outcome.problems == ()
    assert outcome.definitions is not None


def test_a_hundred_megabytes_on_stdout_are_drained_and_cut(loading):
    outcome = loading.text(GOOD + "for _ in range(100):\n    print('first or last', 'x' * 1_000_000)\n")
    assert outcome.problems == ()
    assert outcome.output.size > 100_000_000
    assert len(outcome.output.text) < 100_000
    assert outcome.output.text.startswith("first or last")
    assert "bytes left out" in outcome.output.text


STUCK = [
    pytest.param("def wait():\n    while True:\n        pass\n\n\nwait()\n", 3, "wait", id="python-loop"),
    pytest.param("import re\n\nre.match('(a+)+$', 'a' * 64 + 'b')\n", 3, None, id="c-call"),
    pytest.param("import time\n\n\ntime.sleep(600)\n", 4, None, id="sleep"),
    pytest.param("import threading\nthreading.Lock().acquire()\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n", 5, None, id="deadlock"),
    pytest.param("import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n    try:\n        time.sleep(600)\n    except BaseException:\n        pass\n", 5, None, id="stubborn"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "function"), STUCK)
def test_a_load_that_hangs_is_stopped_and_shows_where_it_was(loading, text, line, function):
    outcome = loading.text(text, timeout=1.0)
    (problem,) = outcome.problems
    assert problem.kind == "timeout"
    assert "1 s" in problem.message
    assert problem.file == str(loading.folder / "module.py")
    # A loop is at one of its lines.
    assert problem.line in ({line, line - 1} if function else {line})
    if function is not None:
        assert problem.frames[-1].function == function
    assert [frame.source for frame in problem.frames if frame.line == problem.line][-1]


def test_an_interpreter_that_user_code_left_unusable_still_answers(loading):
    outcome = loading.text("import sys\nsys.meta_path.clear()\nsys.path.clear()\n")
    (problem,) = outcome.problems
    assert problem.kind in {"exception", "import_error"}
    assert problem.file == str(loading.folder / "module.py")


def test_a_hang_in_a_worker_that_closed_everything_still_ends(loading):
    outcome = loading.text("import os\nos.closerange(0, 70000)\nwhile True:\n    pass\n", timeout=1.0)
    (problem,) = outcome.problems
    assert problem.kind in {"timeout", "exited"}


@POSIX
@pytest.mark.parametrize("leave", ["", "os.setsid()\n    "], ids=["same-session", "setsid"])
def test_child_processes_left_behind_are_ended(loading, leave):
    note = loading.folder / "pid"
    outcome = loading.text(
        GOOD + f"import os, time\nif os.fork() == 0:\n    {leave}open({str(note)!r}, 'w').write(str(os.getpid()))\n"
        "    time.sleep(600)\n    os._exit(0)\n"
        f"while not os.path.exists({str(note)!r}) or not os.path.getsize({str(note)!r}):\n    time.sleep(0.01)\n"
    )
    assert outcome.problems == ()
    if leave and not sys.platform.startswith("linux"):
        pytest.skip("platform: only Linux ends what left the process group")
    assert until(lambda: gone(int(note.read_text())))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: a child subreaper is Linux's own")
def test_a_daemon_that_forked_twice_is_ended(loading):
    note = loading.folder / "pid"
    outcome = loading.text(
        GOOD + "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        f"        open({str(note)!r}, 'w').write(str(os.getpid()))\n        time.sleep(600)\n    os._exit(0)\nos.wait()\n"
        f"while not os.path.exists({str(note)!r}) or not os.path.getsize({str(note)!r}):\n    time.sleep(0.01)\n"
    )
    assert outcome.problems == ()
    assert until(lambda: gone(int(note.read_text())))


@POSIX
def test_a_grandchild_that_holds_the_channel_open_does_not_delay_the_verdict(loading):
    started = time.monotonic()
    outcome = loading.text("import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\nos._exit(3)\n")
    assert [problem.kind for problem in outcome.problems] == ["exited"]
    assert time.monotonic() - started < 60


def test_a_package_called_atoll_that_is_not_ours_is_named(loading):
    loading.write("atoll.py", "Definitions = object\n")
    outcome = loading.text("import atoll\ndefs = atoll.Definitions()\n")
    (problem,) = outcome.problems
    assert problem.kind == "foreign_sdk"
    assert problem.file == str(loading.folder / "atoll.py")
    assert problem.hint


def test_a_folder_called_atoll_next_to_the_module_does_not_hide_the_sdk(loading):
    (loading.folder / "atoll").mkdir()
    loading.write("atoll/notes.txt", "")
    assert loading.text(GOOD).problems == ()


def test_a_module_that_replaces_itself_in_sys_modules_is_read_as_what_it_became(loading):
    outcome = loading.text(
        "import sys, types, atoll\nnew = types.ModuleType(__name__)\n@atoll.asset\ndef orders():\n    return 1\n"
        "new.defs = atoll.Definitions(assets=[orders])\nsys.modules[__name__] = new\n"
    )
    assert asset_names(outcome) == ["orders"]


def test_a_sitecustomize_that_prints_does_not_spoil_the_channel(tmp_path, loading):
    import venv

    prefix = tmp_path / "environment"
    venv.create(prefix, symlinks=os.name != "nt")
    scripts = prefix / ("Scripts" if os.name == "nt" else "bin")
    (site_packages,) = prefix.glob("lib/python*/site-packages") if os.name != "nt" else [prefix / "Lib/site-packages"]
    (site_packages / "sitecustomize.py").write_text("import os, sys\nos.write(1, b'no newline')\nprint('printed')\n")
    outcome = loading.text(GOOD, python=scripts / "python")
    assert outcome.problems == ()
    assert "no newline" in outcome.output.text


def test_an_interpreter_that_is_gone_is_said(loading):
    from atoll_host.envs.errors import ToolFailedError

    with pytest.raises(ToolFailedError, match="cannot be started"):
        loading.text(GOOD, python=loading.folder / "no" / "python")


@POSIX
def test_an_interpreter_that_is_something_else_is_said(loading):
    outcome = loading.text(GOOD, python="/bin/true" if Path("/bin/true").exists() else "/usr/bin/true")
    (problem,) = outcome.problems
    assert problem.kind == "not_started"
    assert "status 0" in problem.message


def test_the_users_own_line_comes_before_the_librarys(loading):
    outcome = loading.text("import json\n\njson.loads('{')\n")
    (problem,) = outcome.problems
    assert problem.file == str(loading.folder / "module.py")
    assert problem.line == 3
    assert problem.frames[-1].file != problem.file


def test_nothing_is_left_in_the_temporary_folder(tmp_path, loading, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    loading.text(GOOD)
    loading.text("import os\nos._exit(1)\n")
    assert [path.name for path in tmp_path.iterdir()] == ["location"]
