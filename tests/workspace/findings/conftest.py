"""A workspace of each test's own, and an interpreter that has nothing in it."""

from __future__ import annotations

import os
import sys
import venv
from pathlib import Path

import pytest
from finding_bench import PYTHON, Bench

from atoll_host.envs.processes import Runner


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory):
    """Give the interpreter of a virtual environment that has nothing in it."""
    folder = tmp_path_factory.mktemp("interpreter") / "venv"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def bench(tmp_path, cache, interpreter):
    with Runner() as runner:
        variables = {**os.environ, PYTHON: str(interpreter), "UV_OFFLINE": "1", "UV_PYTHON_DOWNLOADS": "never"}
        variables.pop("VIRTUAL_ENV", None)
        variables["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), variables.get("PATH", "")])
        yield Bench(tmp_path / "workspace", runner, cache, variables)
