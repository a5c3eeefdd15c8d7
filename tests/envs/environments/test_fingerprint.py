"""What counts as a change of an environment, and what does not."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from atoll_host.envs.environments.fingerprint import collect_inputs, fingerprint, list_changes, parse_toml, stamp
from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.errors import EnvironmentFailedError
from atoll_host.envs.interpreters.interpreter import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["six"]\n'
LOCK = 'version = 1\n[[package]]\nname = "lib"\nsource = { editable = "../lib" }\n'


@pytest.fixture
def spec(tmp_path):
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "uv.lock").write_text(LOCK)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/pyproject.toml").write_text('[project]\nname = "lib"\n')
    return EnvironmentSpec("x", "project", folder)


def inputs(spec, **variables):
    return collect_inputs(spec, backend="uv", variables=variables, boundary=spec.source.parent)


def changes(spec, change):
    before = inputs(spec)
    change()
    return list_changes(before, inputs(spec))


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        pytest.param("[tool.ruff]\nline-length = 3\n", False, id="ruff"),
        pytest.param('[tool.atoll]\nmodule = "x"\n', False, id="atoll"),
        pytest.param("# a comment\n", False, id="comment"),
        pytest.param('[tool.uv]\nindex-url = "https://x"\n', True, id="uv"),
        pytest.param("[tool.setuptools]\npackages = []\n", True, id="build-backend"),
        pytest.param("[tool.unheard-of]\nx = 1\n", True, id="unknown-tool"),
        pytest.param('[dependency-groups]\ndev = ["six"]\n', True, id="groups"),
        pytest.param("when = 2020-01-01\n", True, id="a-date"),
    ],
)
def test_only_what_shapes_an_environment_counts(spec, text, changed):
    found = changes(spec, lambda: append(spec.source / "pyproject.toml", text))
    assert found == (["pyproject.toml"] if changed else [])


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        pytest.param("uv.lock", "# other\n", "uv.lock", id="lock"),
        pytest.param("../lib/pyproject.toml", 'version = "2"\n', "../lib/pyproject.toml", id="path-dependency"),
        pytest.param("setup.py", "x = 1\n", "setup.py", id="setup-py"),
        pytest.param(".python-version", "3.9\n", "the Python asked for", id="python-version"),
    ],
)
def test_each_file_that_counts_is_named(spec, name, text, shown):
    assert changes(spec, lambda: append(spec.source / name, text)) == [shown]


def test_code_does_not_count(spec):
    assert changes(spec, lambda: append(spec.source / "x.py", "x = 1\n")) == []


def test_settings_the_explicit_python_and_the_place_count(spec, tmp_path):
    before = inputs(spec)
    assert list_changes(before, inputs(replace(spec, settings=(("groups", ["a"]),)))) == ["settings"]
    assert list_changes(before, inputs(replace(spec, python="3.9"))) == ["the Python asked for"]
    spec.source.rename(tmp_path / "y")
    assert "its place" in list_changes(before, inputs(replace(spec, source=tmp_path / "y")))


def test_variables_that_change_what_uv_installs_count_and_credentials_do_not(spec):
    before = inputs(spec)
    assert list_changes(before, inputs(spec, UV_NO_DEV="1")) == ["UV_… variables"]
    assert inputs(spec, UV_INDEX_URL="https://a:b@c", UV_CACHE_DIR="/x") == before


def test_includes_and_local_folders_of_requirements_are_followed_and_circles_end(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/pyproject.toml").write_text("")
    (tmp_path / "all.txt").write_text("-r deep/base.txt\n--constraint=limits.txt\n-r https://x/y.txt\n-e ./lib\nsix\n")
    (tmp_path / "deep/base.txt").write_text("-rnext.txt\n")
    (tmp_path / "deep/next.txt").write_text("--requirement ../all.txt\n")
    spec = EnvironmentSpec("x", "requirements", tmp_path / "all.txt")
    names = set(collect_inputs(spec, backend="uv", variables={}, boundary=tmp_path))
    files = {name for name in names if name.endswith((".txt", ".toml"))}
    assert files == {"all.txt", "deep/base.txt", "deep/next.txt", "limits.txt", "lib/pyproject.toml"}


def test_a_version_file_above_the_workspace_does_not_count_for_requirements(tmp_path):
    root = tmp_path / "workspace"
    (root / "legacy").mkdir(parents=True)
    (root / "legacy/all.txt").write_text("")
    spec = EnvironmentSpec("x", "requirements", root / "legacy/all.txt")

    def found():
        return collect_inputs(spec, backend="uv", variables={}, boundary=root)["the Python asked for"]

    (tmp_path / ".python-version").write_text("3.9\n")
    assert found() == "any"
    (root / ".python-version").write_text("3.9\n")
    assert found() != "any"


def test_the_interpreter_counts(tmp_path):
    one = Interpreter(
        sys.executable, (3, 11, 1), "3.11.1", "cpython", "/p", "/p", sys.executable, "linux-x86_64", "PATH"
    )
    assert fingerprint({}, one) == fingerprint({}, one)
    assert fingerprint({}, one) != fingerprint({"a": "b"}, one)
    assert fingerprint({}, one) != fingerprint({}, replace(one, version_text="3.11.2"))
    assert fingerprint({}, one) != fingerprint({}, replace(one, base_executable=str(tmp_path / "python")))


def test_a_stamp_tells_an_interpreter_that_was_replaced_or_is_gone(tmp_path):
    python = tmp_path / "python"
    python.write_text("one")
    first = stamp(str(python))
    python.write_text("another")
    assert stamp(str(python)) != first
    python.unlink()
    assert stamp(str(python)) is None


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        pytest.param(b'a = 1\nb = "x\n', 2, 7, id="in-a-line"),
        pytest.param(b"a = [1,\n2,\n", 2, None, id="at-the-end"),
        pytest.param(b"a = \xff\n", None, None, id="not-utf-8"),
    ],
)
def test_malformed_toml_is_placed(tmp_path, data, line, column):
    with pytest.raises(EnvironmentFailedError) as caught:
        parse_toml(data, tmp_path / "pyproject.toml")
    (problem,) = caught.value.problems
    assert (problem.kind, problem.file) == ("configuration", str(tmp_path / "pyproject.toml"))
    assert (problem.line, problem.column) == (line, column)
