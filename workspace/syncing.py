"""Build the environments of a workspace: in parallel, only what changed, each failure its own location's."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from atoll_host.envs.errors import AtollError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atoll_host.envs.environments.environments import Environments
    from atoll_host.envs.environments.results import LockMode, Progress
    from atoll_host.envs.environments.spec import Environment
    from atoll_host.envs.processes import Runner
    from atoll_host.workspace.location import Location

Status = Literal["built", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What came of building one location's environment.

    Attributes:
        location: which one.
        status: `built`, `unchanged` or `failed`.
        environment: what it is loaded with now; for a failed one the earlier environment, when there is one.
        problems: errors when it failed, warnings in any case.
        lock_changed: whether its uv.lock was written.
        seconds: from the start of this location's work to its end.
    """

    location: Location
    status: Status
    environment: Environment | None
    problems: tuple[Problem, ...] = ()
    lock_changed: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Give the report as a row of data."""
        environment = self.environment
        return {
            "name": self.location.name,
            "status": self.status,
            "kind": self.location.environment.kind,
            "python": None if environment is None else environment.interpreter.version_text,
            "executable": None if environment is None else str(environment.executable),
            "reason": None if environment is None else environment.reason,
            "lock_changed": self.lock_changed,
            "seconds": self.seconds,
        }


def sync_all(
    environments: Environments,
    runner: Runner,
    locations: Sequence[Location],
    *,
    lock_mode: LockMode = "update",
    rebuild: bool = False,
    upgrade: bool | tuple[str, ...] = (),
    on_phase: Callable[[Location, str], None] | None = None,
    on_report: Callable[[SyncReport], None] | None = None,
) -> list[SyncReport]:
    """Build environments in parallel, and give the reports in the order of the locations.

    Args:
        environments: the environments of the workspace.
        runner: what starts their processes; closed when this is interrupted.
        locations: whose environments.
        lock_mode: `update` locks anew where that is needed, `locked` refuses to, `frozen` does not even check.
        rebuild: build anew what is in step too, and what was changed by hand.
        upgrade: which packages may get newer than their lock says; True for all.
        on_phase: called in some thread when a location comes to a new phase.
        on_report: called in this thread with each report as it arrives.

    Raises:
        RunnerClosedError: the command was interrupted.
    """
    if not locations:
        return []

    def work(location: Location) -> SyncReport:
        started = time.perf_counter()
        if any(problem.severity == "error" for problem in location.problems):
            return SyncReport(location, "failed", None, location.problems)

        def tell(progress: Progress) -> None:
            if on_phase is not None:
                on_phase(location, progress.text or progress.phase)

        try:
            synced = environments.sync(
                location.environment, lock_mode=lock_mode, rebuild=rebuild, upgrade=upgrade, on_progress=tell
            )
        except AtollError as error:
            seconds = time.perf_counter() - started
            return SyncReport(location, "failed", None, error.problems, seconds=seconds)
        status: Status = "built" if synced.changed else "unchanged"
        seconds = time.perf_counter() - started
        return SyncReport(location, status, synced.environment, synced.problems, synced.lock_changed, seconds)

    reports: dict[str, SyncReport] = {}
    # uv works in parallel itself and shares its cache by a lock with a time limit: a few at once are enough.
    pool = ThreadPoolExecutor(max_workers=min(len(locations), max(2, os.cpu_count() or 1)))
    try:
        for job in as_completed([pool.submit(work, location) for location in locations]):
            report = job.result()
            reports[report.location.name] = report
            if on_report is not None:
                on_report(report)
    except BaseException:
        # The threads wait for uv: that has to end first.
        runner.close()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [reports[location.name] for location in locations]
