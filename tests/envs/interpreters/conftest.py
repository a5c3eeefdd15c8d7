"""A machine in a folder: a HOME with version managers in it, a PATH, and a runner that counts what it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from atoll_host.envs.interpreters.discovery import Discovery
from atoll_host.envs.interpreters.interpreter import Interpreter
from atoll_host.envs.processes import Runner


class CountingRunner(Runner):
    """A real runner that notes every program it starts."""

    def __init__(self):
        super().__init__()
        self.started = []

    def run(self, command, **options):
        self.started.append(str(command[0]))
        return super().run(command, **options)

    def start(self, command, **options):
        self.started.append(str(command[0]))
        return super().start(command, **options)


@dataclass
class Machine:
    """What a discovery gets to see."""

    root: Path
    path: list[Path] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    runner: CountingRunner = field(default_factory=CountingRunner)

    @property
    def home(self):
        return self.root / "home"

    @property
    def cache(self):
        return self.root / "cache"

    def folder(self, name="bin"):
        """Make a folder and put it on PATH."""
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        if folder not in self.path:
            self.path.append(folder)
        return folder

    def link(self, target, name="python3", folder="bin"):
        path = self.folder(folder) / name
        path.symlink_to(target)
        return path

    def script(self, text, name="python3", folder="bin"):
        path = self.folder(folder) / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def install(self, executable, place):
        """Lay a real installation into HOME by a link."""
        path = self.home / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(Path(executable).resolve().parent.parent)
        return path

    def discovery(self, runner=None, **options):
        search = ":".join(map(str, self.path))
        variables = {"HOME": str(self.home), "PATH": f"{search}:/nowhere", **self.variables}
        options.setdefault("cache", self.cache)
        return Discovery(runner or self.runner, variables=variables, **options)

    def versions(self, **options):
        return [(one.minor, one.source) for one in self.discovery(**options).all()]


@pytest.fixture
def machine(tmp_path):
    with CountingRunner() as runner:
        yield Machine(tmp_path, runner=runner)


class KnownDiscovery:
    """A discovery whose interpreters are made up, for what no machine has all of."""

    def __init__(self, *interpreters, variables=None):
        self.interpreters = interpreters
        self.variables = variables or {}

    def all(self):
        return self.interpreters

    def failures(self):
        return ()

    def refresh(self):
        pass


def make_interpreter(version, source="PATH", implementation="cpython", **changes):
    numbers = version
    for letter in "abr":
        numbers = numbers.split(letter)[0]
    executable = changes.pop("executable", f"/{source.replace(' ', '-')}/{implementation}-{version}/bin/python")
    fields = {
        "prefix": "/usr",
        "base_prefix": "/usr",
        "base_executable": executable,
        "platform": "linux-x86_64",
        **changes,
    }
    return Interpreter(
        executable=executable,
        version=tuple(int(part) for part in numbers.split(".")),
        version_text=version,
        implementation=implementation,
        source=source,
        **fields,
    )


@pytest.fixture
def known():
    """Give a function that makes a discovery of made-up interpreters, and one that makes such an interpreter."""
    return KnownDiscovery, make_interpreter
