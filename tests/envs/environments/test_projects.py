"""Environments of uv projects, from nothing to the next generation."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from atoll_host.envs.environments import building, dot_venv
from atoll_host.envs.environments.generations import RECORD
from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.errors import EnvironmentFailedError

from .conftest import ask, installed

if TYPE_CHECKING:
    from atoll_host.envs.environments.environments import Environments


class NoRunner:
    """Fails a test that starts a process."""

    def __getattr__(self, name):
        raise AssertionError(f"a process was started: {name}")


def without_processes(bench) -> Environments:
    return replace(bench.environments, runner=NoRunner(), discovery=NoRunner())


@pytest.fixture(scope="module")
def built(shared):
    """A project that is built and that no test changes: (bench, spec, result of the sync)."""
    spec = shared.project("six==1.16.0", name="steady", python="3.8")
    spec = replace(spec, python="3.11")
    return shared, spec, shared.sync(spec)


def test_the_first_sync_builds_what_the_project_asks_for(built):
    bench, spec, synced = built
    assert synced.changed
    assert synced.lock_changed
    assert installed(synced.environment.prefix) == {"six-1.16.0"}
    assert ask(synced.environment.executable, "import six; print(six.__version__)") == "1.16.0"
    assert (spec.source / "uv.lock").is_file()
    assert {step.phase for step in bench.progress} >= {"interpreter", "locking", "installing", "checking"}
    assert {step.location for step in bench.progress} == {"steady"}
    assert [change.to_json() for change in synced.changes] == [{"name": "six", "before": None, "after": "1.16.0"}]


def test_the_environment_lies_in_the_workspace_and_dot_venv_leads_to_it(built):
    bench, spec, synced = built
    prefix = synced.environment.prefix
    assert prefix.parent == bench.root / ".atoll/envs/steady"
    assert prefix.name == synced.environment.fingerprint[: len(prefix.name)]
    assert (spec.source / ".venv").is_symlink()
    assert (spec.source / ".venv").resolve() == prefix.resolve()
    assert not (spec.source / ".venv").readlink().is_absolute()


def test_the_sdk_is_seen_from_the_environment_and_through_dot_venv(built):
    _, spec, synced = built
    question = "import importlib.util; print(importlib.util.find_spec('atoll').submodule_search_locations[0])"
    for python in (synced.environment.executable, spec.source / ".venv/bin/python"):
        assert "/.atoll/sdk/" in os.path.realpath(ask(python, question))


def test_an_environment_in_step_is_known_without_starting_a_process(built):
    bench, spec, synced = built
    inspection = without_processes(bench).inspect(spec)
    assert (inspection.state, inspection.problems) == ("current", ())
    assert inspection.environment == synced.environment
    again = without_processes(bench).sync(spec)
    assert (again.changed, again.lock_changed, again.changes) == (False, False, ())
    assert again.environment == synced.environment


def test_everything_can_be_said_as_json(built):
    bench, spec, synced = built
    for result in (synced, bench.inspect(spec), bench.environments.describe(spec)):
        assert json.loads(json.dumps(result.to_json())) == result.to_json()


def test_a_project_that_was_never_built_is_missing(bench):
    inspection = bench.inspect(bench.project("six"))
    assert (inspection.state, inspection.environment, inspection.problems) == ("missing", None, ())


def test_settings_of_linters_leave_an_environment_in_step(bench):
    spec = bench.project()
    bench.sync(spec)
    with (spec.source / "pyproject.toml").open("a") as file:
        file.write('[tool.ruff]\nline-length = 99\n[tool.atoll]\nmodule = "x"\n')
    assert bench.inspect(spec).state == "current"
    with (spec.source / "pyproject.toml").open("a") as file:
        file.write("[tool.uv]\npackage = false\n")
    inspection = bench.inspect(spec)
    assert (inspection.state, inspection.reason) == ("stale", "changed since: pyproject.toml")


def test_a_new_dependency_makes_a_new_generation_and_the_old_one_stays_whole(bench):
    spec = bench.project("six==1.16.0")
    first = bench.sync(spec).environment
    bench.project("six==1.16.0", "iniconfig<2.1")
    inspection = bench.inspect(spec)
    assert inspection.state == "stale"
    assert inspection.environment == first
    second = bench.sync(spec)
    assert (second.changed, second.lock_changed) == (True, True)
    assert second.environment.prefix != first.prefix
    assert [change.name for change in second.changes] == ["iniconfig"]
    assert installed(first.prefix) == {"six-1.16.0"}
    assert ask(first.executable, "import six; print('works')") == "works"
    assert (spec.source / ".venv").resolve() == second.environment.prefix.resolve()


def test_going_back_takes_the_generation_that_is_still_there(bench):
    spec = bench.project("six==1.16.0")
    lock = spec.source / "uv.lock"
    first = bench.sync(spec).environment
    old_lock = lock.read_bytes()
    bench.project("six==1.17.0")
    bench.sync(spec)
    bench.project("six==1.16.0")
    lock.write_bytes(old_lock)
    back = bench.sync(spec)
    assert back.changed
    assert back.environment.prefix == first.prefix
    assert len(bench.generations()) == 2


def test_locked_refuses_to_change_the_lock_and_leaves_the_environment(bench):
    spec = bench.project("six==1.16.0")
    first = bench.sync(spec, lock_mode="update").environment
    lock = (spec.source / "uv.lock").read_bytes()
    bench.project("six==1.17.0")
    with pytest.raises(EnvironmentFailedError) as caught:
        bench.sync(spec, lock_mode="locked")
    problem = caught.value.problems[0]
    assert problem.kind == "lock_stale"
    assert problem.message == "uv.lock of loc does not fit pyproject.toml any more"
    assert "atoll lock loc" in problem.hint
    assert (spec.source / "uv.lock").read_bytes() == lock
    assert bench.inspect(spec).environment == first


def test_frozen_takes_the_lock_as_it_is_and_a_later_sync_still_checks_it(bench):
    spec = bench.project("six==1.16.0")
    bench.sync(spec)
    bench.project("six==1.17.0")
    frozen = bench.sync(spec, lock_mode="frozen")
    assert installed(frozen.environment.prefix) == {"six-1.16.0"}
    assert not bench.sync(spec, lock_mode="frozen").changed
    with pytest.raises(EnvironmentFailedError, match="does not fit"):
        bench.sync(spec, lock_mode="locked")
    updated = bench.sync(spec)
    assert (updated.lock_changed, installed(updated.environment.prefix)) == (True, {"six-1.17.0"})
    assert not without_processes(bench).sync(spec, lock_mode="locked").changed


@pytest.mark.parametrize("mode", ["locked", "frozen"])
def test_a_lock_that_is_not_there_is_said(bench, mode):
    with pytest.raises(EnvironmentFailedError) as caught:
        bench.sync(bench.project("six"), lock_mode=mode)
    assert caught.value.problems[0].kind == "lock_missing"
    assert "atoll lock loc" in caught.value.problems[0].hint


def test_lock_locks_and_upgrade_takes_the_newest(bench):
    spec = bench.project("six", more='[tool.uv]\nconstraint-dependencies = ["six==1.16.0"]\n')
    locked = bench.environments.lock(spec)
    assert locked.changed
    assert locked.path == spec.source / "uv.lock"
    assert not bench.environments.lock(spec, mode="locked").changed
    assert bench.inspect(spec).state == "missing"
    bench.project("six")
    assert bench.environments.lock(spec).changed
    upgraded = bench.environments.upgrade(spec, ["six"])
    assert upgraded.lock_changed
    assert installed(upgraded.environment.prefix) != {"six-1.16.0"}
    assert bench.environments.lock(spec, upgrade=True).changes == ()


def test_a_hand_changed_environment_is_reported_and_only_a_rebuild_overwrites_it(bench):
    spec = bench.project("six==1.16.0")
    environment = bench.sync(spec).environment
    packages = next(environment.prefix.glob("lib/*/site-packages"))
    (packages / "handmade-1.0.dist-info").mkdir()
    inspection = bench.inspect(spec)
    assert inspection.state == "drifted"
    assert inspection.environment == environment
    assert inspection.problems[0].severity == "warning"
    assert "handmade" in inspection.problems[0].message
    assert "--rebuild" in inspection.problems[0].hint
    kept = bench.sync(spec)
    assert (kept.changed, [problem.kind for problem in kept.problems]) == (False, ["drifted"])
    assert (packages / "handmade-1.0.dist-info").is_dir()
    rebuilt = bench.sync(spec, rebuild=True)
    assert rebuilt.changed
    assert rebuilt.environment.prefix.name.endswith("-1")
    assert [change.to_json() for change in rebuilt.changes] == []
    assert bench.inspect(spec).state == "current"


def test_drift_is_told_also_when_the_lock_has_to_be_checked_first(bench):
    spec = bench.project("six==1.16.0")
    bench.environments.lock(spec)
    environment = bench.sync(spec, lock_mode="frozen").environment
    (next(environment.prefix.glob("lib/*/site-packages")) / "handmade-1.0.dist-info").mkdir()
    synced = bench.sync(spec, lock_mode="locked")
    assert (synced.changed, [problem.kind for problem in synced.problems]) == (False, ["drifted"])


def test_hand_made_changes_that_a_new_environment_lacks_are_named(bench):
    spec = bench.project("six==1.16.0")
    environment = bench.sync(spec).environment
    packages = next(environment.prefix.glob("lib/*/site-packages"))
    (packages / "handmade-1.0.dist-info").mkdir()
    (packages / "iniconfig-2.0.0.dist-info").mkdir()
    bench.project("six==1.16.0", "iniconfig==2.0.0")
    assert bench.inspect(spec).state == "stale"
    synced = bench.sync(spec)
    assert [problem.message for problem in synced.problems] == [
        "what was installed by hand is not in the new environment of loc: handmade"
    ]
    assert bench.inspect(spec).problems == ()


def test_a_folder_that_the_user_made_is_never_touched(bench):
    spec = bench.project()
    (spec.source / ".venv").mkdir(parents=True)
    (spec.source / ".venv" / "mine").write_text("precious")
    synced = bench.sync(spec)
    assert [problem.kind for problem in synced.problems] == ["venv_in_the_way"]
    assert synced.problems[0].severity == "warning"
    assert (spec.source / ".venv" / "mine").read_text() == "precious"
    assert bench.inspect(spec).state == "current"
    assert [problem.kind for problem in bench.sync(spec).problems] == ["venv_in_the_way"]


def test_a_link_of_the_users_own_is_left_and_a_broken_one_is_replaced(bench, tmp_path):
    spec = bench.project()
    place = spec.source / ".venv"
    (tmp_path / "elsewhere").mkdir()
    place.symlink_to(tmp_path / "elsewhere")
    assert [problem.kind for problem in bench.sync(spec).problems] == ["venv_in_the_way"]
    assert place.resolve() == (tmp_path / "elsewhere").resolve()
    (tmp_path / "elsewhere").rmdir()
    synced = bench.sync(spec)
    assert synced.problems == ()
    assert place.resolve() == synced.environment.prefix.resolve()


def test_a_sync_with_nothing_to_do_puts_the_link_back(bench):
    spec = bench.project()
    synced = bench.sync(spec)
    (spec.source / ".venv").unlink()
    assert not bench.sync(spec).changed
    assert (spec.source / ".venv").resolve() == synced.environment.prefix.resolve()


def test_a_rebuilt_path_file_is_put_back_before_the_next_load(bench):
    spec = bench.project()
    environment = bench.sync(spec).environment
    file = next(environment.prefix.glob("lib/*/site-packages/atoll-sdk.pth"))
    file.unlink()
    assert without_processes(bench).inspect(spec).state == "current"
    assert file.is_file()


def test_a_workspace_that_moved_builds_anew(bench, tmp_path):
    spec = bench.project("six==1.16.0")
    bench.sync(spec)
    moved = tmp_path / "moved"
    bench.root.rename(moved)
    spec = replace(spec, source=moved / "loc")
    bench.root = moved
    inspection = bench.inspect(spec)
    assert inspection.state == "stale"
    assert "the folder of the workspace" in inspection.reason
    synced = bench.sync(spec)
    assert synced.changed
    assert synced.environment.prefix.is_relative_to(moved)


def test_wreckage_is_removed_and_never_taken_for_an_environment(bench):
    spec = bench.project()
    first = bench.sync(spec).environment
    wreckage = bench.root / ".atoll/envs/loc/0123456789ab"
    shutil.copytree(first.prefix, wreckage, symlinks=True)
    (wreckage / RECORD).unlink()
    bench.sync(spec, rebuild=True)
    assert not wreckage.exists()


def test_a_current_environment_that_lost_its_record_is_broken_and_a_sync_builds_it_anew(bench):
    spec = bench.project()
    first = bench.sync(spec).environment
    (first.prefix / RECORD).unlink()
    inspection = bench.inspect(spec)
    assert (inspection.state, inspection.environment) == ("broken", None)
    assert "atoll sync loc" in inspection.problems[0].hint
    assert bench.sync(spec).changed
    assert bench.inspect(spec).state == "current"
    assert not first.prefix.exists()


def test_an_interpreter_that_was_deleted_is_named_and_a_sync_takes_another(bench, tmp_path):
    spec = bench.project("six==1.16.0")
    environment = bench.sync(spec).environment
    # Stands for an uninstalled Python: the environment was made from a file that is deleted then.
    doomed = tmp_path / "doomed" / "bin" / "python"
    doomed.parent.mkdir(parents=True)
    doomed.symlink_to(environment.interpreter.base_executable)
    record = environment.prefix / RECORD
    data = json.loads(record.read_text())
    data["interpreter"]["base_executable"] = str(doomed)
    record.write_text(json.dumps(data))
    (environment.prefix / "bin" / "python").unlink()
    (environment.prefix / "bin" / "python").symlink_to(doomed)
    assert bench.inspect(spec).state == "current"
    doomed.unlink()
    inspection = bench.inspect(spec)
    assert (inspection.state, inspection.environment) == ("broken", None)
    assert inspection.problems[0].message == f"the interpreter of loc is gone: {doomed}"
    synced = bench.sync(spec)
    assert synced.changed
    assert synced.environment.interpreter.base_executable != str(doomed)
    assert bench.inspect(spec).state == "current"


def test_an_interpreter_that_was_replaced_makes_its_environments_stale(bench):
    spec = bench.project()
    environment = bench.sync(spec).environment
    record = environment.prefix / RECORD
    data = json.loads(record.read_text())
    data["interpreter_stamp"][2] += 1
    record.write_text(json.dumps(data))
    inspection = bench.inspect(spec)
    assert inspection.state == "stale"
    assert "the interpreter" in inspection.reason


def test_another_python_version_is_another_environment(bench, python):
    python("3.9"), python("3.12")
    spec = bench.project("six==1.16.0")
    bench.write({"loc/.python-version": "3.9\n"})
    assert bench.sync(spec).environment.interpreter.minor == "3.9"
    bench.write({"loc/.python-version": "3.12\n"})
    assert bench.inspect(spec).reason == "changed since: the Python asked for"
    newer = bench.sync(spec)
    assert newer.environment.interpreter.minor == "3.12"
    assert ask(newer.environment.executable, "import sys; print(sys.version_info[:2])") == "(3, 12)"


def test_two_syncs_at_once_both_end_well_and_build_once(bench):
    spec = bench.project("six==1.16.0", "iniconfig<2.1")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: bench.sync(spec), range(2)))
    assert sorted(result.changed for result in results) == [False, True]
    assert results[0].environment == results[1].environment
    assert len(bench.generations()) == 1


def test_an_environment_that_does_not_start_never_becomes_current(bench, monkeypatch):
    spec = bench.project("six==1.16.0")
    first = bench.sync(spec).environment
    bench.project("six==1.17.0")

    def sabotage(self, prefix, python, upgrade, fresh):
        self.backend.build(self.spec, self.settings, python, prefix, upgrade=upgrade, on_line=lambda _: None)
        next(prefix.glob("lib/*/site-packages")).joinpath("bad.pth").write_text("import os; os._exit(3)\n")
        return building.check_interpreter(self.environments.runner, prefix, dict(os.environ))

    monkeypatch.setattr(building._Building, "build", sabotage)
    with pytest.raises(EnvironmentFailedError, match="does not start"):
        bench.sync(spec)
    assert bench.generations() == [first.prefix]
    assert bench.inspect(spec).environment == first


def test_extras_and_groups_of_the_settings_are_installed(bench):
    more = '[project.optional-dependencies]\nx = ["six==1.16.0"]\n[dependency-groups]\ng = ["iniconfig==2.0.0"]\n'
    spec = replace(bench.project(more=more), settings=(("extras", ["x"]), ("groups", ["g"])))
    assert installed(bench.sync(spec).environment.prefix) == {"six-1.16.0", "iniconfig-2.0.0"}
    with pytest.raises(EnvironmentFailedError) as caught:
        bench.sync(replace(spec, settings=(("extras", ["nope"]),)))
    assert (
        caught.value.problems[0].message == "loc is set to install the extra nope, which pyproject.toml does not define"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param((("backnd", "uv"),), "unknown setting backnd", id="unknown"),
        pytest.param((("backend", "conda"),), "asks for the backend conda", id="backend"),
        pytest.param((("extras", "x"),), "extras of loc is no list", id="no-list"),
    ],
)
def test_wrong_settings_are_refused(bench, settings, message):
    spec = replace(bench.project(), settings=settings)
    with pytest.raises(EnvironmentFailedError, match=message):
        bench.sync(spec)


def test_members_of_a_uv_workspace_share_its_lock_and_get_environments_of_their_own(bench):
    bench.write({"pyproject.toml": '[tool.uv.workspace]\nmembers = ["*"]\n'})
    first = bench.project("six==1.16.0", name="first")
    second = bench.project("iniconfig==2.0.0", name="second")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(bench.sync, [first, second]))
    assert [installed(result.environment.prefix) for result in results] == [{"six-1.16.0"}, {"iniconfig-2.0.0"}]
    assert (bench.root / "uv.lock").is_file()
    assert not (first.source / "uv.lock").exists()
    assert bench.inspect(first).state == bench.inspect(second).state == "current"
    with (bench.root / "pyproject.toml").open("a") as file:
        file.write('[tool.uv]\nconstraint-dependencies = ["six<2"]\n')
    assert bench.inspect(first).reason == "changed since: ../pyproject.toml"


@pytest.fixture
def no_links(monkeypatch):
    """A file system on which no links can be made."""

    def refuse(*_, **__):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(dot_venv, "can_link", lambda _: False)
    monkeypatch.setattr(dot_venv, "link", refuse)


def test_where_links_cannot_be_made_dot_venv_is_built_in_place(bench, no_links):
    spec = bench.project("six==1.16.0")
    synced = bench.sync(spec)
    assert synced.environment.prefix == spec.source / ".venv"
    assert installed(spec.source / ".venv") == {"six-1.16.0"}
    assert bench.inspect(spec).state == "current"
    assert not bench.sync(spec).changed
    bench.project("six==1.17.0")
    assert bench.sync(spec).changed
    assert installed(spec.source / ".venv") == {"six-1.17.0"}


def test_a_build_in_place_that_was_interrupted_is_never_used(bench, no_links, monkeypatch):
    spec = bench.project("six==1.16.0")
    bench.sync(spec)
    bench.project("six==1.17.0")

    def die(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(building, "remove", lambda _: None)
        patch.setattr(building, "check_interpreter", die)
        with pytest.raises(KeyboardInterrupt):
            bench.sync(spec)
    inspection = bench.inspect(spec)
    assert (inspection.state, inspection.reason) == ("broken", "a build of it was interrupted")
    assert bench.sync(spec).changed
    assert bench.inspect(spec).state == "current"
    assert installed(spec.source / ".venv") == {"six-1.17.0"}


def test_without_links_a_folder_of_the_users_stays_and_the_environment_lies_aside(bench, no_links):
    spec = bench.project()
    (spec.source / ".venv").mkdir()
    synced = bench.sync(spec)
    assert synced.environment.prefix.parent == bench.root / ".atoll/envs/loc"
    assert [problem.kind for problem in synced.problems] == ["no_link"]


def test_the_callers_shell_does_not_misdirect_uv(bench, tmp_path):
    bench.variables.update(
        UV_PROJECT_ENVIRONMENT=str(tmp_path / "wrong"),
        UV_PROJECT=str(tmp_path / "wrong"),
        UV_PYTHON="3.7",
        UV_WORKING_DIR=str(tmp_path / "wrong"),
        UV_FROZEN="1",
        VIRTUAL_ENV=str(tmp_path / "wrong"),
        PYTHONHOME=str(tmp_path / "wrong"),
        PYTHONPATH=str(tmp_path / "wrong"),
    )
    synced = bench.sync(bench.project("six==1.16.0"))
    assert installed(synced.environment.prefix) == {"six-1.16.0"}
    assert not (tmp_path / "wrong").exists()


def test_the_state_folder_keeps_itself_out_of_version_control(bench):
    bench.sync(bench.project())
    assert (bench.root / ".atoll/.gitignore").read_text() == "*\n"


def test_a_spec_of_another_location_is_another_environment(bench):
    spec = bench.project("six==1.16.0")
    other = EnvironmentSpec("twin", "project", spec.source)
    one, two = bench.sync(spec).environment, bench.sync(other).environment
    assert one.prefix.parent.name == "loc"
    assert two.prefix.parent.name == "twin"
