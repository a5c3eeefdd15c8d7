"""Locations of a real workspace, as a server or a daemon knows them, in the process of a test."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from atoll_host.cli.rendering import Renderer
from atoll_host.cli.session import Session
from atoll_host.envs.processes import Runner
from atoll_host.runs.instance import read_instance
from atoll_host.runs.queueing.sources import ReportSource


@dataclass
class Opened:
    """A workspace that is loaded; `load` loads it anew."""

    session: Session
    runner: Runner
    instance: Any
    reports: list
    source: ReportSource

    def load(self):
        self.reports[:] = self.session.loader.load_all(self.session.workspace, self.session.workspace.locations)


@contextmanager
def open_workspace(path):
    """Load the workspace in a folder."""
    with Runner() as runner:
        session = Session(Renderer(as_json=True), runner, path / "workspace.yaml")
        session.state.make()
        reports = []
        instance = read_instance(path, session.state, dict(os.environ))
        source = ReportSource(session.loader, lambda: session.workspace, lambda: reports)
        opened = Opened(session, runner, instance, reports, source)
        opened.load()
        yield opened
