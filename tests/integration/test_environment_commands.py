"""sync, lock, upgrade, clean, doctor and exec, through the command line, with real uv and real packages."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from command_line import Folder

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
DEFINITIONS = "import six\nfrom atoll import Definitions, asset\n\n\n@asset\ndef one():\n    return six.__version__\n\n\ndefs = Definitions(assets=[one])\n"


def project(name, *requirements, python=f"=={PYTHON}.*"):
    dependencies = ", ".join(f'"{requirement}"' for requirement in requirements)
    return {
        f"{name}/pyproject.toml": f'[project]\nname = "{name}"\nversion = "0"\nrequires-python = "{python}"\ndependencies = [{dependencies}]\n\n[tool.atoll]\nmodule = "definitions"\n',
        f"{name}/definitions.py": DEFINITIONS,
    }


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two built locations with contradicting packages."""
    folder = Folder(tmp_path_factory.mktemp("pair"))
    folder.write({"workspace.yaml": "load_from:\n  - project: old\n  - project: new\n"})
    folder.write(project("old", "six==1.15.0") | project("new", "six>=1.16"))
    folder.run("sync").ended(0)
    return folder


def test_packages_that_exclude_one_another_are_loaded_side_by_side(pair):
    rows = pair.run("list", "--json").ended(0).json()["data"]
    rows = rows["locations"] if isinstance(rows, dict) else rows
    assert [(row["name"], row["status"]) for row in rows] == [("old", "loaded"), ("new", "loaded")]
    versions = [
        pair.run("exec", name, "--", "python", "-c", "import six; print(six.__version__)").ended(0).out.strip()
        for name in ("old", "new")
    ]
    assert versions[0] == "1.15.0"
    assert versions[1] != "1.15.0"


def test_a_second_sync_changes_nothing(pair):
    before = {path: path.stat().st_mtime_ns for path in pair.path.rglob("uv.lock")}
    assert "2 unchanged" in pair.run("sync").ended(0).out
    assert {path: path.stat().st_mtime_ns for path in pair.path.rglob("uv.lock")} == before


def test_exec_runs_with_path_and_virtual_env_as_activation_sets_them(pair):
    script = "import json, os, sys; print(json.dumps([os.environ['VIRTUAL_ENV'], os.environ['PATH'].split(os.pathsep)[0], sys.prefix, os.getcwd()]))"
    variables = {"VIRTUAL_ENV": "/elsewhere", "PYTHONPATH": "/elsewhere", "CONDA_PREFIX": "/elsewhere"}
    outcome = pair.run("exec", "old", "--", "python", "-c", script, variables=variables).ended(0)
    environment, first, prefix, directory = json.loads(outcome.out)
    assert os.path.realpath(environment) == os.path.realpath(prefix)
    assert str(Path(first).parent) == environment
    assert directory == str(pair.path / "old")


def test_exec_ends_with_the_status_of_the_command(pair):
    assert pair.run("exec", "old", "--", "python", "-c", "raise SystemExit(7)").status == 7


def test_exec_runs_everywhere_and_fails_when_it_failed_anywhere(pair):
    script = "import six, sys; print(six.__version__); sys.exit(six.__version__ == '1.15.0')"
    outcome = pair.run("exec", "--all", "--", "python", "-c", script).ended(1)
    assert "1.15.0" in outcome.out
    assert len(outcome.out.split()) == 2
    assert pair.run("exec", "--all", "--", "python", "-c", "pass").ended(0)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["nowhere", "--", "python"], "no location 'nowhere'", id="unknown-location"),
        pytest.param(["old"], "no command", id="no-command"),
        pytest.param(["old", "--", "no-such-program"], "no command 'no-such-program'", id="unknown-command"),
    ],
)
def test_exec_used_wrongly_is_said(pair, words, says):
    assert says in pair.run("exec", *words).ended(2).err


def test_options_of_the_command_are_not_ours(pair):
    assert pair.run("exec", "old", "python", "--version").ended(0).out.startswith("Python 3")


def test_doctor_explains_each_location(pair):
    text = pair.run("doctor").ended(0).out
    for words in ("in step", "Python", "because", "requires-python", "six 1.15.0", "Lock", "fresh", "Size"):
        assert words in text
    rows = pair.run("doctor", "--json").ended(0).json()["data"]
    rows = rows["locations"] if isinstance(rows, dict) else rows
    assert [row["location"] for row in rows] == ["old", "new"]


def test_lock_says_when_there_is_nothing_to_do(pair):
    assert "unchanged" in pair.run("lock").ended(0).out


def test_a_location_that_cannot_be_built_leaves_the_others_alone(folder):
    folder.write(
        {"workspace.yaml": "load_from:\n  - project: good\n  - project: torn\n  - project: lost\n  - project: old\n"}
    )
    folder.write(
        project("good", "six")
        | project("torn", "six<1.15", "six>1.15")
        | project("lost", "no-such-package-anywhere-at-all")
        | project("old", python="==3.7.*")
    )
    outcome = folder.run("sync", "--json").ended(1)
    rows = outcome.json()["data"]
    rows = rows["locations"] if isinstance(rows, dict) else rows
    assert {row["name"]: row["status"] for row in rows} == {
        "good": "built",
        "torn": "failed",
        "lost": "failed",
        "old": "failed",
    }
    kinds = {problem["location"]: problem["kind"] for problem in outcome.problems}
    assert kinds == {"torn": "unsatisfiable", "lost": "package_not_found", "old": "no_interpreter"}
    shown = folder.run("sync").ended(1)
    assert "hint:" in shown.err
    assert folder.run("validate", "good").ended(0)


def test_an_upgrade_takes_what_the_requirements_allow_and_clean_frees_what_is_left(folder):
    folder.write({"workspace.yaml": "load_from:\n  - project: one\n"})
    folder.write(project("one", "six<=1.15"))
    folder.run("sync").ended(0)
    folder.write(project("one", "six"))
    assert (
        "six 1.15"
        in folder.run("exec", "one", "--", "python", "-c", "import six; print('six', six.__version__)").ended(0).out
    )
    assert "out of step" in folder.run("doctor").out
    folder.run("sync").ended(0)
    assert (
        "six 1.15"
        in folder.run("exec", "one", "--", "python", "-c", "import six; print('six', six.__version__)").ended(0).out
    )
    folder.run("upgrade", "six").ended(0)
    assert (
        "six 1.15"
        not in folder.run("exec", "one", "--", "python", "-c", "import six; print('six', six.__version__)").ended(0).out
    )
    assert "freed in all" in folder.run("clean").ended(0).out
    folder.run("validate").ended(0)
    folder.run("clean", "--all").ended(0)
    assert "no environment yet" in folder.run("validate").ended(1).out
    folder.run("sync").ended(0)
    folder.run("validate").ended(0)


def test_locked_refuses_to_change_a_lock(folder):
    folder.write({"workspace.yaml": "load_from:\n  - project: one\n", **project("one", "six")})
    assert folder.run("sync", "--locked", "--json").ended(1).problems[0]["kind"] in {"lock_missing", "lock_stale"}
    assert not (folder.path / "one" / "uv.lock").exists()
    folder.run("sync").ended(0)
    lock = (folder.path / "one" / "uv.lock").read_bytes()
    folder.write(project("one", "six", "idna"))
    assert folder.run("sync", "--locked", "--json").ended(1).problems[0]["kind"] == "lock_stale"
    assert (folder.path / "one" / "uv.lock").read_bytes() == lock
    assert "exclude each other" in folder.run("sync", "--locked", "--frozen").ended(2).err


def test_a_location_that_deletes_files_of_its_own_environment_harms_itself_alone(pair, tmp_path):
    folder = Folder(tmp_path).write({"workspace.yaml": "load_from:\n  - project: sound\n  - project: harms\n"})
    folder.write(project("sound", "six==1.15.0") | project("harms", "six==1.15.0"))
    # The same file of the cache is behind both environments.
    text = "import os, six\nif os.path.exists('harm'):\n    os.remove(six.__file__)\n    raise RuntimeError('gone')\n"
    folder.write({"harms/definitions.py": text + DEFINITIONS.replace("one", "other")})
    folder.run("sync").ended(0)
    folder.run("validate").ended(0)
    folder.write({"harms/harm": ""})
    folder.run("validate").ended(1)
    (folder.path / "harms" / "harm").unlink()
    outcome = folder.run("validate", "--json").ended(1)
    assert {problem["location"] for problem in outcome.problems} == {"harms"}
    assert "six" in outcome.problems[0]["message"]
    folder.run("sync", "harms", "--rebuild").ended(0)
    folder.run("validate").ended(0)
