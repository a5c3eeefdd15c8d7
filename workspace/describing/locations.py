"""A location as a row of data: what `atoll list --json` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from atoll_host.workspace.loading import LoadReport

COUNTED = ("assets", "checks", "jobs", "schedules", "sensors", "resources")
"""The kinds of definitions, in the order in which they are shown."""


def row(report: LoadReport) -> dict[str, Any]:
    """Give one location as a row of data."""
    environment, snapshot = report.environment, report.snapshot
    python = snapshot.worker.get("python", {}) if snapshot is not None else {}
    return {
        "name": report.location.name,
        "status": "stale" if report.stale else report.status,
        "kind": report.location.environment.kind,
        "root": str(report.location.root),
        "python": environment.interpreter.version_text if environment is not None else python.get("version"),
        "packages": package_count(report),
        "counts": counts(report),
        "loaded_at": None if snapshot is None else snapshot.loaded_at,
        "seconds": report.seconds,
    }


def counts(report: LoadReport) -> dict[str, int] | None:
    """Count the definitions of each kind; None where none were ever loaded."""
    if report.snapshot is None:
        return None
    return {kind: len(report.definitions.get(kind) or ()) for kind in COUNTED}


def package_count(report: LoadReport) -> int | None:
    """Count the distributions in a location's environment; None where there is no environment."""
    from atoll_host.envs.environments.generations import list_distributions  # noqa: PLC0415 — only where packages are shown

    environment = report.environment
    if environment is None:
        return None
    prefix = environment.prefix or Path(environment.interpreter.prefix)
    folders = [*prefix.glob("lib/python*/site-packages"), prefix / "Lib" / "site-packages"]
    folders = [folder for folder in folders if folder.is_dir()]
    return len(list_distributions(folders)) if folders else None
