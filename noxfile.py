"""The checks of this project: `nox` runs those of every day, `nox -s soak` the long ones."""

from __future__ import annotations

import os
from pathlib import Path

import nox

nox.needs_version = ">=2024.4"
nox.options.sessions = ["lint", "types", "tests", "browser", "packaging"]
nox.options.error_on_external_run = True

TEST_TOOLS = nox.project.load_toml("pyproject.toml")["dependency-groups"]["test"]
ROOMS = [f"atoll_host.{name}" for name in ("cli", "envs", "workspace", "runs", "server", "scaffold_templates")]


@nox.session
def lint(session: nox.Session) -> None:
    """Style."""
    session.install("ruff~=0.17.6")  # a newer one has more rules
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types of the installed package: type checkers cannot see through an editable install."""
    session.install("mypy~=2.4.1", "types-PyYAML>=6.0.12", ".[postgresql]")
    # From the root, a room could be found as a folder too.
    with session.chdir(session.create_tmp()):
        words = [word for room in ROOMS for word in ("-p", room)]
        configuration = ("--config-file", str(Path(__file__).with_name("pyproject.toml")))
        session.run("mypy", *configuration, *words)
        # The SDK is data of the package: it is found in its folder.
        session.run("mypy", *configuration, "-p", "atoll", env={"MYPYPATH": str(Path(__file__).with_name("sdk"))})


@nox.session
def tests(session: nox.Session) -> None:
    """Everything but the long and the packaging tests, in parallel."""
    session.install("--editable", ".", *TEST_TOOLS)
    run_pytest(session, "not soak and not packaging and not browser")


@nox.session
def browser(session: nox.Session) -> None:
    """The page, in a real Chromium."""
    session.install("--editable", ".", *TEST_TOOLS)
    run_pytest(session, "browser and not soak", "tests/browser")


@nox.session
def screenshots(session: nox.Session) -> None:
    """Draw every view for `docs/screenshots`."""
    session.install("--editable", ".", *TEST_TOOLS)
    session.run("python", "docs/screenshots.py", *session.posargs, env={"PYTHONDONTWRITEBYTECODE": None})


@nox.session
def lowest(session: nox.Session) -> None:
    """The lowest versions of what we depend on that `pyproject.toml` allows."""
    session.install("uv")
    # The uv that installs is newer than the lowest, and would fit.
    words = ["uv", "pip", "install", "--python", session.python or "python", "--resolution", "lowest-direct"]
    words += ["--upgrade-package", "uv"]
    session.run(*words, "--editable", ".", *TEST_TOOLS, silent=True)
    marks = "not soak and not packaging and not browser"
    run_pytest(session, marks, "tests/cli", "tests/envs/environments", "tests/envs/loading", "tests/server")


@nox.session
def packaging(session: nox.Session) -> None:
    """The wheel: what is in it, and the example driven through it in a clean environment."""
    session.install("--editable", ".", "build>=1.2", "pre-commit>=4.2", *TEST_TOOLS)
    run_pytest(session, "packaging and not soak")


@nox.session
def soak(session: nox.Session) -> None:
    """Kills, fuzzing, load."""
    session.install("--editable", ".", *TEST_TOOLS)
    run_pytest(session, "soak", "--timeout=900")


def run_pytest(session: nox.Session, marks: str, *options: str) -> None:
    """Run the tests with these marks.

    Where `CI` is set, a test that fails is tried once more, and named in the summary with what went wrong: a shared
    machine that stands still for seconds is no fault of ours. Elsewhere each failure is one.
    """
    workers = os.environ.get("ATOLL_TEST_WORKERS", "2")
    if os.environ.get("CI"):
        options = ("--reruns=1", "--reruns-delay=2", "-rR", *options)
    session.run(
        "pytest", f"--numprocesses={workers}", "--dist=loadfile", "-m", marks, *options, *session.posargs,
        env={"PYTHONDONTWRITEBYTECODE": None},
    )  # fmt: skip
