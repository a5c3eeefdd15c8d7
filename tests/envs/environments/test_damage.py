"""Code that writes into installed files: it is said, and the next build has the files as they were."""

from __future__ import annotations

import os
import sys

import pytest

from atoll_host.envs.environments.damage import find_changed
from atoll_host.envs.environments.reviewing import review

from .conftest import ask

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: what is said of links is of POSIX")


@pytest.fixture
def with_cache(bench):
    """A workspace whose cache is its own, so that it may be damaged."""
    bench.variables["UV_CACHE_DIR"] = str(bench.root / "cache")
    bench.variables["UV_LINK_MODE"] = "hardlink"
    return bench


def installed_six(synced):
    (file,) = synced.environment.prefix.glob("lib/**/site-packages/six.py")
    return file


def damage(file):
    with file.open("a") as stream:
        stream.write("\nraise RuntimeError('damaged')\n")


def said(bench, spec):
    return [problem for problem in review(bench.environments, spec, spec.source) if problem.kind == "installed_changed"]


def works(synced):
    return ask(synced.environment.executable, "import six; print(six.__version__)")


def test_nothing_is_said_of_an_environment_as_it_was_built(with_cache):
    spec = with_cache.project("six", "packaging")
    with_cache.sync(spec)
    assert said(with_cache, spec) == []


def test_a_file_that_was_written_to_is_named_with_all_that_share_it(with_cache):
    first, second = with_cache.project("six", name="first"), with_cache.project("six", name="second")
    file = installed_six(with_cache.sync(first))
    other = installed_six(with_cache.sync(second))
    damage(file)
    (problem,) = said(with_cache, first)
    assert problem.message == (
        "six.py of six, which is installed for first, was written to; uv's cache and other environments have the same file"
    )
    assert (problem.file, problem.severity) == (str(file), "warning")
    assert problem.hint == "run: atoll sync first --rebuild"
    assert [problem.file for problem in said(with_cache, second)] == [str(other)]


@pytest.mark.parametrize("kind", ["project", "script", "requirements"])
def test_a_rebuilt_environment_has_the_files_as_they_were(with_cache, kind):
    if kind == "project":
        spec = with_cache.project("six")
    else:
        from atoll_host.envs.environments.spec import EnvironmentSpec

        script = '# /// script\n# requires-python = ">=3.9"\n# dependencies = ["six"]\n# ///\n'
        with_cache.write({"loc.py": script, "loc.txt": "six\n"})
        spec = EnvironmentSpec("loc", kind, with_cache.root / ("loc.py" if kind == "script" else "loc.txt"))
    damage(installed_six(with_cache.sync(spec)))
    assert works(with_cache.sync(spec, rebuild=True))
    assert said(with_cache, spec) == []


def test_an_environment_that_is_built_later_has_the_files_as_they_were(with_cache):
    first = with_cache.project("six", name="first")
    file = installed_six(with_cache.sync(first))
    damage(file)
    status = file.stat()
    # Later than unpacking can have been.
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + 60_000_000_000))
    assert works(with_cache.sync(with_cache.project("six", name="second")))


def test_with_copies_nobody_else_has_the_damage(with_cache):
    with_cache.variables["UV_LINK_MODE"] = "copy"
    first, second = with_cache.project("six", name="first"), with_cache.project("six", name="second")
    file = installed_six(with_cache.sync(first))
    damage(file)
    assert works(with_cache.sync(second))
    (problem,) = said(with_cache, first)
    assert "cache" not in problem.message
    assert said(with_cache, second) == []


def test_another_way_of_linking_is_another_environment(with_cache):
    spec = with_cache.project("six")
    with_cache.sync(spec)
    with_cache.variables["UV_LINK_MODE"] = "copy"
    assert with_cache.inspect(spec).state == "stale"
    file = installed_six(with_cache.sync(spec))
    assert file.stat().st_nlink == 1


def test_a_file_that_was_only_touched_is_not_changed(with_cache):
    synced = with_cache.sync(with_cache.project("six"))
    os.utime(installed_six(synced))
    assert find_changed([installed_six(synced).parent], built=0.0) == ()


@pytest.mark.parametrize("record", ["", "no record", '"', "six.py,sha256=,\n", "six.py,sha256=x,\n\0,,\n"])
def test_a_record_that_is_damaged_itself_is_no_failure(tmp_path, record):
    folder = tmp_path / "six-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: six\n")
    (folder / "RECORD").write_text(record)
    assert find_changed([tmp_path, tmp_path / "nowhere"], built=0.0) == ()
