"""The environment variables of a worker."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from atoll_host.envs.errors import ConfigurationError
from atoll_host.envs.loading.variables import location_variables, read_env_file

PYTHON = Path("/envs/one/bin/python")
PREFIX = Path("/envs/one")


def given(caller, **options):
    return location_variables({"PATH": "/usr/bin", **caller}, prefix=PREFIX, executable=PYTHON, **options)


@pytest.mark.parametrize(
    "name",
    ["PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "CONDA_PREFIX", "UV_INDEX_URL", "UV_PYTHON", "ATOLL_UV"],
)
def test_what_the_callers_shell_leaks_is_dropped(name):
    assert name not in given({name: "x"})


def test_path_and_virtual_env_are_as_activation_sets_them():
    variables = given({"VIRTUAL_ENV": "/envs/host", "PATH": os.pathsep.join(["/envs/host/bin", "/usr/bin"])})
    assert variables["PATH"] == os.pathsep.join(["/envs/one/bin", "/usr/bin"])
    assert variables["VIRTUAL_ENV"] == "/envs/one"


def test_an_interpreter_in_no_environment_sets_no_virtual_env():
    variables = location_variables(
        {"PATH": "/usr/bin", "VIRTUAL_ENV": "/x"}, prefix=None, executable=Path("/opt/bin/python")
    )
    assert "VIRTUAL_ENV" not in variables
    assert variables["PATH"].startswith("/opt/bin" + os.pathsep)


def test_everything_else_of_the_caller_stays():
    assert (
        given({"AWS_PROFILE": "dev", "HTTPS_PROXY": "http://proxy"}).items()
        >= {"AWS_PROFILE": "dev", "HTTPS_PROXY": "http://proxy"}.items()
    )


def test_env_files_are_layers_and_the_later_one_wins(tmp_path):
    workspace, location = tmp_path / ".env", tmp_path / "location.env"
    workspace.write_text("A=workspace\nB=workspace\n# a comment\nexport D='quoted value'\n")
    location.write_text("B=location\nC=location\n")
    variables = given({"A": "caller"}, env_files=[workspace, location])
    assert [variables[name] for name in "ABCD"] == ["workspace", "location", "location", "quoted value"]


def test_a_variables_file_that_is_named_and_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match=r"secrets\.env is not there") as caught:
        given({}, env_files=[tmp_path / "secrets.env"])
    assert caught.value.problems[0].file == str(tmp_path / "secrets.env")


def test_a_variables_file_that_is_no_text_is_an_error(tmp_path):
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00A")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_env_file(tmp_path / ".env")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [("A=1\n= 2\n", 2, "says no variable"), ("A=1\n\nB=\0", 3, "NUL"), ("'A=B'=1\n", None, "'A=B'")],
)
def test_a_variables_file_with_a_line_that_makes_no_variable_is_an_error(tmp_path, text, line, message):
    (tmp_path / ".env").write_text(text)
    with pytest.raises(ConfigurationError, match=message) as caught:
        read_env_file(tmp_path / ".env")
    assert caught.value.problems[0].line == line
