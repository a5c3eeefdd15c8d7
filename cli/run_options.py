"""Options that commands which start runs have, each declared once, and what completes names for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def _read_snapshots() -> list[dict[str, Any]]:
    """Give the last definitions of the workspace's locations. Never fails: a broken workspace has none."""
    import os  # noqa: PLC0415 — only while a shell completes

    from atoll_host.envs.errors import AtollError  # noqa: PLC0415 — as above

    try:
        from atoll_host.envs.layout import StateFolder  # noqa: PLC0415 — as above
        from atoll_host.workspace.configuration import open_workspace  # noqa: PLC0415 — as above
        from atoll_host.workspace.snapshots import read_snapshot  # noqa: PLC0415 — as above

        workspace = open_workspace(Path.cwd(), variables=dict(os.environ), tolerant=True)
        state = StateFolder(workspace.root / ".atoll")
        found = [read_snapshot(state, location.name) for location in workspace.locations]
    except (AtollError, OSError):
        return []
    return [snapshot.definitions for snapshot in found if snapshot is not None]


def complete_asset(incomplete: str) -> list[str]:
    """Complete the key of an asset for the shell."""
    return [
        asset["key"]
        for definitions in _read_snapshots()
        for asset in definitions.get("assets", ())
        if asset["key"].startswith(incomplete) and asset.get("type") != "external"
    ]


def complete_any_asset(incomplete: str) -> list[str]:
    """Complete the key of an asset for the shell, whether anybody makes it here or not."""
    found = {asset["key"] for definitions in _read_snapshots() for asset in definitions.get("assets", ())}
    return sorted(key for key in found if key.startswith(incomplete))


def complete_dynamic_partitions(incomplete: str) -> list[str]:
    """Complete the name of dynamic partitions for the shell."""
    from atoll_host.runs.planning.partition_keys import list_dynamic  # noqa: PLC0415 — as above

    names = {name for definitions in _read_snapshots() for name in list_dynamic(definitions)}
    return sorted(name for name in names if name.startswith(incomplete))


def complete_job(incomplete: str) -> list[str]:
    """Complete the name of a job for the shell."""
    return _complete_names("jobs", incomplete)


def complete_schedule(incomplete: str) -> list[str]:
    """Complete the name of a schedule for the shell."""
    return _complete_names("schedules", incomplete)


def complete_sensor(incomplete: str) -> list[str]:
    """Complete the name of a sensor for the shell."""
    return _complete_names("sensors", incomplete)


def _complete_names(kind: str, incomplete: str) -> list[str]:
    return [
        one["name"]
        for definitions in _read_snapshots()
        for one in definitions.get(kind, ())
        if one["name"].startswith(incomplete)
    ]


PartitionOption = Annotated[
    str | None, typer.Option("--partition", metavar="KEY", help="The partition to make, such as 2024-01-31.")
]
PartitionRangeOption = Annotated[
    str | None,
    typer.Option("--partition-range", metavar="FIRST...LAST", help="Several partitions, from the first to the last."),
]
ConfigOption = Annotated[
    str | None,
    typer.Option("--config", "-c", metavar="FILE|JSON", help="Configuration of the run: a YAML or JSON file, or JSON."),
]
TagOption = Annotated[
    list[str] | None, typer.Option("--tag", metavar="NAME=VALUE", help="A tag of the run (repeatable).")
]
JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", "-j", metavar="N", help="Workers that execute at once; as many as there are cores."),
]
TimeoutOption = Annotated[
    float | None,
    typer.Option("--timeout", metavar="SECONDS", help="End it when a location works for longer than this."),
]
DebugFlag = Annotated[
    bool, typer.Option("--debug", help="Stop at each breakpoint() with pdb in this terminal; one step at a time.")
]
DebugPortOption = Annotated[
    int | None,
    typer.Option(
        "--debug-port",
        metavar="PORT",
        min=1,
        max=65535,
        help="Wait for an editor to attach to debugpy at this port, such as 5678.",
    ),
]
DryRunFlag = Annotated[bool, typer.Option("--dry-run", help="Print the plan, and start nothing.")]
DetachFlag = Annotated[bool, typer.Option("--detach", help="Return as soon as the run has begun; it goes on.")]
