"""How the locations of a workspace look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.cli.result import Result
from atoll_host.cli.views.problems import LocatedProblem, clean, draw_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from atoll_host.workspace.loading import LoadReport

COUNTED = ("assets", "checks", "jobs", "schedules", "sensors", "resources")
"""The kinds of definitions, in the order in which they are shown."""


def located(reports: Sequence[LoadReport]) -> tuple[LocatedProblem, ...]:
    """Give the problems of all reports, each with its location."""
    return tuple(LocatedProblem(report.location.name, problem) for report in reports for problem in report.problems)


def locations_result(reports: Sequence[LoadReport], command: str = "list") -> Result:
    """Make the result of `atoll list`."""
    rows = [row(report) for report in reports]

    def view(console: Console) -> None:
        draw_locations(console, rows)

    return Result(command, rows, view, located(reports))


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
        "packages": None if environment is None else package_count(report),
        "counts": {kind: len(report.definitions.get(kind, ())) for kind in COUNTED} if snapshot is not None else None,
        "loaded_at": None if snapshot is None else snapshot.loaded_at,
        "seconds": report.seconds,
    }


def package_count(report: LoadReport) -> int | None:
    """Count the distributions in a location's environment; None for an interpreter that is in no environment."""
    from atoll_host.envs.environments.installed import installed_distributions  # noqa: PLC0415

    environment = report.environment
    if environment is None or environment.prefix is None:
        return None
    return len(installed_distributions(environment.prefix))


def draw_locations(console: Console, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the table of locations."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    from atoll_host.cli.views.tables import table  # noqa: PLC0415

    if not rows:
        console.print("No locations yet: `atoll create location NAME` makes one", markup=False)
        return
    grid = table(
        ("Location", "left"),
        ("Status", "left"),
        ("Python", "left"),
        ("Packages", "right"),
        ("Assets", "right"),
        ("Checks", "right"),
        ("Jobs", "right"),
        ("Sched", "right"),
        ("Sens", "right"),
        ("Res", "right"),
        ("Load", "right"),
    )
    for item in rows:
        counts = item["counts"]
        grid.add_row(
            Text(clean(item["name"]), style="bold"),
            status_text(item["status"]),
            item["python"] or "",
            "" if item["packages"] is None else str(item["packages"]),
            *("" if counts is None else str(counts[kind]) for kind in COUNTED),
            duration(item["seconds"]),
        )
    console.print(grid)


def status_text(status: str) -> Any:
    """Give a status as a sign with its word, so that colour alone carries nothing."""
    from rich.text import Text  # noqa: PLC0415

    sign, colour = {"loaded": ("●", "green"), "stale": ("▲", "yellow"), "failed": ("✕", "red")}[status]
    return Text(f"{sign} {status}", style=colour)


def duration(seconds: float) -> str:
    """Give a time in the unit that fits it."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
