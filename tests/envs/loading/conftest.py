"""Load small modules through the real shim, in real interpreters, with the real SDK."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from atoll_host.envs.loading.target import LoadRequest, LoadTarget
from atoll_host.envs.loading.variables import location_variables
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


@pytest.fixture
def loading(tmp_path):
    """Give what writes and loads modules in a folder of this test's own."""
    folder = tmp_path / "location"
    folder.mkdir()
    return Loading(folder)
