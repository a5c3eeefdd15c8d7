"""Load the locations of a workspace: in parallel, each with its own interpreter, each failure its own."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from atoll_host.envs.errors import AtollError, Problem
from atoll_host.envs.loading.target import LoadRequest, Output, patience
from atoll_host.envs.loading.temporary import without_temporary
from atoll_host.envs.loading.variables import location_variables
from atoll_host.envs.loading.worker import load
from atoll_host.workspace.changes.witness import with_witness
from atoll_host.workspace.checks.pointing import point_at_word
from atoll_host.workspace.checks.schedules import check_schedules
from atoll_host.workspace.shapes import find_misshapen
from atoll_host.workspace.snapshots import Snapshot, read_snapshot, write_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from atoll_host.envs.environments.environments import Environments
    from atoll_host.envs.environments.results import Inspection
    from atoll_host.envs.environments.spec import Environment
    from atoll_host.envs.layout import StateFolder
    from atoll_host.envs.processes import Runner
    from atoll_host.workspace.location import Location, Workspace

Status = Literal["loaded", "failed"]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What came of loading one location.

    Attributes:
        location: which one.
        status: `loaded`, or `failed`.
        snapshot: its definitions now; for a failed one the last that there were, which are stale; or None.
        problems: errors when it failed, warnings in any case.
        environment: what it was loaded with; None when there is none that could.
        seconds: from asking for the load to its end, without waiting for a free slot.
        output: what the location printed while it loaded.
    """

    location: Location
    status: Status
    snapshot: Snapshot | None
    problems: tuple[Problem, ...] = ()
    environment: Environment | None = None
    seconds: float = 0.0
    output: Output = field(default_factory=Output)

    @property
    def stale(self) -> bool:
        """Whether the snapshot is of an earlier load."""
        return self.status == "failed" and self.snapshot is not None

    @property
    def definitions(self) -> dict[str, Any]:
        """The SDK's snapshot, or an empty mapping."""
        return self.snapshot.definitions if self.snapshot is not None else {}


@dataclass(frozen=True, slots=True)
class Loader:
    """What every load of a command shares.

    Attributes:
        runner: starts the workers.
        environments: knows what each location is loaded with.
        state: where snapshots are kept.
        variables: the caller's environment.
        sdk: folder that holds the package `atoll`.
        slots: how many locations load at once.
    """

    runner: Runner
    environments: Environments
    state: StateFolder
    variables: Mapping[str, str]
    sdk: Path
    slots: int = field(default_factory=lambda: max(os.cpu_count() or 1, 1))

    def load_all(
        self, workspace: Workspace, locations: Sequence[Location], on_report: Callable[[LoadReport], None] | None = None
    ) -> list[LoadReport]:
        """Load locations in parallel, and give the reports in the order of the locations.

        Args:
            workspace: what they belong to.
            locations: which ones.
            on_report: called in this thread with each report as it arrives.

        Raises:
            RunnerClosedError: the command was interrupted.
        """
        if not locations:
            return []
        slots = threading.Semaphore(self.slots)
        reports: dict[str, LoadReport] = {}
        pool = ThreadPoolExecutor(max_workers=len(locations))
        try:
            jobs = [pool.submit(self._load_in_slot, slots, workspace, location) for location in locations]
            for job in as_completed(jobs):
                report = job.result()
                reports[report.location.name] = report
                if on_report is not None:
                    on_report(report)
        except BaseException:
            # The threads wait for workers: those have to end first.
            self.runner.close()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return [reports[location.name] for location in locations]

    def _load_in_slot(self, slots: threading.Semaphore, workspace: Workspace, location: Location) -> LoadReport:
        slots.acquire()
        once = threading.Lock()

        def release() -> None:
            if once.acquire(blocking=False):
                slots.release()

        # So that those which hang do not queue.
        timer = threading.Timer(patience(location.timeout), release)
        timer.daemon = True
        timer.start()
        try:
            return self.load_one(workspace, location)
        finally:
            timer.cancel()
            release()

    def load_one(self, workspace: Workspace, location: Location) -> LoadReport:
        """Load one location, and keep its snapshot when it loaded."""
        started, since = time.perf_counter(), time.time()
        if any(problem.severity == "error" for problem in location.problems):
            return self._failed(location, location.problems, started)
        try:
            inspection = self.environments.inspect(location.environment)
            environment = inspection.environment
            noticed = (*location.problems, *notice_environment(location.name, inspection))
            if environment is None:
                return self._failed(location, noticed, started)
            env_files = (*workspace.env_files, *location.env_files)
            variables = location_variables(
                without_temporary(self.variables),
                prefix=environment.prefix,
                executable=environment.executable,
                env_files=env_files,
            )
            outcome = load(
                self.runner,
                LoadRequest(
                    executable=environment.executable,
                    isolated=environment.kind != "interpreter",
                    directory=location.root,
                    search_paths=location.search_paths,
                    variables=variables,
                    sdk=self.sdk,
                    target=location.target,
                    timeout=location.timeout,
                    memory=location.memory,
                    cpu=location.cpu,
                ),
            )
        except AtollError as error:
            return self._failed(location, error.problems, started)
        seconds = time.perf_counter() - started
        problems = (*noticed, *map(point_at_word, outcome.problems))
        if outcome.definitions is None:
            return self._failed(location, problems, started, environment, outcome.output)
        misshapen = find_misshapen(outcome.definitions)
        if misshapen is not None:
            message = f"What the worker says is no description of definitions: {misshapen}"
            problems += (Problem("protocol", message, hint="is there another `atoll` in its environment?"),)
            return self._failed(location, problems, started, environment, outcome.output)
        meaningless = check_schedules(outcome.definitions)
        if meaningless:
            return self._failed(location, problems + meaningless, started, environment, outcome.output)
        snapshot = Snapshot(
            location=location.name,
            definitions=outcome.definitions,
            worker=outcome.worker or {},
            trace=with_witness(
                outcome.trace or {}, location, environment, variables, since=since, env_files=tuple(map(str, env_files))
            ),
            seconds=outcome.seconds,
            loaded_at=time.time(),
            fingerprint=environment.fingerprint,
        )
        try:
            write_snapshot(self.state, snapshot)
        except OSError as error:
            # The load is as good as ever; only the next one that fails has nothing to show.
            message = f"Its snapshot could not be kept: {error.strerror or error}"
            problems += (Problem("snapshot_not_kept", message, file=str(self.state.snapshots), severity="warning"),)
        return LoadReport(location, "loaded", snapshot, problems, environment, seconds, outcome.output)

    def _failed(
        self,
        location: Location,
        problems: tuple[Problem, ...],
        started: float,
        environment: Environment | None = None,
        output: Output | None = None,
    ) -> LoadReport:
        return LoadReport(
            location,
            "failed",
            read_snapshot(self.state, location.name),
            problems,
            environment,
            time.perf_counter() - started,
            output or Output(),
        )


def notice_environment(location: str, inspection: Inspection) -> tuple[Problem, ...]:
    """Say what is to be said of an environment beside its own problems: that there is none, or that it is stale."""
    if inspection.state == "missing":
        return (
            Problem("environment_missing", "It has no environment yet", hint=f"atoll sync {location}"),
            *inspection.problems,
        )
    if inspection.state == "stale":
        message = f"Its environment is not in step: {inspection.reason}"
        hint = f"atoll sync {location}"
        return (Problem("environment_stale", message, hint=hint, severity="warning"), *inspection.problems)
    return inspection.problems
