"""What `doctor` is told of an environment, and what `clean` removes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from atoll_host.envs.environments.cleaning import measure, measure_gain
from atoll_host.envs.environments.results import PackageChange
from atoll_host.envs.environments.spec import EnvironmentSpec

LIBRARY = """\
[project]
name = "{name}"
version = "0.3"
requires-python = ">=3.9"
description = "A library."

[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"
"""


def library(bench, name):
    bench.write({f"{name}/pyproject.toml": LIBRARY.format(name=name), f"{name}/{name}.py": '"""A library."""\n'})
    (bench.root / name / f"{name}.py").write_text('"""A library."""\n__version__ = "0.3"\n')


def test_a_description_tells_packages_lock_size_and_generations(bench):
    library(bench, "edits")
    library(bench, "copied")
    more = '\n[tool.uv.sources]\nedits = { path = "../edits", editable = true }\ncopied = { path = "../copied" }\n'
    spec = bench.project("six==1.16.0", "edits", "copied", more=more)
    environment = bench.sync(spec).environment
    description = bench.environments.describe(spec)
    assert description.inspection.state == "current"
    assert description.inspection.environment.reason
    assert (description.backend, description.lock) == ("uv", "fresh")
    assert description.lock_path == str(spec.source / "uv.lock")
    assert "brought by this tool" in description.tool
    packages = {package.name: package for package in description.packages}
    assert set(packages) == {"six", "edits", "copied"}
    assert (packages["six"].version, packages["six"].editable, packages["six"].path) == ("1.16.0", False, None)
    assert (packages["edits"].editable, packages["edits"].path) == (True, str(bench.root / "edits"))
    assert (packages["copied"].editable, packages["copied"].path) == (False, str(bench.root / "copied"))
    assert description.drift == ()
    assert description.size == measure(environment.prefix) > 100_000
    assert [(one.path, one.current) for one in description.generations] == [(str(environment.prefix), True)]
    (problem,) = description.problems
    assert (problem.kind, problem.severity) == ("not_editable", "warning")
    assert problem.message == "copied is installed as a copy of ../copied, so edits there never arrive"
    lines = (spec.source / "pyproject.toml").read_text().splitlines()
    assert lines[problem.line - 1].startswith("copied = ")
    (bench.root / "copied/pyproject.toml").write_text(LIBRARY.format(name="copied").replace("0.3", "0.4"))
    assert bench.inspect(spec).reason == "changed since: ../copied/pyproject.toml"


def test_a_stale_lock_and_drift_are_told(bench):
    spec = bench.project("six==1.16.0")
    environment = bench.sync(spec).environment
    packages = next(environment.prefix.glob("lib/*/site-packages"))
    (packages / "six-1.16.0.dist-info").rename(packages / "six-9.0.dist-info")
    (packages / "handmade-1.0.dist-info").mkdir()
    description = bench.environments.describe(spec)
    assert description.drift == (PackageChange("handmade", None, "1.0"), PackageChange("six", "1.16.0", "9.0"))
    assert description.inspection.state == "drifted"
    bench.project("six==1.17.0")
    assert bench.environments.describe(spec).lock == "stale"
    (spec.source / "uv.lock").unlink()
    assert bench.environments.describe(spec).lock == "missing"


def test_what_was_never_built_or_is_malformed_is_described_all_the_same(bench):
    spec = bench.project("six==1.16.0")
    description = bench.environments.describe(spec)
    assert (description.inspection.state, description.lock, description.packages) == ("missing", "missing", ())
    assert description.interpreter.version >= (3, 9, 0)
    assert description.reason
    (spec.source / "pyproject.toml").write_text("[project\n")
    description = bench.environments.describe(spec)
    assert description.problems
    assert description.problems[0].file == str(spec.source / "pyproject.toml")


def test_the_description_of_a_location_that_no_interpreter_fits_still_tells_the_rest(bench):
    spec = bench.project("six==1.16.0", python="3.99")
    description = bench.environments.describe(spec)
    assert (description.interpreter, description.backend, description.lock) == (None, "uv", "missing")
    assert "3.99" in description.problems[0].message


def test_copies_in_requirements_are_pointed_out_with_their_line(bench):
    library(bench, "copied")
    bench.write({"requirements.txt": "six==1.16.0\n./copied\n-e ./copied\n"})
    spec = EnvironmentSpec("loc", "requirements", bench.root / "requirements.txt")
    (problem,) = bench.environments.describe(spec).problems
    assert (problem.message, problem.line) == (
        "copied is installed as a copy of ./copied, so edits there never arrive",
        2,
    )
    assert problem.hint == "write -e ./copied"


def test_the_packages_of_an_interpreter_as_it_is_are_asked_of_itself(bench):
    spec = EnvironmentSpec("own", "interpreter", executable=type(bench.root)(sys.executable))
    description = bench.environments.describe(spec)
    assert "pytest" in {package.name for package in description.packages}


def test_files_with_several_names_are_counted_once_and_gain_nothing_while_one_stays(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    (inside / "a").write_bytes(b"x" * 100_000)
    os.link(inside / "a", inside / "b")
    both = measure(inside)
    assert 100_000 <= both < 200_000
    assert measure_gain(inside) == both
    os.link(inside / "a", outside)
    assert measure(inside) == both
    assert measure_gain(inside) == 0


def test_clean_removes_old_generations_and_wreckage_but_not_the_current_one(bench):
    spec = bench.project("six==1.16.0")
    old = bench.sync(spec).environment
    bench.project("six==1.17.0")
    new = bench.sync(spec).environment
    wreckage = bench.root / ".atoll/envs/loc/wreckage"
    wreckage.mkdir()
    cleaned = bench.environments.clean(spec)
    assert set(cleaned.removed) == {old.prefix, wreckage}
    assert cleaned.freed > 0
    assert bench.generations() == [new.prefix]
    assert bench.inspect(spec).state == "current"
    assert bench.environments.clean(spec).removed == ()


def test_clean_of_everything_takes_the_link_along(bench):
    spec = bench.project()
    environment = bench.sync(spec).environment
    cleaned = bench.environments.clean(spec, current=True)
    assert cleaned.removed == (environment.prefix,)
    assert not (spec.source / ".venv").is_symlink()
    assert bench.inspect(spec).state == "missing"
    assert bench.sync(spec).changed


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: needs /proc to see who uses what")
def test_an_environment_that_a_process_uses_is_kept(bench):
    spec = bench.project()
    environment = bench.sync(spec).environment
    words = [environment.executable, "-c", "print('ready', flush=True); input()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        worker.stdout.readline()
        kept = bench.environments.clean(spec, current=True)
        assert (kept.removed, kept.kept) == ((), (environment.prefix,))
        assert bench.inspect(spec).state == "current"
        worker.communicate(b"\n", timeout=60)
    assert bench.environments.clean(spec, current=True).removed == (environment.prefix,)


def test_environments_of_locations_that_are_gone_are_strays(bench):
    first, second = bench.project(name="first"), bench.project(name="second")
    bench.sync(first)
    bench.sync(second)
    cleaned = bench.environments.clean_strays(["first"])
    assert [path.parent.name for path in cleaned.removed] == ["second"]
    assert not (bench.root / ".atoll/envs/second").exists()
    assert bench.inspect(first).state == "current"


def test_old_generations_go_by_themselves_once_they_are_neither_recent_nor_used(bench):
    spec = bench.project("six==1.16.0")
    first = bench.sync(spec).environment
    second = bench.sync(spec, rebuild=True).environment
    third = bench.sync(spec, rebuild=True).environment
    assert set(bench.generations()) == {first.prefix, second.prefix, third.prefix}
    later = replace(bench.environments, now=lambda: first.prefix.stat().st_mtime + 100_000)
    fourth = later.sync(spec, rebuild=True).environment
    assert set(bench.generations()) == {third.prefix, fourth.prefix}


def test_what_killed_commands_left_is_cleaned_up_once_nobody_can_be_using_it(bench):
    state = bench.root / ".atoll"
    old, young, other = state / "new-abc", state / "new-def", state / "sdk/.new-0123"
    for folder in (old, young, other):
        folder.mkdir(parents=True)
        (folder / "file").write_text("x" * 5000)
    for folder in (old, other):
        os.utime(folder, (0, 0))
    cleaned = bench.environments.clean_strays([])
    assert set(cleaned.removed) == {old, other}
    assert cleaned.freed >= 10_000
    assert young.is_dir()
    assert not old.exists()
    assert not other.exists()
