"""How building environments looks: a live line for each location, then what came of it."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.cli.result import Result
from atoll_host.workspace.describing.text import clean
from atoll_host.workspace.describing.wording import duration
from atoll_host.workspace.findings.located import LocatedProblem
from atoll_host.workspace.syncing import SyncReport, sync_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

    from atoll_host.cli.session import Session
    from atoll_host.envs.environments.results import Locked, LockMode
    from atoll_host.workspace.location import Location

_SIGNS = {"built": ("●", "green"), "unchanged": ("●", "green"), "failed": ("✕", "red")}
_LIVE_LINES = 12
"""How many locations are shown at work; the rest is counted."""


def sync_with_progress(
    session: Session,
    locations: Sequence[Location],
    *,
    lock_mode: LockMode = "update",
    rebuild: bool = False,
    upgrade: bool | tuple[str, ...] = (),
    command: str = "sync",
) -> Result:
    """Build environments with a live display on a terminal, and lines elsewhere; give the result."""
    started = time.perf_counter()
    with _display(session) as display:
        reports = sync_all(
            session.environments,
            session.runner,
            locations,
            lock_mode=lock_mode,
            rebuild=rebuild,
            upgrade=upgrade,
            on_phase=display.phase,
            on_report=display.report,
        )
    seconds = time.perf_counter() - started
    problems = tuple(LocatedProblem(report.location.name, item) for report in reports for item in report.problems)

    def view(console: Console) -> None:
        console.print(summary(reports, seconds), markup=False)

    return Result(command, [report.to_json() for report in reports], view, problems)


def lock_with_progress(session: Session, locations: Sequence[Location]) -> Result:
    """Bring the locks of locations in step, one after the other, and give the result."""
    from atoll_host.envs.errors import AtollError, ConfigurationError  # noqa: PLC0415 — only at the end of a location

    rows: list[dict[str, Any]] = []
    problems: list[LocatedProblem] = []
    with session.renderer.progress("Locking", len(locations)) as advance:
        for location in locations:
            try:
                if location.problems:
                    raise ConfigurationError.of(location.problems)
                locked = session.environments.lock(location.environment)
            except AtollError as error:
                problems += [LocatedProblem(location.name, problem) for problem in error.problems]
                rows.append({"name": location.name, "status": "failed", "path": None, "changes": []})
            else:
                rows.append(_lock_row(location, locked))
            advance()

    def view(console: Console) -> None:
        for row in rows:
            console.print(f"{row['name']}  {row['status']}", markup=False)
            for change in row["changes"]:
                before, after = change["before"] or "new", change["after"] or "gone"
                console.print(f"  {change['name']}  {before} → {after}", markup=False)

    return Result("lock", rows, view, tuple(problems))


def _lock_row(location: Location, locked: Locked) -> dict[str, Any]:
    status = "no lock" if locked.path is None else "changed" if locked.changed else "unchanged"
    changes = [change.to_json() for change in locked.changes]
    path = None if locked.path is None else str(locked.path)
    return {"name": location.name, "status": status, "path": path, "changes": changes}


def summary(reports: Sequence[SyncReport], seconds: float) -> str:
    """Say in a line how many environments were built, left alone, failed."""
    counts = [(word, sum(report.status == word for report in reports)) for word in ("built", "unchanged", "failed")]
    said = ", ".join(f"{number} {word}" for word, number in counts if number)
    return f"{said or 'No locations'} in {duration(seconds)}"


def report_line(report: SyncReport) -> Text:
    """Say in a line what came of one location."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    sign, colour = _SIGNS[report.status]
    line = Text.assemble((sign, colour), " ", (clean(report.location.name), "bold"), f" {report.status}")
    if report.environment is not None:
        line.append(f"  Python {report.environment.interpreter.version_text}")
    if report.status != "unchanged":
        line.append(f"  {duration(report.seconds)}", style="dim")
    return line


@dataclass
class _Display:
    """What is going on, drawn anew some times a second."""

    session: Session
    at_work: dict[str, tuple[str, float]] = field(default_factory=dict)

    def phase(self, location: Location, text: str) -> None:
        before = self.at_work.get(location.name)
        self.at_work[location.name] = (text, before[1] if before else time.perf_counter())

    def report(self, report: SyncReport) -> None:
        self.at_work.pop(report.location.name, None)
        if report.status != "unchanged":
            self.session.renderer.err.print(report_line(report))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text  # noqa: PLC0415 — rich is for terminals

        rows = list(self.at_work.items())
        for name, (text, since) in rows[:_LIVE_LINES]:
            took = duration(time.perf_counter() - since)
            yield Text.assemble(("◐", "cyan"), " ", (clean(name), "bold"), f" {text}", (f"  {took}", "dim"))
        if len(rows) > _LIVE_LINES:
            yield Text(f"  … and {len(rows) - _LIVE_LINES} more", style="dim")


class _Silent:
    def phase(self, *_: Any) -> None:
        """Say nothing."""

    def report(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def _display(session: Session) -> Iterator[_Display | _Silent]:
    if session.renderer.as_json:
        yield _Silent()
        return
    display = _Display(session)
    if not session.renderer.err.is_terminal:
        yield display
        return
    from rich.live import Live  # noqa: PLC0415 — only where somebody watches

    with Live(display, console=session.renderer.err, refresh_per_second=8, transient=True):
        yield display
