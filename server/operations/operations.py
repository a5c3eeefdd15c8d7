"""What a server does with runs: remembers, plans, launches, cancels, tries again; and with what asks for them."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from atoll_host.envs.errors import UsageError
from atoll_host.envs.layout import StateFolder
from atoll_host.server.operations.database import Database, NoWorkspaceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from atoll_host.runs.automation.preview import Preview
    from atoll_host.runs.backfilling.asking import BackfillWish
    from atoll_host.runs.instance import Instance
    from atoll_host.runs.launching.launcher import Launched
    from atoll_host.runs.launching.request import RunRequest
    from atoll_host.runs.planning.plan import RunPlan
    from atoll_host.runs.planning.planner import Wanted
    from atoll_host.runs.storage.automation_records import Automation, NewBackfill
    from atoll_host.runs.storage.records import AutomationKind
    from atoll_host.runs.storage.store import Storage
    from atoll_host.server.live.hub import Hub
    from atoll_host.server.live.states import LocationState
    from atoll_host.workspace.loading import Loader, LoadReport
    from atoll_host.workspace.location import Workspace

T = TypeVar("T")
_PATIENCE = 5.0
"""Seconds that loads under way are waited for before a run is planned."""
_REMEMBERED = 10_000
"""Runs that were started here last: of those before, none goes on."""
_EVALUATED = 4
"""Previews at once."""


class Operations:
    """What a server does with the runs of its workspace. Safe to use from several threads.

    Plans are made with the last load of each location, as the hub has it.

    Args:
        hub: holds what is known of the locations.
        get_loader: knows how locations are loaded; None where nothing can be launched.
        variables: of the processes of runs; those of this process by default.
    """

    def __init__(
        self,
        hub: Hub,
        get_loader: Callable[[], Loader] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._hub = hub
        self._get_loader = get_loader
        self._variables = dict(os.environ) if variables is None else dict(variables)
        self._lock = threading.Lock()
        self._known: tuple[tuple[object, ...], Instance] | None = None
        self._database = Database(lambda: self.instance)
        self._closing = threading.Event()
        self._launched: deque[str] = deque(maxlen=_REMEMBERED)
        self._evaluating = threading.BoundedSemaphore(_EVALUATED)

    @property
    def instance(self) -> Instance:
        """What `instance.yaml` says now.

        Raises:
            NoWorkspaceError: there is no workspace yet.
            ConfigurationError: it can't be understood.
        """
        from atoll_host.runs.instance import INSTANCE_FILE, read_instance  # noqa: PLC0415 — not before it is asked

        root = self._workspace.root
        key = (root, _sign(root / INSTANCE_FILE))
        with self._lock:
            if self._known is None or self._known[0] != key:
                self._known = key, read_instance(root, StateFolder(root / ".atoll"), self._variables)
            return self._known[1]

    def read(self) -> Storage | None:
        """Give what is remembered; None while nothing ever was.

        Raises:
            AtollError: it can't be opened.
        """
        return None if self._hub.current.workspace is None else self._database.read()

    def open(self) -> Storage:
        """Give what is remembered, and make the database where there is none.

        Raises:
            AtollError: it can't be opened.
        """
        return self._database.open()

    async def call(self, work: Callable[[Storage], T], default: T) -> T:
        """Do something with what is remembered in a thread, for those who may not block.

        Args:
            work: what is done.
            default: what is given while nothing was ever remembered.

        Raises:
            AtollError: it can't be opened.
        """
        from starlette.concurrency import run_in_threadpool  # noqa: PLC0415 — the server's own

        def look() -> T:
            storage = self.read()
            return default if storage is None else work(storage)

        return await run_in_threadpool(look)

    def plan_assets(
        self,
        selection: str,
        wanted: Wanted,
    ) -> RunPlan:
        """Plan to make what a selection chooses; nothing is started.

        Raises:
            AtollError: it can't be made.
        """
        return self._draft_assets(self._reports(), selection, wanted)

    def plan_job(
        self,
        location: str,
        job: str,
        wanted: Wanted,
    ) -> RunPlan:
        """Plan to execute a job; nothing is started.

        Raises:
            AtollError: it can't be executed.
        """
        from atoll_host.runs.planning.drafting import draft_job  # noqa: PLC0415 — only for who launches

        return draft_job(self._reports(), f"{location}:{job}", wanted)[2]

    def launch_assets(
        self,
        selection: str,
        wanted: Wanted,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> Launched:
        """Make what a selection chooses; returns when the run is remembered.

        Raises:
            AtollError: it can't be made, or the run not be started.
        """
        reports = self._reports(patience=_PATIENCE)
        plan = self._draft_assets(reports, selection, wanted)
        facts = {"kind": "assets", "selection": selection, "config": wanted.config, "tags": dict(tags or {})}
        return self._launch(reports, plan, facts)

    def launch_job(
        self,
        location: str,
        job: str,
        wanted: Wanted,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> Launched:
        """Execute a job; returns when the run is remembered.

        Raises:
            AtollError: it can't be executed, or the run not be started.
        """
        from atoll_host.runs.planning.drafting import draft_job  # noqa: PLC0415 — only for who launches

        reports = self._reports(patience=_PATIENCE)
        where, name, plan = draft_job(reports, f"{location}:{job}", wanted)
        facts = {"kind": "job", "job": name, "location": where, "config": wanted.config, "tags": dict(tags or {})}
        return self._launch(reports, plan, facts)

    def cancel(self, run: str) -> None:
        """Ask for the end of a run, by its number or a part of its id.

        Raises:
            NoRunError: there is none.
            UsageError: it has ended already.
        """
        storage = self.open()
        found = storage.runs.find(run)
        if found.is_final:
            raise UsageError(f"Run {found.number} has {found.status} already")
        storage.runs.cancel(found.id, reason="it was canceled")

    def retry(self, run: str, *, from_failure: bool = True) -> Launched:
        """Do a run again in a new one: what is left of it, or all.

        Args:
            run: its number, or a part of its id.
            from_failure: whether what it made is left as it is.

        Raises:
            AtollError: there is no such run, nothing is left of it, or it can't be done.
        """
        from atoll_host.runs.planning.drafting import draft_assets, draft_job  # noqa: PLC0415 — only for who launches
        from atoll_host.runs.planning.retrying import find_rest  # noqa: PLC0415 — as above

        every = not from_failure
        rest = find_rest(self.open(), run, every=every)
        reports, facts = self._reports(patience=_PATIENCE), rest.facts
        if rest.job is None:
            facts["selection"] = rest.run.selection
            plan = draft_assets(reports, lambda graph: rest.choose_assets(graph, every=every), rest.wanted)
            return self._launch(reports, plan, facts)
        steps, values = (None, {}) if every else (rest.list_steps(), rest.values_from)
        location, job, plan = draft_job(reports, rest.job, rest.wanted, steps=steps, values_from=values)
        return self._launch(reports, plan, {**facts, "job": job, "location": location})

    def switch(self, kind: AutomationKind, location: str, name: str, on: bool | None) -> Automation:
        """Switch a schedule or sensor on or off, or leave it to its declaration again.

        Args:
            kind: which of the two.
            location: whose it is.
            name: its own; whether there is one, the caller knows.
            on: whether it is to be evaluated; None for what the code says.

        Raises:
            AtollError: it can't be remembered.
        """
        return self.open().get_automations(kind).switch(location, name, on)

    def preview(
        self, kind: AutomationKind, location: str, name: str, *, at: float | None = None, cursor: str | None
    ) -> Preview:
        """Evaluate a schedule or sensor without any effect.

        Args:
            kind: which of the two.
            location: whose it is.
            name: its own.
            at: moment for a schedule; the next one without.
            cursor: for a sensor; `REMEMBERED` for what is remembered.

        Raises:
            AtollError: it is not there, its location can't be loaded, or its function failed.
        """
        from atoll_host.envs.processes import Runner  # noqa: PLC0415 — only for who evaluates
        from atoll_host.runs.automation.preview import preview  # noqa: PLC0415 — as above
        from atoll_host.runs.queueing.sources import ReportSource  # noqa: PLC0415 — as above

        reports = self._reports(patience=_PATIENCE, location=location)
        source = ReportSource(self._loader(), lambda: self._workspace, lambda: reports)
        stopping = self._closing.is_set
        # Each has a process of its own, and few are looked at at once.
        with self._evaluating, Runner(alone=False) as runner:
            return preview(
                self.read(),
                source,
                self.instance,
                runner,
                kind,
                location,
                name,
                at=at,
                cursor=cursor,
                is_stopping=stopping,
            )

    def plan_backfill(self, wish: BackfillWish) -> NewBackfill:
        """Choose the partitions of a backfill; nothing is remembered.

        Raises:
            AtollError: it makes no sense, or can't be made.
        """
        from atoll_host.runs.backfilling.asking import make_backfill  # noqa: PLC0415 — only for who launches

        reports = self._reports(patience=_PATIENCE)
        storage = self.read()
        return make_backfill(wish, reports, storage, None if storage is None else storage.partitions.list_all())

    def close(self) -> None:
        """Close the database, and wait for no evaluation any more."""
        self._closing.set()
        self._database.close()

    @property
    def _workspace(self) -> Workspace:
        workspace = self._hub.current.workspace
        if workspace is None:
            raise NoWorkspaceError("There is no workspace that could be read", hint="`atoll validate` says why")
        return workspace

    def _draft_assets(self, reports: Sequence[LoadReport], selection: str, wanted: Wanted) -> RunPlan:
        from atoll_host.runs.planning.drafting import draft_assets  # noqa: PLC0415 — only for who launches
        from atoll_host.workspace.graph.selection import select  # noqa: PLC0415 — as above

        return draft_assets(reports, lambda graph: select(graph, selection), wanted)

    def _launch(self, reports: Sequence[LoadReport], plan: RunPlan, facts: dict[str, Any]) -> Launched:
        from atoll_host.runs.launching.asking import make_run_request  # noqa: PLC0415 — only for who launches

        def make_request() -> RunRequest:
            return make_run_request(self._loader(), self._workspace, reports, plan, self.instance, **facts)

        return self.launch(make_request)

    def launch(self, make_request: Callable[[], RunRequest]) -> Launched:
        """Start a run.

        Args:
            make_request: says what is wanted, while the run's process imports what it needs.

        Raises:
            ToolFailedError: it could not be started, or not remembered.
        """
        from atoll_host.runs.launching.launcher import LocalLauncher  # noqa: PLC0415 — only for who launches

        with LocalLauncher(self._workspace.root, self._variables) as launcher:
            launcher.warm_up()
            self._loader().state.make()
            launched = launcher.launch(make_request())
        with self._lock:
            self._launched.append(launched.id)
        return launched

    def cancel_launched(self, reason: str) -> int:
        """Cancel the runs that were started here and go on; give their number.

        Raises:
            StorageError: it can't be remembered.
        """
        from atoll_host.runs.storage.records import ACTIVE, RunFilter  # noqa: PLC0415 — only when it ends

        with self._lock:
            launched = set(self._launched)
        if not launched:
            return 0
        with self.instance.open_storage() as storage:
            active = storage.runs.iterate(RunFilter(statuses=("queued", *sorted(ACTIVE))))
            going_on = [run.id for run in active if run.id in launched]
            for run in going_on:
                storage.runs.cancel(run, reason=reason)
        return len(going_on)

    def _loader(self) -> Loader:
        if self._get_loader is None:
            raise UsageError("This server launches nothing", hint="`atoll dev` does")
        return self._get_loader()

    def _reports(self, *, patience: float = 0.0, location: str | None = None) -> list[LoadReport]:
        """Give what plans are made with: the last load of each location; what it was before where none has ended yet.

        Args:
            patience: seconds that loads under way are waited for: who has just saved a fix means the fix.
            location: the only one of which something is to be known; all without.

        Raises:
            NoWorkspaceError: there is no workspace.
            UsageError: a location loads for the first time, and nothing is known of it.
        """
        from atoll_host.runs.planning.recalling import recall  # noqa: PLC0415 — only for who launches

        loader = self._loader()
        states = self._wait_for_loads(patience, location)
        reports = []
        for state in states:
            report = state.report or recall(loader, self._workspace, state.location)
            if report is None:
                raise UsageError(f"{state.name} is still being loaded", hint="try again when it has")
            reports.append(report)
        return reports

    def _wait_for_loads(self, patience: float, location: str | None) -> list[LocationState]:
        changed = threading.Event()
        stop = self._hub.listen(lambda _: changed.set())
        try:
            deadline = time.monotonic() + patience
            while True:
                changed.clear()
                states = [state for state in self._hub.current.states.values() if location in {None, state.name}]
                is_busy = any(state.activity != "idle" for state in states)
                if not is_busy or not changed.wait(max(deadline - time.monotonic(), 0)):
                    return states
        finally:
            stop()


def _sign(file: Path) -> tuple[object, ...]:
    try:
        status = file.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino
