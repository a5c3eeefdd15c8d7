"""A workspace on disk, and the environments of it, with real uv and real interpreters."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from atoll_host.envs.environments.environments import Environments
from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.interpreters.discovery import Discovery
from atoll_host.envs.layout import StateFolder
from atoll_host.envs.processes import Runner

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
[project]
name = "{name}"
version = "0.1"
requires-python = ">={python}"
dependencies = {dependencies}
"""


@dataclass
class Bench:
    """A workspace folder with what works on it."""

    root: Path
    runner: Runner
    cache: Path
    variables: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    progress: list[Any] = field(default_factory=list)

    def write(self, files: dict[str, str]) -> Bench:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self

    def project(self, *dependencies: str, name: str = "loc", python: str = "3.9", more: str = "") -> EnvironmentSpec:
        text = PROJECT.format(name=name, dependencies=json.dumps(list(dependencies)), python=python)
        self.write({f"{name}/pyproject.toml": text + more})
        return EnvironmentSpec(name, "project", self.root / name)

    @property
    def environments(self) -> Environments:
        discovery = Discovery(self.runner, variables=self.variables, cache=self.cache)
        return Environments(
            self.runner, StateFolder(self.root / ".atoll"), discovery, self.variables, allow_download=False
        )

    def inspect(self, spec):
        return self.environments.inspect(spec)

    def sync(self, spec, **options):
        return self.environments.sync(spec, on_progress=self.progress.append, **options)

    def generations(self, name: str = "loc") -> list[Path]:
        return sorted(path for path in (self.root / ".atoll/envs" / name).iterdir() if path.is_dir())


def installed(prefix: Path) -> set[str]:
    """Name the distributions that an environment holds, with versions."""
    return {path.name.removesuffix(".dist-info") for path in prefix.glob("lib*/**/site-packages/*.dist-info")}


def ask(executable: Path, code: str) -> str:
    """Run a line in an interpreter as a worker would."""
    done = subprocess.run([executable, "-I", "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="session")
def interpreter_cache(tmp_path_factory):
    """Where the answers of interpreters are kept, shared by all tests and workers."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "interpreters"


@pytest.fixture
def bench(tmp_path, interpreter_cache):
    with Runner() as runner:
        yield Bench(tmp_path / "workspace", runner, interpreter_cache)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, interpreter_cache):
    """A workspace that the tests of a module share: they only look at it, or use projects of their own."""
    with Runner() as runner:
        yield Bench(tmp_path_factory.mktemp("shared") / "workspace", runner, interpreter_cache)
