"""Load small modules through the real shim, in real interpreters, with the real SDK."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from atoll_host.envs.loading.target import LoadRequest, LoadTarget
from atoll_host.envs.loading.variables import location_variables
from atoll_host.envs.loading.warm import WarmParent
from atoll_host.envs.loading.worker import load
from atoll_host.envs.processes import Runner

SDK = Path(__file__).parents[3] / "sdk"
DEFINITIONS = "import atoll\ndefs = atoll.Definitions()\n"


class Loading:
    """Writes modules into a folder and loads them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def request(self, target: LoadTarget, *, python=sys.executable, isolated=True, timeout=60.0, variables=None):
        executable = Path(python)
        return LoadRequest(
            executable=executable,
            isolated=isolated,
            directory=self.folder,
            search_paths=(self.folder,),
            variables=location_variables({**os.environ, **(variables or {})}, prefix=None, executable=executable),
            sdk=SDK,
            target=target,
            timeout=timeout,
        )

    def module(self, name="module", **options):
        attribute = options.pop("attribute", None)
        return self.run(self.request(LoadTarget("module", name, attribute=attribute), **options))

    def text(self, text: str | bytes, **options):
        file = self.write("module.py", text)
        return self.run(self.request(LoadTarget("file", "module", file), **options))

    @staticmethod
    def run(request):
        with Runner() as runner:
            return load(runner, request)


class Warm:
    """A location that is loaded afresh once, and then by forking a parent that was made after that load."""

    def __init__(self, loading: Loading, target: LoadTarget | None = None, **options) -> None:
        self.loading, self.runner = loading, Runner()
        self.target = target or LoadTarget("file", "module", loading.folder / "module.py")
        self.options = options
        self.first = self.fresh()
        self.parent = WarmParent(self.runner, self.request(), self.first)
        self.prepared = self.parent.prepare()

    def request(self, **options):
        return self.loading.request(self.target, **{**self.options, **options})

    def fresh(self, **options):
        return load(self.runner, self.request(**options))

    def load(self, text: str | None = None, **options):
        """Write the module, if there is something to write, and load it by forking; None where that does not count."""
        if text is not None:
            self.loading.write("module.py", text)
        return self.parent.load(self.request(), **options)

    @staticmethod
    def said(outcome) -> str:
        """Give what came of a load as text, to compare two."""
        return json.dumps([outcome.definitions, [problem.to_json() for problem in outcome.problems]])

    def close(self) -> None:
        self.parent.close()
        self.runner.close()


@pytest.fixture
def warm(loading):
    """Give a function that makes a warm parent of a module; all of them are closed at the end."""
    made = []

    def make(text: str | None = None, target: LoadTarget | None = None, *, proven=True, **options) -> Warm:
        if text is not None:
            loading.write("module.py", text)
        made.append(Warm(loading, target, **options))
        assert not proven or made[-1].prepared, made[-1].parent.failed_reason
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def loading(tmp_path):
    """Give what writes and loads modules in a folder of this test's own."""
    folder = tmp_path / "location"
    folder.mkdir()
    return Loading(folder)
