"""Scripts, requirements and interpreters as they are; and virtualenv with pip as the second backend."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.errors import EnvironmentFailedError, NoInterpreterError

from .conftest import ask, installed

SCRIPT = """\
# /// script
# requires-python = ">=3.9"
# dependencies = ["six=={version}"]
# ///
import six

print("{word}")
"""
VIRTUALENV = (("backend", "virtualenv"),)


def script(bench, version="1.16.0", word="one"):
    bench.write({"reports/monthly.py": SCRIPT.format(version=version, word=word)})
    return EnvironmentSpec("monthly", "script", bench.root / "reports/monthly.py")


def requirements(bench, text, name="requirements.txt"):
    bench.write({f"legacy/{name}": text})
    return EnvironmentSpec("legacy", "requirements", bench.root / "legacy" / name)


def test_a_script_gets_the_environment_that_its_metadata_asks_for(bench):
    spec = script(bench)
    synced = bench.sync(spec)
    assert (synced.changed, synced.lock_changed) == (True, True)
    assert installed(synced.environment.prefix) == {"six-1.16.0"}
    assert (bench.root / "reports/monthly.py.lock").is_file()
    assert bench.inspect(spec).state == "current"
    assert not bench.sync(spec, lock_mode="locked").changed
    assert "atoll" in ask(synced.environment.executable, "import importlib.util as u; print(u.find_spec('atoll'))")


def test_editing_the_code_of_a_script_leaves_its_environment_in_step(bench):
    spec = script(bench)
    bench.sync(spec)
    script(bench, word="two")
    assert bench.inspect(spec).state == "current"
    script(bench, version="1.17.0")
    assert bench.inspect(spec).reason == "changed since: the metadata of monthly.py"
    with pytest.raises(EnvironmentFailedError) as caught:
        bench.sync(spec, lock_mode="locked")
    assert caught.value.problems[0].kind == "lock_stale"
    assert installed(bench.sync(spec).environment.prefix) == {"six-1.17.0"}


def test_requirements_are_installed_and_their_includes_followed(bench):
    bench.write({"legacy/base.txt": "six==1.16.0\n", "legacy/limits.txt": "iniconfig==2.0.0\n"})
    spec = requirements(bench, "-r base.txt\n-c limits.txt\niniconfig\n")
    synced = bench.sync(spec)
    assert installed(synced.environment.prefix) == {"six-1.16.0", "iniconfig-2.0.0"}
    assert not synced.lock_changed
    assert not bench.sync(spec, lock_mode="locked").changed
    assert bench.environments.lock(spec).path is None
    bench.write({"legacy/base.txt": "six==1.17.0\n"})
    assert bench.inspect(spec).reason == "changed since: base.txt"


def test_upgrading_requirements_builds_them_anew(bench):
    spec = requirements(bench, "six==1.16.0\n")
    first = bench.sync(spec).environment
    upgraded = bench.environments.upgrade(spec)
    assert upgraded.changed
    assert upgraded.environment.prefix != first.prefix


def test_an_explicit_python_goes_before_everything(bench, python):
    python("3.10")
    spec = replace(requirements(bench, "six==1.16.0\n"), python="3.10")
    synced = bench.sync(spec)
    assert synced.environment.interpreter.minor == "3.10"
    assert "3.10" in synced.environment.reason


def test_an_interpreter_is_taken_as_it_is_and_never_written_to(bench, tmp_path, python):
    home = tmp_path / "theirs"
    subprocess.run([python("3.11"), "-m", "venv", "--without-pip", home], check=True, timeout=120)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    spec = EnvironmentSpec("theirs", "interpreter", executable=home / "bin/python", why="named by executable_path")
    inspection = bench.inspect(spec)
    assert inspection.state == "as_is"
    assert inspection.environment.prefix == home
    assert inspection.environment.executable == home / "bin/python"
    assert inspection.environment.fingerprint is None
    synced = bench.sync(spec)
    assert (synced.changed, synced.environment) == (False, inspection.environment)
    assert bench.environments.lock(spec).path is None
    assert bench.environments.describe(spec).lock == "none"
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


def test_an_interpreter_outside_of_virtual_environments_has_no_prefix(bench, python):
    spec = EnvironmentSpec("bare", "interpreter", executable=bench.root.__class__(python("3.11")))
    assert bench.inspect(spec).environment.prefix is None


def test_an_interpreter_that_is_not_there_is_broken_with_its_path(bench, tmp_path):
    spec = EnvironmentSpec("gone", "interpreter", executable=tmp_path / "nowhere/python")
    inspection = bench.inspect(spec)
    assert (inspection.state, inspection.environment) == ("broken", None)
    assert str(tmp_path / "nowhere/python") in inspection.problems[0].message
    with pytest.raises(NoInterpreterError):
        bench.sync(spec)


def test_virtualenv_and_pip_install_requirements(bench):
    spec = replace(requirements(bench, "six==1.16.0\n"), settings=VIRTUALENV)
    synced = bench.sync(spec)
    assert "six-1.16.0" in installed(synced.environment.prefix)
    assert {name.split("-")[0] for name in installed(synced.environment.prefix)} == {"six", "pip"}
    assert synced.environment.backend == "virtualenv"
    assert bench.inspect(spec).state == "current"
    assert bench.inspect(replace(spec, settings=())).state == "stale"


def test_virtualenv_and_pip_install_what_a_script_asks_for(bench):
    spec = replace(script(bench), settings=VIRTUALENV)
    assert "six-1.16.0" in installed(bench.sync(spec).environment.prefix)
    assert not (bench.root / "reports/monthly.py.lock").exists()


def test_virtualenv_and_pip_install_a_project_with_extras_and_groups(bench):
    more = '[project.optional-dependencies]\nx = ["idna==3.7"]\n[dependency-groups]\ng = ["iniconfig==2.0.0"]\n'
    spec = bench.project("six==1.16.0", more=more)
    spec = replace(spec, settings=(*VIRTUALENV, ("extras", ["x"]), ("groups", ["g"])))
    synced = bench.sync(spec)
    assert installed(synced.environment.prefix) >= {"six-1.16.0", "idna-3.7", "iniconfig-2.0.0"}
    assert (spec.source / ".venv").resolve() == synced.environment.prefix.resolve()


def test_virtualenv_refuses_what_it_would_have_to_ignore(bench):
    spec = bench.project("six==1.16.0")
    bench.environments.lock(spec)
    spec = replace(spec, settings=VIRTUALENV)
    with pytest.raises(EnvironmentFailedError, match=r"has a uv\.lock"):
        bench.sync(spec)
    (spec.source / "uv.lock").unlink()
    bench.project("six", more='[tool.uv.sources]\nsix = { path = "../six" }\n')
    with pytest.raises(EnvironmentFailedError, match=r"has tool\.uv\.sources"):
        bench.sync(spec)


def test_virtualenv_says_that_it_cannot_serve_an_old_python(bench, python):
    python("3.8")
    spec = replace(requirements(bench, "six==1.16.0\n"), settings=VIRTUALENV, python="3.8")
    with pytest.raises(EnvironmentFailedError, match="virtualenv makes no environments") as caught:
        bench.sync(spec)
    assert "uv makes environments for 3.8" in caught.value.problems[0].hint
    assert bench.sync(replace(spec, settings=())).environment.interpreter.minor == "3.8"
