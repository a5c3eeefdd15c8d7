"""Schedules and sensors of small modules, evaluated in real processes with the real SDK."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from atoll_host.envs.evaluating.worker import EvaluationFailedError, EvaluationWorker
from atoll_host.envs.loading.target import LoadRequest, LoadTarget
from atoll_host.envs.loading.variables import location_variables
from atoll_host.envs.processes import Runner

SDK = Path(__file__).parents[3] / "sdk"
PATIENCE = 60.0


class Location:
    """A loaded location, whose worker is kept."""

    def __init__(self, worker: EvaluationWorker) -> None:
        self.worker = worker
        self.loaded = worker.load()

    def schedule(self, name, scheduled=0.0, *, timeout=PATIENCE, **parameters):
        parameters = {"name": name, "scheduled": scheduled, "timezone": None, **parameters}
        return self.worker.evaluate("schedule", parameters, timeout=timeout)

    def sensor(self, name, *, timeout=PATIENCE, **parameters):
        return self.worker.evaluate("sensor", {"name": name, "cursor": None, **parameters}, timeout=timeout)

    def fail(self, name, *, kind="sensor", **parameters):
        """Evaluate what fails; give the error and its only problem."""
        evaluate = self.sensor if kind == "sensor" else self.schedule
        with pytest.raises(EvaluationFailedError) as caught:
            evaluate(name, **parameters)
        (problem,) = caught.value.problems
        return caught.value, problem


@pytest.fixture
def locate(tmp_path):
    """Give a function that loads a module written out in a test."""
    with Runner() as runner:
        workers = []

        def make(text, python=sys.executable, **variables):
            (tmp_path / "module.py").write_text("import os, sys, time\nfrom atoll import *\n" + text)
            executable = Path(python)
            request = LoadRequest(
                executable=executable,
                isolated=True,
                directory=tmp_path,
                search_paths=(tmp_path,),
                variables=location_variables({**os.environ, **variables}, prefix=None, executable=executable),
                sdk=SDK,
                target=LoadTarget("file", "module", tmp_path / "module.py"),
                timeout=PATIENCE,
            )
            worker = EvaluationWorker(runner, request).__enter__()
            workers.append(worker)
            return Location(worker)

        yield make
        for worker in workers:
            worker.__exit__(None, None, None)
