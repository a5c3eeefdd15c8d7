"""Reports of loads as the loader gives them, made of definitions that a test writes down in brief."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from atoll_host.envs.environments.spec import Environment, EnvironmentSpec
from atoll_host.envs.interpreters.interpreter import Interpreter
from atoll_host.envs.loading.target import LoadTarget
from atoll_host.workspace.loading import LoadReport
from atoll_host.workspace.location import Location, Place
from atoll_host.workspace.snapshots import Snapshot

ROOT = Path("/data/demo")
KINDS = ("assets", "checks", "jobs", "schedules", "sensors", "resources", "computations", "environment_variables")


def asset(key, *upstream, **more):
    """Describe an asset that depends on others."""
    return {
        "key": key,
        "group": "default",
        "description": None,
        "type": "materializable",
        "computation": key.replace("/", "__"),
        "output": None,
        "dependencies": [
            {"key": other, "argument": None, "partition_mapping": None, "metadata": {}, "input_manager": None}
            for other in upstream
        ],
        "metadata": {},
        "tags": {},
        "kinds": [],
        "owners": [],
        "code_version": None,
        "partitions": None,
        "io_manager": "io_manager",
        "skippable": False,
        "source": source(),
        **more,
    }


def external(key, *upstream, **more):
    """Describe an asset that is made elsewhere."""
    return asset(key, *upstream, **{"type": "external", "computation": None, "io_manager": None, **more})


def schedule(name, *cron, **more):
    """Describe a schedule of a job."""
    return {
        "name": name,
        "cron": list(cron) or ["0 6 * * *"],
        "timezone": None,
        "target": {"job": "refresh"},
        "default_status": "STOPPED",
        "description": None,
        "tags": {},
        "metadata": {},
        "config": None,
        "resources": [],
        "source": source(),
        "cron_source": source(),
        **more,
    }


def source(line=10, file="/data/demo/sales/definitions.py"):
    """Describe a place in a user's file."""
    return {"file": file, "line": line, "function": None}


def definitions(**kinds):
    """Describe a location; what is not given is empty."""
    return {**{kind: [] for kind in KINDS}, **kinds}


def report(name, described=None, *, status="loaded", problems=(), python="3.12.1", seconds=0.25, loaded_at=0.0):
    """Make the report of one location; with definitions and the status `failed` it is stale."""
    spec = EnvironmentSpec(name, "project", ROOT / name)
    target = LoadTarget("module", f"{name}.definitions")
    location = Location(name, ROOT / name, (), target, spec, Place(ROOT / "workspace.yaml", 2))
    worker = {"python": {"version": python}, "sdk": {"version": "0.1.0"}}
    snapshot = None
    if described is not None:
        snapshot = Snapshot(name, described, worker, {}, {"total": seconds, "import": 0.1}, loaded_at, "abc")
    return LoadReport(location, status, snapshot, tuple(problems), environment(name, python), seconds)


def environment(name, python):
    """Make an environment that lies nowhere."""
    major, minor, patch = (int(part) for part in python.split("."))
    interpreter = Interpreter(
        executable=f"/usr/bin/python{major}.{minor}",
        version=(major, minor, patch),
        version_text=python,
        implementation="cpython",
        prefix="/usr",
        base_prefix="/usr",
        base_executable=f"/usr/bin/python{major}.{minor}",
        platform="linux-x86_64",
        source="PATH",
    )
    prefix = ROOT / ".atoll/envs" / name / "abc"
    return Environment("project", prefix, prefix / "bin/python", interpreter, "it fits requires-python", "abc", "uv")


def drawn(draw, *, width=80, colour=False, terminal=True):
    """Give what a view draws on a console: a terminal of this width, or what is not a terminal."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=terminal,
        color_system="standard" if colour else None,
        highlight=False,
        legacy_windows=False,
    )
    draw(console)
    return out.getvalue()
