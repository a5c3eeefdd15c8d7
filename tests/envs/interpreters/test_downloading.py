"""uv is asked for an interpreter only where nothing forbids it, and only after nothing here fits."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sys
import tarfile
from pathlib import Path

import pytest

from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.errors import NoInterpreterError
from atoll_host.envs.interpreters.choosing import choose
from atoll_host.envs.interpreters.downloading import spell_for_uv
from atoll_host.envs.interpreters.wanted import wanted

UV = Path(shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv") or "uv")

SYSCONFIG = "# system configuration generated and used by the sysconfig module\nbuild_time_vars = {}\n"


@pytest.fixture
def ask(machine):
    """Give a function that chooses for a project with this `.python-version`, downloading where nothing fits."""
    folder = machine.root / "loc"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "0"\n')

    def ask(version="3.9", *, uv=UV, allow_download=True):
        (folder / ".python-version").write_text(f"{version}\n")
        asked = wanted(EnvironmentSpec("loc", "project", folder), boundary=machine.root)
        discovery = machine.discovery()
        return choose(discovery, asked, runner=machine.runner, uv=uv, allow_download=allow_download)

    return ask


@pytest.fixture
def index(machine, python):
    """Give uv a list of downloads that has one interpreter, in an archive on this disk: 3.9."""
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        pytest.skip("platform: the archive is named for Linux with glibc")
    tree = machine.root / "archive/python"
    for folder in ("bin", "lib/python3.9"):
        (tree / folder).mkdir(parents=True)
    program = tree / "bin/python3.9"
    program.write_text(f'#!/bin/sh\nexec {python("3.9")} "$@"\n')
    program.chmod(0o755)
    (tree / "bin/python3").symlink_to("python3.9")
    (tree / "lib/python3.9/_sysconfigdata__linux_x86_64-linux-gnu.py").write_text(SYSCONFIG)
    archive = machine.root / "python.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(tree, "python")
    machine_name = platform.machine()
    entry = {
        "name": "cpython",
        "arch": {"family": machine_name, "variant": None},
        "os": "linux",
        "libc": "gnu",
        "major": 3,
        "minor": 9,
        "patch": 18,
        "prerelease": "",
        "url": archive.as_uri(),
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "variant": None,
        "build": "20240107",
    }
    downloads = machine.root / "downloads.json"
    downloads.write_text(json.dumps({f"cpython-3.9.18-linux-{machine_name}-gnu": entry}))
    machine.variables["UV_PYTHON_DOWNLOADS_JSON_URL"] = str(downloads)
    machine.variables["UV_CACHE_DIR"] = str(machine.root / "uv-cache")
    return downloads


def refusal(ask, *arguments, **options):
    with pytest.raises(NoInterpreterError) as caught:
        ask(*arguments, **options)
    (problem,) = caught.value.problems
    return problem


def test_uv_downloads_what_no_interpreter_here_is(machine, ask, index):
    choice = ask("3.9")
    assert choice.interpreter.minor == "3.9"
    assert choice.interpreter.source == "uv"
    assert choice.reason == "3.9 is asked for by loc/.python-version, downloaded by uv"
    assert list((machine.home / ".local/share/uv/python").glob("cpython-3.9.18-*"))
    assert not (machine.home / ".local/bin").exists()
    started = len(machine.runner.started)
    again = ask("3.9")
    assert again.interpreter.executable == choice.interpreter.executable
    assert str(UV) not in machine.runner.started[started:]


def test_variables_that_would_misdirect_uv_do_not(machine, ask, index):
    machine.variables |= {"UV_PYTHON": "3.4", "UV_PROJECT": "/nowhere", "UV_WORKING_DIRECTORY": "/nowhere"}
    assert ask("3.9").interpreter.minor == "3.9"


def test_what_uv_says_of_its_failure_is_shown(ask, index):
    problem = refusal(ask, "3.10")
    assert problem.message.startswith(
        "Python 3.10 is asked for by loc/.python-version, but no interpreter fits, and none was downloaded: uv says: "
    )
    assert "3.10" in problem.detail
    assert problem.hint == "type `uv python install '3.10'`, or change the version in loc/.python-version"


def test_a_download_that_is_not_there_is_uv_s_failure_too(machine, ask, index):
    (machine.root / "python.tar.gz").unlink()
    problem = refusal(ask, "3.9")
    assert "none was downloaded: uv says: " in problem.message
    assert "python.tar.gz" in problem.detail


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"UV_PYTHON_DOWNLOADS": "never"}, "UV_PYTHON_DOWNLOADS=never forbids it"),
        ({"UV_PYTHON_DOWNLOADS": "manual"}, "UV_PYTHON_DOWNLOADS=manual forbids it"),
        ({"UV_OFFLINE": "1"}, "UV_OFFLINE=1 forbids it"),
        ({"UV_OFFLINE": "True"}, "UV_OFFLINE=True forbids it"),
        ({"UV_NO_MANAGED_PYTHON": "1"}, "UV_NO_MANAGED_PYTHON=1 forbids it"),
        ({"UV_PYTHON_PREFERENCE": "only-system"}, "UV_PYTHON_PREFERENCE=only-system forbids it"),
    ],
)
def test_variables_forbid_downloading_and_are_named(machine, ask, variables, why):
    machine.variables |= variables
    assert refusal(ask).message.endswith(f"none was downloaded: {why}")
    assert machine.runner.started == []


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("loc/uv.toml", 'python-downloads = "never"', "python-downloads = 'never' in {file} forbids it"),
        ("loc/pyproject.toml", "[tool.uv]\noffline = true", "offline = true in {file} forbids it"),
        ("uv.toml", "offline = true", "offline = true in {file} forbids it"),
        ("home/.config/uv/uv.toml", 'python-downloads = "manual"', "python-downloads = 'manual' in {file} forbids it"),
    ],
)  # fmt: skip
def test_uv_s_own_settings_forbid_downloading_and_are_named(machine, ask, file, text, why):
    path = machine.root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert refusal(ask).message.endswith(why.format(file=path))
    assert machine.runner.started == []


def test_a_variable_goes_before_a_setting(machine, ask, index):
    (machine.root / "loc/uv.toml").write_text('python-downloads = "never"')
    machine.variables["UV_PYTHON_DOWNLOADS"] = "automatic"
    machine.variables["UV_NO_CONFIG"] = "1"
    assert ask("3.9").interpreter.minor == "3.9"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"allow_download": False}, "this command downloads no interpreters"),
        ({"uv": None}, "there is no uv to download it with"),
        ({"uv": Path("/nowhere/uv")}, "/nowhere/uv cannot be started: No such file or directory"),
    ],
)
def test_without_permission_or_without_uv_nothing_is_downloaded(ask, options, why):
    assert refusal(ask, **options).message.endswith(f"none was downloaded: {why}")


@pytest.mark.parametrize(
    ("pin", "bound", "expected"),
    [
        ("3.9", None, "3.9"),
        (None, ">=3.9,<3.12", ">=3.9,<3.12"),
        ("3.9", ">=3.9.5", "==3.9.*,>=3.9.5"),
        ("3.9.18", ">=3.9.5", "3.9.18"),
        ("pypy3.10", ">=3.9", "pypy@3.10"),
        ("3.13t", ">=3.9", "3.13t"),
        (">=3.9", "<3.12", ">=3.9,<3.12"),
        ("3.14.0rc1", ">=3.9", "3.14.0rc1"),
        (None, None, ">=3.8"),
    ],
)
def test_uv_is_asked_for_everything_at_once(tmp_path, pin, bound, expected):
    line = "" if bound is None else f'requires-python = "{bound}"\n'
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "x"\n{line}')
    if pin is not None:
        (tmp_path / ".python-version").write_text(pin)
    assert spell_for_uv(wanted(EnvironmentSpec("loc", "project", tmp_path))) == expected
