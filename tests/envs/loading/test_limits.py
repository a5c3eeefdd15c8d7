"""What a load may take, and what it leaves behind."""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from pathlib import Path

import pytest

from atoll_host.envs.loading import temporary
from atoll_host.envs.loading.ends import say_size
from atoll_host.envs.loading.target import LoadTarget
from atoll_host.envs.processes.confinement import Confinement

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: watched through /proc")
DEFINITIONS = "\nimport atoll\ndefs = atoll.Definitions()\n"


def load(loading, text, **limits):
    loading.write("module.py", text)
    request = loading.request(LoadTarget("file", "module", loading.folder / "module.py"), timeout=120)
    return loading.run(dataclasses.replace(request, **limits))


@linux_only
def test_too_much_memory_is_said_with_the_line_that_took_it(loading):
    text = "def eat():\n    x = []\n    while True:\n        x.append(b'x' * 1_000_000)\n\n\neat()\n"
    (problem,) = load(loading, text, memory=200 * 1024**2).problems
    assert problem.kind == "memory"
    assert problem.message == "Loading took more than 200 MiB of memory and was stopped in eat"
    assert problem.file == str(loading.folder / "module.py")
    assert problem.line in (3, 4)
    assert "`memory`" in problem.hint


@linux_only
def test_memory_of_children_counts_and_what_they_share_counts_once(loading):
    text = (
        "import os, time\nx = bytearray(b'x' * 60_000_000)\nfor _ in range(8):\n    if os.fork() == 0: time.sleep(600)\n"
        "time.sleep(0.5)\n" + DEFINITIONS
    )
    assert load(loading, text, memory=300 * 1024**2).definitions is not None
    text = text.replace("if os.fork() == 0: time", "if os.fork() == 0: y = bytearray(b'y' * 60_000_000); time")
    (problem,) = load(loading, text.replace("sleep(0.5)", "sleep(600)"), memory=300 * 1024**2).problems
    assert problem.kind == "memory"


@linux_only
@pytest.mark.parametrize(
    "busy",
    [
        pytest.param("while True: pass", id="itself"),
        pytest.param("import re\nre.match('(a+)+$', 'a' * 64 + 'b')", id="c-call"),
        pytest.param("import os, time\nif os.fork() == 0:\n    while True: pass\ntime.sleep(600)", id="child"),
    ],
)
def test_too_much_processor_time_is_said(loading, busy):
    (problem,) = load(loading, busy, cpu=1).problems
    assert problem.kind == "cpu"
    assert problem.message == "Loading took more than 1 s of processor time and was stopped"
    assert problem.file == str(loading.folder / "module.py")
    assert problem.line is not None


@linux_only
def test_a_tree_that_doubles_is_ended_long_before_its_time_is_over(loading):
    (problem,) = load(loading, "import os, time\nfor _ in range(12): os.fork()\ntime.sleep(600)\n").problems
    assert problem.kind == "processes"


def test_every_load_has_a_temporary_folder_of_its_own_that_is_gone_afterwards(loading):
    text = (
        "import tempfile\nfrom atoll import Definitions, asset\nopen(tempfile.mkdtemp() + '/file', 'w').close()\n"
        "@asset(description=tempfile.gettempdir())\ndef one(): return 1\ndefs = Definitions(assets=[one])\n"
    )
    folders = []
    for _ in range(2):
        outcome = load(loading, text, variables={})
        folders.append(outcome.definitions["assets"][0]["description"])
        assert not outcome.trace["files"]
        assert not {"TMPDIR", "TEMP", "TMP"} & set(outcome.trace["variables"])
    assert folders[0] != folders[1]
    assert not any(Path(folder).exists() for folder in folders)


def test_a_variables_file_may_name_another_temporary_folder(loading, tmp_path):
    text = "import os\nfrom atoll import Definitions, asset\n@asset(description=os.environ['TMPDIR'])\ndef one(): return 1\ndefs = Definitions(assets=[one])\n"
    outcome = load(loading, text, variables={"TMPDIR": str(tmp_path)})
    assert outcome.definitions["assets"][0]["description"] == str(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="platform: nothing is locked on Windows")
def test_what_a_killed_command_left_is_removed_and_what_is_in_use_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with temporary.private_folder() as used:
        left = temporary.home() / "left"
        (left / "inner").mkdir(parents=True)
        (left / "inner").chmod(0)
        temporary.remove_leftovers()
        assert used.is_dir()
        assert not left.exists()
    temporary.remove_leftovers()
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="platform: rights are POSIX's own")
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    temporary.home().mkdir()
    temporary.home().chmod(0o777)
    with temporary.private_folder() as folder:
        assert folder.parent == tmp_path
    temporary.remove_leftovers()
    assert temporary.home().is_dir()


@linux_only
def test_signals_stay_within_a_location(loading):
    if not Confinement().works:
        pytest.skip("platform: no Landlock scopes")
    outcome = load(loading, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n")
    assert [problem.kind for problem in outcome.problems] == ["exception"]
    assert "PermissionError" in outcome.problems[0].message
    text = "import os, signal\npid = os.fork()\nif pid == 0: signal.pause()\nos.kill(pid, 9)\nos.waitpid(pid, 0)\n"
    assert load(loading, text + DEFINITIONS).definitions is not None


def test_texts_are_cut_and_halves_of_characters_written_out(loading):
    text = "raise ValueError('\\ud800' + 'x' * 1_000_000)\n"
    (problem,) = load(loading, text).problems
    assert problem.message.startswith("ValueError: \\ud800xxx")
    assert problem.message.endswith("(990001 more characters)")


def test_sizes_are_written_with_the_largest_unit_that_fits():
    assert [say_size(size) for size in (10, 2048, 3 * 1024**2 // 2, 2 * 1024**3)] == [
        "10 bytes",
        "2 KiB",
        "1.5 MiB",
        "2 GiB",
    ]


def test_a_location_that_stands_in_a_folder_which_is_gone_by_then_is_still_reported(loading):
    text = "import os, tempfile\nfolder = tempfile.mkdtemp()\nos.chdir(folder)\nos.rmdir(folder)\nraise RuntimeError('x')\n"
    assert [problem.kind for problem in load(loading, text).problems] == ["exception"]
