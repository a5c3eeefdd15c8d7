"""The workspace's copy of the SDK: complete or not at all, and never changed once it is there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from atoll_host.envs import sdk_copy
from atoll_host.envs.errors import ToolFailedError
from atoll_host.envs.layout import StateFolder
from atoll_host.envs.sdk_copy import ensure_sdk, sdk_source, write_path_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path):
    return StateFolder(tmp_path / "workspace" / ".atoll")


@pytest.fixture
def source(tmp_path):
    package = tmp_path / "installation" / "sdk" / "atoll"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("from atoll._version import __version__\n")
    (package / "_version.py").write_text('__version__ = "1.2.3"\n')
    (package / "inner" / "__init__.py").write_text("")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "x.pyc").write_bytes(b"old")
    return package


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_copy_has_every_file_and_no_bytecode(state, source):
    sdk = ensure_sdk(state, source=source)
    assert sdk == state.sdk("1.2.3")
    assert names(sdk) == {"atoll/__init__.py", "atoll/_version.py", "atoll/inner/__init__.py"}


def test_our_own_sdk_is_where_the_installation_keeps_it():
    assert (sdk_source() / "_version.py").is_file()


def test_a_copy_that_is_there_is_left_as_it_is(state, source):
    sdk = ensure_sdk(state, source=source)
    before = (sdk / "atoll" / "__init__.py").stat().st_mtime_ns
    assert ensure_sdk(state, source=source) == sdk
    assert (sdk / "atoll" / "__init__.py").stat().st_mtime_ns == before
    assert sorted(path.name for path in sdk.parent.iterdir()) == ["1.2.3", "copied.json"]


def test_another_version_gets_a_folder_of_its_own_and_the_old_one_stays(state, source):
    old = ensure_sdk(state, source=source)
    (source / "_version.py").write_text('__version__ = "1.3.0"\n')
    new = ensure_sdk(state, source=source)
    assert new == state.sdk("1.3.0")
    assert 'version__ = "1.2.3"' in (old / "atoll" / "_version.py").read_text()


def test_other_content_under_the_same_version_never_changes_a_copy_in_use(state, source):
    old = ensure_sdk(state, source=source)
    (source / "inner" / "__init__.py").write_text("new = True\n")
    new = ensure_sdk(state, source=source)
    assert new != old
    assert new.name.startswith("1.2.3+")
    assert (old / "atoll" / "inner" / "__init__.py").read_text() == ""
    assert (new / "atoll" / "inner" / "__init__.py").read_text() == "new = True\n"
    assert ensure_sdk(state, source=source) == new


def test_bytecode_that_workers_wrote_into_the_copy_changes_nothing(state, source):
    sdk = ensure_sdk(state, source=source)
    (sdk / "atoll" / "__pycache__").mkdir()
    (sdk / "atoll" / "__pycache__" / "y.pyc").write_bytes(b"x")
    (sdk.parent / "copied.json").unlink()
    assert ensure_sdk(state, source=source) == sdk


def test_a_copy_that_was_removed_is_made_again(state, source):
    sdk = ensure_sdk(state, source=source)
    shutil.rmtree(sdk)
    assert ensure_sdk(state, source=source) == sdk
    assert (sdk / "atoll" / "inner" / "__init__.py").exists()


def test_a_copy_that_fails_halfway_leaves_nothing(state, source, monkeypatch):
    copied = []

    def fail(file, copy):
        if copied:
            raise OSError(28, "No space left on device")
        copied.append(copy)
        copy.write_bytes(file.read_bytes())

    monkeypatch.setattr(sdk_copy.shutil, "copyfile", fail)
    with pytest.raises(OSError, match="No space"):
        ensure_sdk(state, source=source)
    monkeypatch.undo()
    assert not state.sdk("1.2.3").exists()
    assert ensure_sdk(state, source=source).is_dir()
    assert not list(state.sdk("0").parent.glob(".new-*"))


def test_many_at_once_all_get_the_same_complete_copy(state, source):
    with ThreadPoolExecutor(8) as pool:
        copies = set(pool.map(lambda _: ensure_sdk(state, source=source), range(16)))
    assert copies == {state.sdk("1.2.3")}
    assert len(names(copies.pop())) == 3


def test_an_installation_without_its_sdk_is_said(state, tmp_path):
    with pytest.raises(ToolFailedError, match="missing from this installation"):
        ensure_sdk(state, source=tmp_path / "nowhere")


def test_the_path_file_is_relative_so_that_the_workspace_can_move(state, source, tmp_path):
    packages = state.environments("loc") / "abc" / "lib" / "python3.9" / "site-packages"
    packages.mkdir(parents=True)
    assert write_path_file(packages, ensure_sdk(state, source=source))
    assert (packages / "atoll-sdk.pth").read_text() == "../../../../../../sdk/1.2.3\n"


def test_the_path_file_is_written_once(state, source):
    packages = state.environments("loc") / "site-packages"
    packages.mkdir(parents=True)
    sdk = ensure_sdk(state, source=source)
    assert write_path_file(packages, sdk)
    assert not write_path_file(packages, sdk)


def test_a_distribution_of_the_sdk_in_the_environment_wins(state, source):
    prefix = state.environments("loc") / "abc"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True, timeout=120)
    packages = next(prefix.glob("lib/python3*/site-packages"))
    write_path_file(packages, ensure_sdk(state, source=source))
    (packages / "atoll").mkdir()
    (packages / "atoll/__init__.py").write_text("__version__ = 'declared'\n")
    words = [prefix / "bin/python", "-I", "-c", "import atoll; print(atoll.__version__)"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "declared\n"


def test_an_interpreter_sees_the_sdk_through_a_link_too(state, source, tmp_path):
    """`site` joins lines textually, so the link's own place needs a line of its own."""
    prefix = state.environments("loc") / "abc"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True, timeout=120)
    project = state.path.parent / "deep" / "er" / "project"
    project.mkdir(parents=True)
    (project / ".venv").symlink_to(prefix, target_is_directory=True)
    packages = next(prefix.glob("lib/python3*/site-packages"))
    way = project / ".venv" / packages.relative_to(prefix)
    write_path_file(packages, ensure_sdk(state, source=source), seen_from=[way])
    for python in (prefix / "bin" / "python", project / ".venv" / "bin" / "python"):
        done = subprocess.run(
            [python, "-I", "-c", "import atoll; print(atoll.__version__)"], capture_output=True, text=True, check=False
        )
        assert done.stdout == "1.2.3\n", done.stderr
