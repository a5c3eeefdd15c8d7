"""Locations that are evaluated in this process, for tests of what decides when."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from atoll_host.envs.errors import AtollError
from atoll_host.envs.layout import StateFolder
from atoll_host.runs.automation.engine import Automation
from atoll_host.runs.instance import Concurrency, Instance
from atoll_host.runs.launching.launcher import Launched
from atoll_host.runs.queueing.sources import Subject


class BadEvaluationError(AtollError):
    """What a location's function raised."""

    kind = "exception"


def schedule(name, cron, *, zone="UTC", on=True, job="nightly", **more):
    status = "RUNNING" if on else "STOPPED"
    target = {"job": job}
    return {"name": name, "cron": [cron], "timezone": zone, "target": target, "default_status": status, **more}


def sensor(name, *, kind="sensor", interval=30, on=True, **more):
    status = "RUNNING" if on else "STOPPED"
    return {
        "name": name,
        "type": kind,
        "targets": [],
        "asset": None,
        "minimum_interval_seconds": interval,
        "default_status": status,
        **more,
    }


def define(*, schedules=(), sensors=(), jobs=(), assets=()):
    return {
        "schedules": list(schedules),
        "sensors": list(sensors),
        "jobs": [{"name": "nightly", "assets": []}, *jobs],
        "assets": list(assets),
    }


def ask(*requests, reason=None, cursor=None, dynamic=(), cpu=0.001):
    """What an evaluation comes to; each request is a dictionary of what is not the default."""
    blank = {"run_key": None, "job": "nightly", "assets": None, "checks": None, "partition": None, "tags": {}}
    return SimpleNamespace(
        requests=tuple({**blank, "config": None, **request} for request in requests),
        skip_reason=reason,
        cursor=cursor,
        dynamic=tuple(dynamic),
        logs=(),
        output="",
        cpu=cpu,
    )


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now):
        self.now = float(now)

    def __call__(self):
        return self.now


@dataclass
class World:
    """Locations and what their functions do, for any number of engines.

    `functions` has, by location and name, what is called with the parameters of each evaluation. `loads` and `calls`
    count; `broken_loads` has the locations whose workers can't load.
    """

    path: Path
    subjects: dict = field(default_factory=dict)
    functions: dict = field(default_factory=dict)
    loads: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    alive: list = field(default_factory=list)
    broken_loads: dict = field(default_factory=dict)
    launched: list = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, name, definitions=None, *, broken=None, generation=1):
        before = self.subjects.get(name)
        definitions = before.definitions if definitions is None else definitions
        self.subjects = {**self.subjects, name: Subject(name, definitions, broken, generation)}

    def on(self, location, name, function):
        self.functions[location, name] = function

    def locations(self):
        return self.subjects

    def make_load_request(self, name):
        return name

    def reports(self):
        return []

    def make_run_request(self, reports, plan, instance, **facts):
        raise NotImplementedError

    def launch(self, request):
        self.launched.append(request)
        return Launched(request.id, 1)

    def make_worker(self, request):
        return Worker(self, request)

    def instance(self, **concurrency):
        return Instance(StateFolder(self.path), concurrency=Concurrency(**concurrency))

    def engine(self, storage, clock=time.time, **more):
        more = {"make_worker": self.make_worker, "clock": clock, **more}
        return Automation(storage, self, self.launch, self.instance(), None, **more)

    def names(self):
        return [name for _, name, _ in self.calls]


class Worker:
    """A worker in this process."""

    def __init__(self, world, name):
        self.world = world
        self.name = name
        self.is_usable = True
        self.canceled = threading.Event()

    def __enter__(self):
        with self.world.lock:
            self.world.alive.append(self)
        return self

    def __exit__(self, *_):
        with self.world.lock:
            self.world.alive.remove(self)

    def load(self):
        self.world.loads.append(self.name)
        if self.name in self.world.broken_loads:
            raise BadEvaluationError(self.world.broken_loads[self.name])

    def evaluate(self, kind, parameters, *, timeout):
        assert kind in ("schedule", "sensor")
        assert timeout > 0
        function = self.world.functions.get((self.name, parameters["name"]), lambda _: ask({}))
        with self.world.lock:
            self.world.calls.append((self.name, parameters["name"], dict(parameters)))
        found = function(parameters)
        if self.canceled.is_set():
            raise BadEvaluationError("it was canceled")
        return found

    def cancel(self):
        self.canceled.set()
        self.is_usable = False


def settle(*engines, patience=60):
    """Let engines look until nothing is in flight and nothing is due."""
    deadline = time.monotonic() + patience
    for engine in engines:
        engine.poke()
    while True:
        for engine in engines:
            engine.look()
        if not any(status.in_flight for engine in engines for status in engine.status().values()):
            return
        assert time.monotonic() < deadline, "evaluations don't end"
        time.sleep(0.002)
