"""`atoll env`: where each variable comes from, and no secret on any screen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from atoll_host.envs.loading.origins import explain_variables, looks_secret
from atoll_host.envs.loading.temporary import without_temporary
from atoll_host.envs.loading.variables import location_variables

ENTRY = "relative_path: one.py, executable_path: {python}"
CALLER = {
    "A": "caller",
    "DB_PASSWORD": "hush-caller",
    "STORE": "postgres://me:hush-store@host/db",
    "PLAIN": "plain",
    "PYTHONPATH": "/x",
    "UV_INDEX": "hush-index",
    "TMPDIR": "/tmp",
}


@pytest.fixture
def layered(folder):
    return folder.write(
        {
            "workspace.yaml": "env_file: shared.env\nload_from:\n  - python_file: {"
            + ENTRY.format(python=sys.executable)
            + ", env_file: own.env}\n",
            "shared.env": "A=shared\nB=shared\nAPI_KEY=hush-key\n",
            "own.env": "B=own\nC=own\n",
            "one.py": "import os\nimport atoll\n\n\n@atoll.asset(metadata={'seen': '{A} {B} {C}'.format(**os.environ)})\n"
            "def one():\n    return 1\n\n\ndefs = atoll.Definitions(assets=[one])\n",
        }
    )


def test_each_variable_has_its_origin(layered):
    data = layered.run("env", "one", "--json", variables=CALLER).ended(0).json()["data"]
    found = {row["name"]: row for row in data["variables"]}
    assert {name: found[name]["origin"] for name in (*CALLER, "B", "C", "API_KEY", "PATH", "ATOLL_LOADING")} == {
        "A": "workspace_env_file",
        "B": "location_env_file",
        "C": "location_env_file",
        "API_KEY": "workspace_env_file",
        "DB_PASSWORD": "caller",
        "STORE": "caller",
        "PLAIN": "caller",
        "PYTHONPATH": "dropped",
        "UV_INDEX": "dropped",
        "TMPDIR": "tool",
        "PATH": "activation",
        "ATOLL_LOADING": "tool",
    }
    assert found["B"]["overrides"] == ["workspace_env_file"]
    assert found["A"]["overrides"] == ["caller"]
    assert found["C"]["file"] == str(layered.path / "own.env")
    assert found["PYTHONPATH"]["reason"]
    assert {row["value"] for row in data["variables"]} == {None}
    assert [row["name"] for row in data["variables"]] == sorted(found)


def test_a_load_sees_the_values_that_are_told(layered):
    shown = layered.run("env", "one", "--json", "--show", "A", "--show", "B", "--show", "C", variables=CALLER).ended(0)
    values = {row["name"]: row["value"] for row in shown.json()["data"]["variables"] if row["value"]}
    assert values == {"A": "shared", "B": "own", "C": "own"}
    described = layered.run("show", "asset", "one", "--json", variables=CALLER).ended(0).out
    assert "shared own own" in described


def test_a_value_is_shown_when_asked_for_and_that_of_a_secret_never(layered):
    words = [word for name in ("PLAIN", "DB_PASSWORD", "STORE", "API_KEY") for word in ("--show", name)]
    for more in ((), ("--json",)):
        outcome = layered.run("env", "one", *words, *more, variables=CALLER).ended(0)
        assert "hush" not in outcome.out + outcome.err
        assert "plain" in outcome.out
        assert "plain" not in layered.run("env", "one", *more, variables=CALLER).ended(0).out
    assert "did you mean PLAIN?" in layered.run("env", "one", "--show", "PLAI", variables=CALLER).ended(2).err
    assert (
        "no variable 'PYTHONPATH'" in layered.run("env", "one", "--show", "PYTHONPATH", variables=CALLER).ended(2).err
    )


def test_a_variables_file_that_is_not_there_is_an_error_where_it_is_named(layered):
    (layered.path / "own.env").unlink()
    for words in (("env", "one"), ("exec", "one", "--", "true"), ("list",), ("validate",)):
        outcome = layered.run(*words).ended(1)
        assert "there is no own.env" in outcome.out + outcome.err
        assert "workspace.yaml:3:" in (outcome.out + outcome.err).replace("\n", ""), words
    (layered.path / "shared.env").unlink()
    assert "workspace.yaml:1:11" in layered.run("env", "one").ended(1).err


def test_a_variables_file_that_a_project_names_and_that_is_not_there_is_an_error_there(folder):
    folder.write(
        {
            "pyproject.toml": '[project]\nname = "lone"\nversion = "1"\n[tool.atoll]\nmodule = "lone"\nenv-file = ["a.env"]\n',
            "lone.py": "",
        }
    )
    (problem,) = (one for one in folder.run("validate", "--json").ended(1).problems if "a.env" in one["message"])
    assert (problem["file"], problem["line"]) == (str(folder.path / "pyproject.toml"), 6)
    assert problem["column"]


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "API_KEY", "apikey", "PGPASSWORD", "SENTRY_DSN", "MY_PASS",
        "GOOGLE_APPLICATION_CREDENTIALS", "MYSQL_PWD", "PRIVATE_KEY", "BASIC_AUTH", "SESSION", "SSH_PASSPHRASE",
    ],
)  # fmt: skip
def test_names_of_secrets_are_recognised(name):
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name", ["PATH", "PWD", "OLDPWD", "HOME", "AWS_PROFILE", "LANG", "KEYBOARD", "MONKEY", "AUTHOR"]
)
def test_other_names_are_no_secrets(name):
    assert not looks_secret(name)


@pytest.mark.parametrize("prefix", [Path("/envs/one"), None])
def test_what_is_told_is_what_a_location_gets(tmp_path, prefix):
    shared, own = tmp_path / "shared.env", tmp_path / "own.env"
    shared.write_text("A=shared\nTMPDIR=/shared\n")
    own.write_text("B=own\nPATH=/own\n")
    caller = {**CALLER, "PATH": "/x/bin:/usr/bin", "VIRTUAL_ENV": "/x", "CONDA_PREFIX": "/c", "HOME": "/h"}
    place = {"prefix": prefix, "executable": Path("/envs/one/bin/python")}
    told = explain_variables(caller, **place, workspace_files=[shared], location_files=[own])
    got = location_variables(without_temporary(caller), **place, env_files=[shared, own])
    assert {one.name: one.value for one in told if one.origin not in {"dropped", "tool"}} == got
    assert {one.name for one in told} >= caller.keys()
    assert all(one.reason for one in told if one.origin in {"dropped", "tool"})
