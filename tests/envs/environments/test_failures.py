"""What uv and pip say when they fail, in forms that a test machine cannot easily bring about."""

from __future__ import annotations

import pytest

from atoll_host.envs.environments.failures import Context, explain, find_line
from atoll_host.envs.processes import Completed

HINT_401 = (
    "hint: An index URL (https://pkgs.example.com/simple) could not be queried due to a lack of valid authentication "
    "credentials (401 Unauthorized)."
)


@pytest.fixture
def context(tmp_path):
    file = tmp_path / "pyproject.toml"
    file.write_text(
        '[project]\nname = "loc"\ndependencies = [\n  "numpy<2",\n  "Big_Package>=3",\n]\nrequires-python = ">=3.9"\n'
    )
    return Context("loc", file, tmp_path, tmp_path / "uv.lock")


def told(context, text, status=1):
    return explain(Completed(status, "", text), context)


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        pytest.param(
            "error: No solution found when resolving dependencies\n  cause: Because x was not found in the package "
            f"registry and your project depends on x, we can conclude …\n\n{HINT_401}\n",
            "index_refused",
            "the package index pkgs.example.com refused us (401), so loc was not built",
            id="401",
        ),
        pytest.param(
            "error: Failed to fetch: https://me@pkgs.example.com/x.whl\n  cause: HTTP status (403 Forbidden)",
            "index_refused",
            "the package index pkgs.example.com refused us (403), so loc was not built",
            id="403",
        ),
        pytest.param(
            "error: Request failed after 3 retries in 6.8s\n  cause: Failed to fetch:\n"
            "         https://pypi.org/simple/six/\n  cause: dns error\n",
            "network",
            "pypi.org cannot be reached, so loc was not built",
            id="dns",
        ),
        pytest.param(
            "error: failed to write to file `/x/y`: No space left on device (os error 28)",
            "disk_full",
            "no space is left on the disk for the environment of loc; the one before is unchanged",
            id="disk-full",
        ),
        pytest.param(
            "error: Failed to build `big-package==3.1`\n  cause: The build backend returned an error\n\n"
            "         [stdout]\n         x\n\n         [stderr]\n         fatal: Python.h\n\nhint: x\n",
            "build_failed",
            "big-package, which loc needs, could not be built: fatal: Python.h",
            id="build",
        ),
        pytest.param(
            "error: No solution found when resolving dependencies\n  cause: Because only numpy>=2 is there and loc "
            "depends on numpy<2, we can conclude that loc's requirements are unsatisfiable.",
            "unsatisfiable",
            "the requirements of loc contradict each other: numpy<2",
            id="member-of-a-workspace",
        ),
        pytest.param(
            "error: The requested interpreter resolved to Python 3.8.1, which is incompatible with the project's "
            "Python requirement: `>=3.9` (from `project.requires-python`)",
            "environment",
            "the Python that was chosen for loc does not fit: The requested interpreter resolved to Python 3.8.1, "
            "which is incompatible with the project's Python requirement: >=3.9 (from project.requires-python)",
            id="python",
        ),
        pytest.param(
            "warning: something\nerror: something new went wrong.\n",
            "environment",
            "the environment of loc could not be built: something new went wrong",
            id="unknown",
        ),
        pytest.param("", "environment", "the environment of loc could not be built: it said nothing", id="silent"),
    ],
)
def test_each_form_gets_its_kind_and_its_sentence(context, text, kind, message):
    problem = told(context, text)
    assert (problem.kind, problem.message) == (kind, message)
    assert problem.hint


def test_a_build_failure_keeps_the_last_lines_of_the_build(context):
    lines = "\n".join(f"         line {number}" for number in range(100))
    problem = told(context, f"error: Failed to build `big-package==3.1`\n\n         [stderr]\n{lines}\n")
    assert problem.detail.splitlines()[-1] == "line 99"
    assert len(problem.detail.splitlines()) == 25
    assert problem.line == 5


def test_a_tool_that_was_killed_is_said(context):
    assert told(context, "", -9).message == "building the environment of loc was ended by signal 9"


def test_a_package_is_found_in_its_file_however_it_is_spelled(context):
    assert find_line(context.file, "big-package") == 5
    assert find_line(context.file, "NUMPY") == 4
    assert find_line(context.file, "nump") is None
    assert find_line(context.file.with_name("nowhere"), "numpy") is None
