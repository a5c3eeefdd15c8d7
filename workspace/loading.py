"""Load the locations of a workspace: in parallel, each with its own interpreter, each failure its own."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

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
    from atoll_host.envs.loading.target import Cancellation, Debug, LoadOutcome
    from atoll_host.envs.processes import Runner
    from atoll_host.workspace.location import Location, Workspace

Status = Literal["loaded", "failed"]
Way = Literal["fresh", "warm"]


class Load(Protocol):
    """Something that loads a location as `envs.loading.worker.load` does."""

    def __call__(
        self,
        runner: Runner,
        request: LoadRequest,
        *,
        on_progress: Callable[[dict[str, Any]], None] | None = None,
        cancellation: Cancellation | None = None,
    ) -> LoadOutcome:
        """Load, and give what came of it."""


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
        way: `fresh` (a new process) or `warm` (forked from one that holds the third-party imports).
        trace: what shaped the load, also where it failed; empty where the worker said nothing.
    """

    location: Location
    status: Status
    snapshot: Snapshot | None
    problems: tuple[Problem, ...] = ()
    environment: Environment | None = None
    seconds: float = 0.0
    output: Output = field(default_factory=Output)
    way: Way = "fresh"
    trace: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stale(self) -> bool:
        """Whether the snapshot is of an earlier load."""
        return self.status == "failed" and self.snapshot is not None

    @property
    def definitions(self) -> dict[str, Any]:
        """The SDK's snapshot, or an empty mapping."""
        return self.snapshot.definitions if self.snapshot is not None else {}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A load that has ended, and what it takes to keep its snapshot.

    Attributes:
        report: what came of it.
        since: when it began, in seconds since the epoch.
        request: what the worker was asked; None where it did not come to that.
        outcome: what came of that, as the worker said it.
        env_files: absolute paths of the `.env` files that were read.
    """

    report: LoadReport
    since: float
    request: LoadRequest | None = None
    outcome: LoadOutcome | None = None
    env_files: tuple[str, ...] = ()


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
        return self.keep(self.attempt(workspace, location))

    def attempt(
        self,
        workspace: Workspace,
        location: Location,
        *,
        how: Load = load,
        inspection: Inspection | None = None,
        last: Snapshot | None = None,
        debug: Debug | None = None,
        on_progress: Callable[[dict[str, Any]], None] | None = None,
        cancellation: Cancellation | None = None,
    ) -> Attempt:
        """Load one location without keeping anything.

        Args:
            workspace: what it belongs to.
            location: which one.
            how: what loads it.
            inspection: of its environment, where that was looked at already and cannot have changed since.
            last: its last good snapshot, where the caller has it; else the one that is kept is read when this fails.
            debug: where a debugger is to be waited for.
            on_progress: called with the parameters of each progress notification.
            cancellation: ends the load early.

        Raises:
            LoadCancelledError: it was.
            RunnerClosedError: the command was interrupted.
        """
        started, since = time.perf_counter(), time.time()

        def fail(
            problems: tuple[Problem, ...],
            environment: Environment | None = None,
            request: LoadRequest | None = None,
            outcome: LoadOutcome | None = None,
        ) -> Attempt:
            snapshot = read_snapshot(self.state, location.name) if last is None else last
            seconds = time.perf_counter() - started
            report = LoadReport(location, "failed", snapshot, problems, environment, seconds)
            return Attempt(_told_by(outcome, report), since, request, outcome)

        if any(problem.severity == "error" for problem in location.problems):
            return fail(location.problems)
        try:
            inspection = inspection or self.environments.inspect(location.environment)
            environment = inspection.environment
            noticed = (*location.problems, *notice_environment(location.name, inspection))
            if environment is None:
                return fail(noticed)
            request = self.make_request(workspace, location, environment, debug)
            outcome = how(self.runner, request, on_progress=on_progress, cancellation=cancellation)
        except AtollError as error:
            return fail(error.problems)
        seconds = time.perf_counter() - started
        problems = (*noticed, *map(point_at_word, outcome.problems))
        if outcome.definitions is None:
            return fail(problems, environment, request, outcome)
        misshapen = find_misshapen(outcome.definitions)
        if misshapen is not None:
            message = f"What the worker says is no description of definitions: {misshapen}"
            problems += (Problem("protocol", message, hint="is there another `atoll` in its environment?"),)
            return fail(problems, environment, request, outcome)
        meaningless = check_schedules(outcome.definitions)
        if meaningless:
            return fail(problems + meaningless, environment, request, outcome)
        snapshot = Snapshot(
            location=location.name,
            definitions=outcome.definitions,
            worker=outcome.worker or {},
            trace=outcome.trace or {},
            seconds=outcome.seconds,
            loaded_at=time.time(),
            fingerprint=environment.fingerprint,
        )
        report = LoadReport(location, "loaded", snapshot, problems, environment, seconds)
        env_files = (*workspace.env_files, *location.env_files)
        return Attempt(_told_by(outcome, report), since, request, outcome, tuple(map(str, env_files)))

    def make_request(
        self, workspace: Workspace, location: Location, environment: Environment, debug: Debug | None = None
    ) -> LoadRequest:
        """Say everything that a load of a location depends on.

        Raises:
            ConfigurationError: a `.env` file is not there or cannot be read.
        """
        variables = location_variables(
            without_temporary(self.variables),
            prefix=environment.prefix,
            executable=environment.executable,
            env_files=(*workspace.env_files, *location.env_files),
        )
        return LoadRequest(
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
            debug=debug,
        )

    def keep(self, attempt: Attempt, *, quickly: bool = False) -> LoadReport:
        """Keep the snapshot of a load that went well, and give the report that says so.

        Args:
            attempt: the load.
            quickly: whether the digests of what it saw are left out, so that the snapshot proves nothing later.
        """
        report, request = attempt.report, attempt.request
        snapshot, environment = report.snapshot, report.environment
        if report.status != "loaded" or snapshot is None or environment is None or request is None:
            return report
        if not quickly:
            since, env_files = attempt.since, attempt.env_files
            trace = with_witness(
                snapshot.trace, report.location, environment, request.variables, since=since, env_files=env_files
            )
            snapshot = replace(snapshot, trace=trace)
        problems = report.problems
        try:
            write_snapshot(self.state, snapshot)
        except OSError as error:
            # The load is as good as ever; only the next one that fails has nothing to show.
            message = f"Its snapshot could not be kept: {error.strerror or error}"
            problems += (Problem("snapshot_not_kept", message, file=str(self.state.snapshots), severity="warning"),)
        return replace(report, snapshot=snapshot, problems=problems)


def _told_by(outcome: LoadOutcome | None, report: LoadReport) -> LoadReport:
    """Add what a worker said, whether it loaded or not."""
    if outcome is None:
        return report
    return replace(report, output=outcome.output, way=outcome.way, trace=outcome.trace or {})


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
