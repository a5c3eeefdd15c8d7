"""What can go wrong while an environment is built: a sentence, a place, a next step, and nothing lost."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from atoll_host.envs.environments import building
from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.errors import EnvironmentFailedError, NoInterpreterError

from .conftest import installed


def project(bench, *dependencies, more=""):
    return bench.project(*dependencies, more=more)


def contradiction(bench):
    return project(bench, "requests==2.31.0", "idna<2")


def missing_package(bench):
    return project(bench, "six", "there-is-no-such-package-atoll")


def missing_version(bench):
    return project(bench, "six==99.0")


def offline(bench):
    bench.variables.update(UV_OFFLINE="1", UV_CACHE_DIR=str(bench.root / "empty-cache"))
    return project(bench, "six")


def unreachable(bench):
    bench.variables.update(UV_INDEX_URL="http://someone:hunter22@127.0.0.1:9/simple", UV_HTTP_RETRIES="0")
    bench.variables.update(UV_CACHE_DIR=str(bench.root / "empty-cache"), UV_HTTP_TIMEOUT="20")
    return project(bench, "six")


def failing_build(bench):
    bench.write(
        {
            "broken/pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            '[project]\nname = "broken"\nversion = "1"\n',
            "broken/backend.py": 'raise SystemExit("gcc is not here")\n',
        }
    )
    return project(bench, "broken", more='[tool.uv.sources]\nbroken = { path = "../broken" }\n')


def altered_download(bench):
    spec = project(bench, "six==1.17.0")
    bench.environments.lock(spec)
    lock = spec.source / "uv.lock"
    lock.write_text(re.sub("sha256:[0-9a-f]{8}", "sha256:00000000", lock.read_text()))
    bench.variables["UV_CACHE_DIR"] = str(bench.root / "empty-cache")
    return spec


def malformed_project(bench):
    spec = project(bench)
    with (spec.source / "pyproject.toml").open("a") as file:
        file.write("[tool.x]\nbroken = [1,\n")
    return spec


def malformed_lock(bench):
    spec = project(bench, "six")
    (spec.source / "uv.lock").write_text("version = 1\nbroken = [\n")
    return spec


def project_that_is_gone(bench):
    return EnvironmentSpec("loc", "project", bench.root / "gone")


def requirements(bench, text):
    bench.write({"legacy/requirements.txt": text})
    return EnvironmentSpec("loc", "requirements", bench.root / "legacy/requirements.txt")


def malformed_requirements(bench):
    return requirements(bench, "six==1.16.0\n\nidna ~~ nonsense\n")


def missing_include(bench):
    return requirements(bench, "six==1.16.0\n-r more.txt\n")


def contradicting_requirements(bench):
    return requirements(bench, "requests==2.31.0\nidna<2\n")


def pip_contradiction(bench):
    return replace(contradicting_requirements(bench), settings=(("backend", "virtualenv"),))


def pip_missing_package(bench):
    spec = requirements(bench, "there-is-no-such-package-atoll\n")
    return replace(spec, settings=(("backend", "virtualenv"),))


def malformed_script(bench):
    bench.write({"script.py": '#!/usr/bin/env python\n# /// script\n# dependencies = ["six",\n# ///\n'})
    return EnvironmentSpec("loc", "script", bench.root / "script.py")


def script_without_metadata(bench):
    bench.write({"script.py": "print(1)\n"})
    return EnvironmentSpec("loc", "script", bench.root / "script.py")


def script_with_missing_package(bench):
    text = '"""Doc."""\n# /// script\n# dependencies = [\n#   "there-is-no-such-package-atoll",\n# ]\n# ///\n'
    bench.write({"script.py": text})
    return EnvironmentSpec("loc", "script", bench.root / "script.py")


def demanding_project(bench):
    return project(bench, more='[tool.uv]\nrequired-version = ">=99"\n')


FAULTS = [
    (contradiction, "unsatisfiable", r"of loc contradict each other: .*idna<2", "pyproject.toml", 5),
    (missing_package, "package_not_found", r"^loc asks for there-is-no-such-package-atoll, and", "pyproject.toml", 5),
    (missing_version, "unsatisfiable", r"^loc asks for six==99\.0, and there is no such", "pyproject.toml", 5),
    (offline, "network", r"^six is not in the cache and the network is off", None, None),
    (unreachable, "network", r"^127\.0\.0\.1:9 cannot be reached", None, None),
    (failing_build, "build_failed", r"^broken, which loc needs, .* built: gcc is not here", "pyproject.toml", 5),
    (altered_download, "hash_mismatch", r"^what was downloaded for six==1\.17\.0 is not", "uv.lock", None),
    (malformed_project, "configuration", r"TOML.* at the end of the file", "pyproject.toml", 7),
    (malformed_lock, "configuration", r"^uv\.lock is malformed", "uv.lock", 2),
    (project_that_is_gone, "configuration", r"cannot be read|is not there", "pyproject.toml", None),
    (malformed_requirements, "configuration", r"has a line that is no requirement", "requirements.txt", 3),
    (missing_include, "configuration", r"includes more\.txt, which is not there", "requirements.txt", 2),
    (contradicting_requirements, "unsatisfiable", r"other: requests==2\.31\.0, idna<2$", "requirements.txt", 1),
    (pip_contradiction, "unsatisfiable", r"each other: requests==2\.31\.0, idna<2$", "requirements.txt", 1),
    (pip_missing_package, "package_not_found", r"^loc asks for there-is-no-such-", "requirements.txt", 1),
    (malformed_script, "configuration", r"TOML", "script.py", 3),
    (script_without_metadata, "configuration", r"^script\.py has no inline metadata", "script.py", 1),
    (script_with_missing_package, "package_not_found", r"^loc asks for there-is-no-such-", "script.py", 4),
    (demanding_project, "uv_version", r"asks for uv >=99", "pyproject.toml", 7),
]


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault[0].__name__) for fault in FAULTS])
def test_a_fault_is_said_in_one_sentence_with_its_place_and_a_next_step(bench, fault):
    make, kind, message, file, line = fault
    spec = make(bench)
    with pytest.raises(EnvironmentFailedError) as caught:
        bench.sync(spec)
    (problem,) = caught.value.problems
    told = problem.to_json()
    assert problem.kind == kind, told
    assert re.search(message, problem.message), told
    assert "\n" not in problem.message, told
    assert not problem.message.endswith("."), told
    assert problem.hint, told
    assert (None if problem.file is None else Path(problem.file).name) == file, told
    assert line is None or problem.line == line, told
    assert "hunter22" not in str(told)
    assert "hunter22" not in str(bench.progress)
    assert bench.inspect(spec).state in {"missing", "broken"}
    assert not (bench.root / ".atoll/envs/loc").exists() or bench.generations() == []


def test_the_resolvers_own_explanation_is_kept(bench):
    with pytest.raises(EnvironmentFailedError) as caught:
        bench.sync(contradiction(bench))
    detail = caught.value.problems[0].detail
    assert "Because requests==2.31.0 depends on idna>=2.5,<4" in detail
    assert "cause:" not in detail


def test_a_failed_sync_leaves_the_environment_that_worked(bench):
    spec = project(bench, "six==1.16.0")
    before = bench.sync(spec).environment
    missing_package(bench)
    with pytest.raises(EnvironmentFailedError):
        bench.sync(spec)
    inspection = bench.inspect(spec)
    assert (inspection.state, inspection.environment) == ("stale", before)
    assert installed(before.prefix) == {"six-1.16.0"}
    assert (spec.source / ".venv").resolve() == before.prefix.resolve()


def test_no_interpreter_for_what_is_asked_names_what_is_there(bench):
    spec = project(bench)
    text = (spec.source / "pyproject.toml").read_text()
    (spec.source / "pyproject.toml").write_text(text.replace(">=3.9", "==3.7.*"))
    with pytest.raises(NoInterpreterError) as caught:
        bench.sync(spec)
    assert "3.7" in caught.value.problems[0].message


class Refusing(BaseHTTPRequestHandler):
    """An index that lets nobody in."""

    def do_GET(self):
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def refusing_index():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_index_that_refuses_us_is_named_without_the_credentials(bench, refusing_index):
    bench.variables["UV_DEFAULT_INDEX"] = f"http://someone:hunter22@{refusing_index}/simple"
    bench.variables["UV_CACHE_DIR"] = str(bench.root / "empty-cache")
    with pytest.raises(EnvironmentFailedError) as caught:
        bench.sync(project(bench, "six"))
    (problem,) = caught.value.problems
    assert problem.kind == "index_refused"
    assert refusing_index in problem.message
    assert "hunter22" not in str(problem.to_json())
    assert "hunter22" not in str(bench.progress)


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 3 MB."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("platform: mounting a small disk needs root on Linux")
    place = tmp_path / "workspace"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("platform: this machine mounts no small disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_is_said_and_the_environment_before_still_works(bench, tiny_disk):
    spec = requirements(bench, "")
    before = bench.sync(spec).environment
    requirements(bench, "pip==24.0\n")
    with pytest.raises(EnvironmentFailedError) as caught:
        bench.sync(spec)
    (problem,) = caught.value.problems
    assert problem.kind == "disk_full"
    assert "no space is left on the disk" in problem.message
    assert bench.inspect(spec).environment == before
    assert bench.generations() == [before.prefix]
    requirements(bench, "")
    assert bench.inspect(spec).state == "current"


def test_a_full_disk_in_our_own_writing_is_the_same_sentence(bench, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building.sdk_copy, "ensure_sdk", fail)
    with pytest.raises(EnvironmentFailedError) as caught:
        bench.sync(project(bench))
    assert caught.value.problems[0].kind == "disk_full"
    assert bench.generations() == []


def test_a_workspace_that_cannot_be_written_is_said(bench):
    spec = project(bench)
    (bench.root / ".atoll").write_text("a file")
    with pytest.raises(EnvironmentFailedError, match="could not be written") as caught:
        bench.sync(spec)
    assert caught.value.problems[0].hint


def test_credentials_never_reach_a_description(bench):
    bench.variables["UV_INDEX_URL"] = "http://someone:hunter22@127.0.0.1:9/simple"
    bench.variables["UV_HTTP_RETRIES"] = "0"
    with contextlib.suppress(EnvironmentFailedError):
        assert "hunter22" not in str(bench.environments.describe(project(bench, "six")).to_json())


def test_the_machinery_of_a_sync_ends_with_its_runner(bench):
    """A command that was interrupted starts nothing any more."""
    from atoll_host.envs.processes import RunnerClosedError

    spec = project(bench, "six==1.16.0")
    bench.runner.close()
    with pytest.raises(RunnerClosedError):
        bench.sync(spec)
    assert bench.inspect(spec).state == "missing"
