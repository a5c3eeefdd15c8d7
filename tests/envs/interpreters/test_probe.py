"""The script that is run in every interpreter, however old."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from pathlib import Path

import pytest

from atoll_host.envs.interpreters import probing

TEXT = probing.PROBE.read_text(encoding="utf-8")


def run(executable, *more, **options):
    command = [executable, "-E", "-s", "-S", "-B", str(probing.PROBE), *more]
    completed = subprocess.run(command, capture_output=True, text=True, check=True, **options)
    line = completed.stdout.splitlines()[-1]
    assert line.startswith(probing.MARKER)
    return json.loads(line.removeprefix(probing.MARKER))


def test_the_probe_uses_no_syntax_that_is_newer_than_python_3_6():
    ast.parse(TEXT, feature_version=(3, 6))


def test_the_probe_and_its_reader_agree_on_the_marker():
    assert f'MARKER = "{probing.MARKER}"' in TEXT


@pytest.mark.parametrize("version", [f"3.{minor}" for minor in range(6, 15)])
def test_every_python_describes_itself(version, python):
    executable = python(version)
    said = run(executable)
    assert said["version"].startswith(f"{version}.")
    assert said["implementation"] == "cpython"
    assert said["prefix"] == said["base_prefix"]
    assert Path(said["base_executable"]).resolve() == Path(executable).resolve()
    assert said["free_threaded"] is False


def test_python_2_describes_itself_too():
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = sorted(root.glob("versions/2.7*/bin/python"))
    if not found:
        pytest.skip("platform: no Python 2.7 on this machine")
    assert run(found[0])["version"].startswith("2.7.")


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.11", "3.13"])
def test_a_virtual_environment_says_which_interpreter_it_was_made_from(version, python, tmp_path):
    base = Path(python(version))
    environment = tmp_path / "environment"
    subprocess.run([base, "-m", "venv", "--without-pip", environment], check=True)
    said = run(environment / "bin/python")
    assert said["prefix"] == str(environment)
    assert Path(said["base_prefix"]).resolve() == base.resolve().parent.parent
    assert Path(said["base_executable"]).resolve() == base.resolve()
    assert environment not in Path(said["base_executable"]).parents


def test_modules_beside_the_probe_are_not_imported_instead_of_the_standard_library(python, tmp_path):
    probe = tmp_path / "probe.py"
    probe.write_text(TEXT)
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    command = [python("3.11"), "-E", "-s", "-S", "-B", probe]
    assert probing.MARKER in subprocess.run(command, capture_output=True, text=True, check=True).stdout
