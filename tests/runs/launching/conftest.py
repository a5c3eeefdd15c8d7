"""Requests for hosts, made without a plan of a workspace."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from run_workspaces import write_locations

from atoll_host.runs.launching.launcher import LocalLauncher
from atoll_host.runs.launching.request import Place, RunRequest
from atoll_host.runs.planning.plan import RunPlan, Stage, Unit
from atoll_host.runs.storage.identifiers import make_id
from atoll_host.runs.storage.store import Storage

SDK = Path(__file__).parents[3] / "sdk"


class Island:
    """One location, and the runs of it that are launched."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.url = f"sqlite:///{path / 'runs.db'}"
        self.folder = write_locations(path, {"main.py": text}, {"main.py": sys.executable})

    def request(self, *assets: str, **facts) -> RunRequest:
        place = Place(
            executable=sys.executable,
            isolated=False,
            directory=str(self.path),
            search_paths=(str(self.path),),
            sdk=str(SDK),
            form="file",
            module="main",
            file=str(self.path / "main.py"),
            attribute=None,
            timeout=60,
            prefix=None,
            env_files=(),
        )
        stage = Stage(1, "main", tuple(Unit(name, (name,)) for name in assets))
        if "job" in facts:
            stage = Stage(1, "main", (), job=facts["job"])
            facts["kind"] = "job"
        return RunRequest(make_id(), self.url, str(self.path / "values"), RunPlan((stage,)), {"main": place}, **facts)

    def launch(self, *assets: str, **facts):
        with LocalLauncher(self.path, dict(os.environ)) as launcher:
            return launcher.launch(self.request(*assets, **facts))

    def wait(self, storage, launched):
        """Wait for the end of a run and give it."""
        for _ in storage.events.tail(launched.id, timeout=60):
            pass
        return storage.runs.get(launched.id)

    def storage(self) -> Storage:
        return Storage.open(self.url)


@pytest.fixture
def make_island(tmp_path):
    return lambda text: Island(tmp_path, text)
