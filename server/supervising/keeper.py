"""Looks after one location: loads it when that is wanted, one load at a time, the newest wish last."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from atoll_host.envs.environments.fingerprint import metadata_block
from atoll_host.envs.errors import AtollError, Problem
from atoll_host.envs.loading.target import Cancellation, LoadCancelledError, patience
from atoll_host.envs.loading.worker import load
from atoll_host.envs.processes import RunnerClosedError
from atoll_host.envs.sdk_copy import ensure_sdk
from atoll_host.server.live.states import LoadRecord
from atoll_host.server.supervising.wishes import Wish
from atoll_host.workspace.loading import Attempt, LoadReport
from atoll_host.workspace.validation import join_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atoll_host.envs.environments.results import Inspection, Progress
    from atoll_host.envs.environments.spec import EnvironmentSpec
    from atoll_host.server.live.states import Activity, LocationState
    from atoll_host.server.supervising.office import Office
    from atoll_host.server.supervising.watched import Change
    from atoll_host.workspace.location import Location
    from atoll_host.workspace.snapshots import Snapshot

_HISTORY = 50
_DEATHS = frozenset({"crashed", "memory"})
"""Kinds of problems that say that a worker died, and did not end by what its code says."""
_MOST_RETRIES = 5
_LONGEST_PAUSE = 60.0
"""Seconds between two such loads, at most."""
_EVERY = 0.1
"""Seconds between two lines of a build that are shown."""
_QUIET = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Seconds without a change before a load begins, by how many loads in a row were overtaken by a change."""
_OWN = 3
"""How many loads in a row a file has to change in until it is taken to be the load's own doing."""
_CLOCK = 0.02
"""Seconds by which a file system's clock may be behind ours."""


class Keeper:
    """Looks after one location. Safe to use from several threads."""

    def __init__(self, location: Location, office: Office) -> None:
        self.location = location
        self._office = office
        self._changed = threading.Condition()
        self._wish: Wish | None = None
        self._asked = 0.0
        self._cancellation: Cancellation | None = None
        self._hurried = 0
        self._busy = False
        self._closed = False
        self._inspection: Inspection | None = None
        self._metadata: str | None = None
        self._built: tuple[Problem, ...] | None = None
        self._report: LoadReport | None = None
        self._last: Snapshot | None = None
        self._window = (0.0, 0.0)
        self._during: Counter[str] = Counter()
        self._during_this: set[str] = set()
        self._deaths = 0
        self._stop_retry: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        """Of the location."""
        return self.location.name

    def ask(self, wish: Wish, *, cancels: bool = True) -> None:
        """Have the location loaded.

        Args:
            wish: why, and what can be trusted.
            cancels: whether a load under way is given up for it; else this follows.
        """
        with self._changed:
            if self._closed:
                return
            if not wish.retry:
                self._deaths = 0
                self._stop_retry()
            self._wish = wish.joined(self._wish)
            cancellation = self._cancellation if cancels and wish.load else None
            self._asked = self._office.clock.now()
            begins = not self._busy
            self._busy = True
            self._changed.notify_all()
        if cancellation is not None:
            cancellation.cancel()
        if begins:
            self._show("waiting")
            self._office.slots.ask(self._work, patience=patience(self.location.timeout), urgent=wish.urgent)

    def note(self, changes: Sequence[Change], wish: Wish) -> None:
        """Have the location loaded because files changed that shape it, unless its own load did that.

        Args:
            changes: what changed.
            wish: what is wanted because of it.
        """
        with self._changed:
            wanted = [change for change in changes if not self._is_known(change)]
        if wanted:
            # What a load reads beside its code may be what it has just written: it ends before another begins.
            self.ask(wish, cancels=any(change.concern != "input" and not change.listed for change in wanted))

    def _is_known(self, change: Change) -> bool:
        """Tell whether the load under way, or the last one, has seen a change, or made it."""
        since, until = self._window
        if change.at is None or not (change.listed or change.concern == "input"):
            return False
        if since <= change.at <= until + _CLOCK:
            self._during_this.add(change.path)
            return self._during[change.path] >= _OWN
        return change.listed and change.at < since - _CLOCK

    def move(self, location: Location) -> None:
        """Take note that the location is configured differently now."""
        with self._changed:
            self.location = location
        self._office.update("workspace", self.name, lambda state: replace(state, location=location))

    def close(self) -> None:
        """Load no more, and end what is under way."""
        with self._changed:
            self._closed = True
            self._stop_retry()
            cancellation = self._cancellation
            self._changed.notify_all()
        if cancellation is not None:
            cancellation.cancel()
        self._office.warming.drop(self.name)

    def _take(self) -> tuple[Wish, Cancellation] | None:
        """Wait until nothing more comes, and give what is wanted by then."""
        with self._changed:
            while not self._closed and self._wish is not None:
                quiet = _QUIET[min(self._hurried, len(_QUIET) - 1)]
                left = self._asked + max(self._wish.settle, quiet) - self._office.clock.now()
                if left <= 0:
                    break
                self._changed.wait(left)
            wish, self._wish = self._wish, None
            if wish is None or self._closed:
                self._busy = False
                self._cancellation = None
                return None
            self._cancellation = Cancellation()
            return wish, self._cancellation

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            wish, cancellation = taken
            try:
                self._fulfil(wish, cancellation)
            except LoadCancelledError:
                with self._changed:
                    self._hurried += 1
                    if self._wish is not None:
                        self._wish = self._wish.joined(replace(wish, load=False))
            except RunnerClosedError:
                self.close()
            except Exception as error:  # noqa: BLE001 — a fault of ours is shown where it strikes, and stops nothing else
                problem = Problem("tool", f"Atoll itself failed: {type(error).__name__}: {error}")
                self._publish(self._fail((problem,)), wish)

    def _fulfil(self, wish: Wish, cancellation: Cancellation) -> None:
        office, name = self._office, self.name
        if wish.fresh:
            office.warming.drop(name, forgive=True)
        inspection, failed = self._prepare(wish)
        cancellation.check()
        if not wish.load and not self._needs_load(inspection):
            self._rest()
            return
        if failed and self._built and self._last is not None and not wish.load:
            # The change that was to be built is not there to be loaded: what was loaded before stays.
            self._publish(self._fail(self._built, inspection), wish)
            return
        attempt = self._attempt(wish, inspection, cancellation)
        if self._built:
            problems = tuple(join_problems(self._built, attempt.report.problems))
            attempt = replace(attempt, report=replace(attempt.report, problems=problems))
        self._publish(attempt, wish)

    def _prepare(self, wish: Wish) -> tuple[Inspection | None, bool]:
        """Look at the environment, and build it where that is needed; tell whether that failed just now."""
        if any(problem.severity == "error" for problem in self.location.problems):
            return None, False
        environments, spec = self._office.loader.environments, self.location.environment
        # The file that says what a script needs is the one that is edited all the time.
        metadata = _read_metadata(spec)
        again = wish.environment or metadata != self._metadata
        self._metadata = metadata
        if not again and self._inspection is not None and self._inspection.environment is not None:
            return self._inspection, False
        self._inspection = environments.inspect(spec)
        if again:
            self._built = None
        if spec.kind == "interpreter" or self._inspection.state not in {"missing", "stale", "broken"}:
            self._built = None
            return self._inspection, False
        if self._built is not None and not wish.build:
            return self._inspection, False
        self._built = self._build()
        self._inspection = environments.inspect(spec)
        return self._inspection, any(problem.severity == "error" for problem in self._built)

    def _build(self) -> tuple[Problem, ...]:
        """Build the environment from its lock as it is; give what is wrong."""
        self._show("syncing")
        shown = 0.0

        def tell(progress: Progress) -> None:
            nonlocal shown
            now = time.monotonic()
            if not progress.text or now - shown > _EVERY:
                shown = now
                self._show("syncing", progress.text or progress.phase)

        environments = self._office.loader.environments
        try:
            return environments.sync(self.location.environment, lock_mode="locked", on_progress=tell).problems
        except AtollError as error:
            return error.problems
        except OSError as error:
            message = f"The operating system refused: {error.strerror or error}"
            return (Problem("tool", message, file=None if error.filename is None else str(error.filename)),)

    def _needs_load(self, inspection: Inspection | None) -> bool:
        """Tell whether a load would differ from the last one, as far as the environment goes."""
        report = self._report
        if report is None or report.status == "failed" or inspection is None:
            return True
        with_problems = inspection.state not in {"current", "as_is"} or bool(self._built)
        return inspection.environment != report.environment or with_problems or bool(report.problems)

    def _attempt(self, wish: Wish, inspection: Inspection | None, cancellation: Cancellation) -> Attempt:
        office, name = self._office, self.name
        self._show("loading")
        debug = office.debug[1] if office.debug is not None and office.debug[0] == name else None
        with self._changed:
            self._window = (time.time(), float("inf"))
        try:
            if not office.loader.sdk.is_dir():
                # Somebody has cleaned up while we run.
                ensure_sdk(office.loader.state)
            return office.loader.attempt(
                office.workspace,
                self.location,
                how=office.warming.way(name) if debug is None and not wish.fresh else load,
                inspection=inspection,
                last=self._last,
                debug=debug,
                on_progress=self._show_progress,
                cancellation=cancellation,
            )
        finally:
            with self._changed:
                self._window = (self._window[0], time.time())
                self._cancellation = None

    def _fail(self, problems: tuple[Problem, ...], inspection: Inspection | None = None) -> Attempt:
        environment = None if inspection is None else inspection.environment
        return Attempt(LoadReport(self.location, "failed", self._last, problems, environment), time.time())

    def _publish(self, attempt: Attempt, wish: Wish) -> None:
        office, report = self._office, attempt.report
        with self._changed:
            if self._closed:
                return
            # Where more came meanwhile, it is a burst.
            self._hurried = 0 if self._wish is None else self._hurried + 1
            self._report = report
            self._last = report.snapshot
            for path in list(self._during):
                if path not in self._during_this:
                    del self._during[path]
            self._during.update(self._during_this)
            self._during_this = set()
        retry_at = self._plan_retry(report)
        now = time.time()
        record = _make_record(report, wish, now)

        def change(state: LocationState) -> LocationState:
            return replace(
                state,
                location=self.location,
                activity="idle",
                since=None,
                progress=None,
                report=report,
                # What the load before found is said no more; what this one found follows.
                findings=tuple(
                    finding
                    for finding in state.findings
                    if state.report is None or finding.problem not in state.report.problems
                ),
                inspection=self._inspection,
                history=(record, *state.history)[:_HISTORY],
                warm=office.warming.has(self.name),
                retry_at=retry_at,
            )

        office.update("loaded", self.name, change, status=report.status, trigger=wish.trigger, way=report.way)
        office.watch(self.location, report, attempt.since)
        office.storing.keep(self.name, attempt)
        if wish.environment:
            office.judging.note_environment([self.name])
        office.judging.note(self.name, self._built or ())
        if wish.edit and attempt.outcome is not None and attempt.request is not None and office.debug is None:
            office.warming.prepare(self.name, attempt.request, attempt.outcome)

    def _plan_retry(self, report: LoadReport) -> float | None:
        """Have a location whose worker died loaded again in a while; give when that is."""
        if report.status == "loaded" or not any(problem.kind in _DEATHS for problem in report.problems):
            self._deaths = 0
            return None
        self._deaths += 1
        number = self._deaths
        if number > _MOST_RETRIES:
            return None
        pause = min(2.0 ** (number - 1), _LONGEST_PAUSE)
        with self._changed:
            if self._wish is not None or self._closed:
                return None
            wish = Wish(f"worker died (retry {number})", fresh=True, urgent=False, retry=number)
            self._stop_retry = self._office.clock.after(pause, lambda: self.ask(wish))
        return time.time() + pause

    def _rest(self) -> None:
        """Note that nothing has to be loaded."""

        def change(state: LocationState) -> LocationState:
            return replace(state, activity="idle", since=None, progress=None, inspection=self._inspection)

        self._office.update("activity", self.name, change)
        self._office.judging.note_environment([self.name])
        self._office.judging.note(self.name, self._built or ())

    def _show(self, activity: Activity, progress: str | None = None) -> None:
        def change(state: LocationState) -> LocationState:
            since = state.since if state.activity == activity else time.time()
            return replace(state, activity=activity, since=since, progress=progress, retry_at=None)

        self._office.update("activity", self.name, change)

    def _show_progress(self, parameters: dict[str, Any]) -> None:
        module = parameters.get("module")
        if isinstance(module, str):
            self._show("loading", module)


def _read_metadata(spec: EnvironmentSpec) -> str | None:
    if spec.kind != "script" or spec.source is None:
        return None
    try:
        return metadata_block(spec.source)
    except AtollError:
        return None


def _make_record(report: LoadReport, wish: Wish, now: float) -> LoadRecord:
    loaded = report.status == "loaded" and report.snapshot is not None
    return LoadRecord(
        at=now,
        status=report.status,
        trigger=wish.trigger,
        way=report.way,
        seconds=report.seconds,
        phases=report.snapshot.seconds if loaded and report.snapshot is not None else {},
        problems=len(report.problems),
        delay=None if wish.changed is None else max(0.0, now - wish.changed),
    )
