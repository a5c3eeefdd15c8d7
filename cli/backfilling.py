"""The bodies of `atoll backfill …`: ask for one, see it through, look at it, cancel it, try again what failed."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.cli.following import (
    Interrupts,
    import_storage,
    make_teller,
    open_storage,
    read_session_instance,
)
from atoll_host.cli.result import Result
from atoll_host.cli.running import load_for_run, read_range, read_tags
from atoll_host.cli.statuses import INTERRUPTED
from atoll_host.cli.views.runs.backfills import draw_backfill, draw_backfills, draw_plan, draw_progress
from atoll_host.envs.errors import Problem, UsageError
from atoll_host.runs.backfilling.asking import BackfillWish, make_backfill
from atoll_host.runs.backfilling.describing import describe_backfill, describe_plan, describe_whole_backfill
from atoll_host.runs.planning.configuring import read_config
from atoll_host.runs.storage.automation_records import OPEN
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from atoll_host.cli.session import Session
    from atoll_host.runs.launching.launcher import LocalLauncher
    from atoll_host.runs.storage.automation_records import Backfill, NewBackfill
    from atoll_host.runs.storage.store import Storage
    from atoll_host.workspace.loading import LoadReport

_LOOK = 0.5
"""Seconds between two looks at how a backfill goes, where nobody has news."""
_FRESH = 3.0
"""Seconds after which it is looked whether locations are others than they were."""
_NAMED = 10
"""Runs whose failure is told; all of them are listed."""


@dataclass(frozen=True, slots=True)
class BackfillOptions:
    """What the command line says of a backfill."""

    selection: str | None = None
    job: str | None = None
    partitions: str | None = None
    partition_range: str | None = None
    every: bool = False
    missing: bool = False
    batch: int = 1
    max_runs: int | None = None
    config: str | None = None
    tags: Sequence[str] = ()
    jobs: int | None = None
    timeout: float | None = None
    dry_run: bool = False
    detach: bool = False


@dataclass(slots=True)
class _Reports:
    """What locations define, looked at again from time to time: nothing is loaded of which nothing has changed."""

    session: Session
    reports: Sequence[LoadReport] = ()
    looked: float = field(default=float("-inf"))

    def __call__(self) -> Sequence[LoadReport]:
        if time.monotonic() - self.looked > _FRESH:
            self.reports = load_for_run(self.session)
            self.looked = time.monotonic()
        return self.reports


def perform_backfill(session: Session, launcher: LocalLauncher, options: BackfillOptions) -> Result:
    """Ask for a backfill, and see it through.

    Raises:
        UsageError: it makes no sense.
    """
    instance = read_session_instance(session)
    wish = BackfillWish(
        selection=options.selection,
        job=options.job,
        partitions=_split_keys(options.partitions),
        partition_range=read_range(options.partition_range),
        every=options.every,
        missing=options.missing,
        batch=options.batch,
        max_runs=options.max_runs or instance.concurrency.runs,
        config=None if options.config is None else read_config(options.config, session.directory),
        tags=read_tags(options.tags),
        jobs=options.jobs,
        timeout=options.timeout,
    )
    if not options.dry_run:
        threading.Thread(target=import_storage, daemon=True).start()
    reports = _Reports(session)
    new: NewBackfill
    if options.dry_run and not instance.has_storage():
        new = make_backfill(wish, reports(), None)
    else:
        with open_storage(session) as storage:
            new = make_backfill(wish, reports(), storage, storage.partitions.list_all())
            if new.partitions and not options.dry_run:
                backfill = storage.backfills.create(new)
                if options.detach:
                    return _leave(session, storage, backfill, "backfill start")
                return see_through(session, storage, launcher, backfill.id, command="backfill start", reports=reports)
    plan = describe_plan(new, dry_run=options.dry_run)
    return Result("backfill start", plan, lambda console: draw_plan(console, plan))


def _split_keys(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    keys = tuple(dict.fromkeys(key.strip() for key in text.split(",") if key.strip()))
    if not keys:
        raise UsageError(f"--partitions {text!r} names none", hint="such as --partitions 2024-01-01,2024-01-02")
    return keys


def see_through(
    session: Session,
    storage: Storage,
    launcher: LocalLauncher,
    backfill: str,
    *,
    command: str,
    reports: _Reports | None = None,
) -> Result:
    """Launch the runs of a backfill until it has ended; Ctrl-C cancels it, and kills its runs the second time.

    Args:
        session: of the command.
        storage: where the backfill is remembered.
        launcher: starts runs.
        backfill: its id.
        command: its words.
        reports: gives what locations define.
    """
    from atoll_host.runs.backfilling.driving import Backfiller, cancel_backfill, list_open_runs  # noqa: PLC0415 — only who waits for a backfill drives it
    from atoll_host.runs.launching.following import kill  # noqa: PLC0415 — as above
    from atoll_host.runs.queueing.dispatching import Dispatcher  # noqa: PLC0415 — with what opens the database
    from atoll_host.runs.queueing.sources import ReportSource  # noqa: PLC0415 — as above

    source = ReportSource(session.loader, lambda: session.workspace, reports or _Reports(session))
    dispatcher = Dispatcher(storage, source, launcher, read_session_instance(session))
    backfiller = Backfiller(storage)
    progress = draw_progress(session.renderer)
    with Interrupts() as interrupts, storage.watch() as watch, progress as show:
        while True:
            found = storage.backfills.get(backfill)
            show(storage, found, dispatcher.waiting)
            if found.status not in OPEN:
                break
            if interrupts.take_first():
                session.renderer.note("Canceling: its runs are being ended (Ctrl-C again kills them)")
                cancel_backfill(storage, backfill, "it was interrupted")
            elif interrupts.take_next():
                for run in list_open_runs(storage, backfill):
                    kill(storage, run.id)
            if not interrupts.count:
                backfiller.run_once()
            dispatcher.run_once()
            watch.wait(_LOOK)
    status = {"succeeded": 0, "canceled": INTERRUPTED if interrupts.count else 1}.get(found.status, 1)
    return _whole_result(storage, backfill, command, status)


def _whole_result(storage: Storage, backfill: str, command: str, status: int = 0) -> Result:
    data = describe_whole_backfill(storage, backfill)
    problems = tuple(_find_problems(storage, data)) if status else ()
    # A terminal was told of each as it happened.
    return Result(
        command, data, lambda console: draw_backfill(console, data), problems, exit_status=status, problems_in_view=True
    )


def _find_problems(storage: Storage, data: Mapping[str, Any]) -> Iterator[LocatedProblem]:
    """Say why runs failed, the first of them."""
    failed = dict.fromkeys(one["run"] for one in data["partitions"] if one["status"] == "failed" and one["run"])
    for run in map(storage.runs.get, list(failed)[:_NAMED]):
        yield LocatedProblem(None, Problem("failed", f"Run {run.number} failed: {run.reason or 'nobody said why'}"))


def _leave(session: Session, storage: Storage, backfill: Backfill, command: str) -> Result:
    """Have a process of its own see a backfill through."""
    from atoll_host.envs.processes.detached import start_detached  # noqa: PLC0415 — only here

    words = [sys.executable, "-P", "-m", "atoll_host.cli", "backfill", "resume", backfill.id, "--quiet"]
    if session.workspace_file is not None:
        words += ["--workspace", str(session.directory / session.workspace_file)]
    with tempfile.TemporaryFile() as errors:
        start_detached(words, directory=session.directory, environment=session.variables, errors=errors).let_go()
    data = describe_whole_backfill(storage, backfill.id)
    return Result(command, data, lambda console: draw_backfill(console, data, detached=True))


def list_result(session: Session, limit: int) -> Result:
    """List backfills."""
    data: list[dict[str, Any]] = []
    if read_session_instance(session).has_storage():
        with open_storage(session) as storage:
            data = [describe_backfill(backfill) for backfill in storage.backfills.list(limit=limit)]
    return Result("backfill list", data, lambda console: draw_backfills(console, data))


def show_result(session: Session, text: str) -> Result:
    """Show a backfill.

    Raises:
        NoRunError: there is none.
    """
    with open_storage(session) as storage:
        return _whole_result(storage, storage.backfills.find(text).id, "backfill show")


def cancel_result(session: Session, text: str) -> Result:
    """Cancel a backfill and its runs, and wait until they have ended.

    Raises:
        NoRunError: there is none.
        UsageError: it has ended.
    """
    from atoll_host.runs.backfilling.changing import cancel  # noqa: PLC0415 — with what opens the database
    from atoll_host.runs.launching.settling import settle_lost  # noqa: PLC0415 — as above

    tell = make_teller(session)
    with open_storage(session) as storage, storage.watch() as watch:
        found = cancel(storage, text, "canceled by the command line")
        while found.status in OPEN:
            watch.wait(_LOOK)
            settle_lost(storage, tell)
            found = storage.backfills.get(found.id)
        return _whole_result(storage, found.id, "backfill cancel")


def retry_result(session: Session, launcher: LocalLauncher, text: str, *, detach: bool) -> Result:
    """Make again what failed or was canceled of a backfill.

    Raises:
        NoRunError: there is none.
        UsageError: nothing of it failed, or it still goes on.
    """
    from atoll_host.runs.backfilling.changing import retry  # noqa: PLC0415 — with what opens the database

    with open_storage(session) as storage:
        backfill = retry(storage, text)
        if detach:
            return _leave(session, storage, backfill, "backfill retry")
        return see_through(session, storage, launcher, backfill.id, command="backfill retry")


def resume_result(session: Session, launcher: LocalLauncher, text: str, *, quiet: bool) -> Result:
    """See a backfill through whose command is gone.

    Raises:
        NoRunError: there is none.
        UsageError: it has ended.
    """
    from atoll_host.runs.backfilling.changing import say_ended  # noqa: PLC0415 — with what opens the database

    with open_storage(session) as storage:
        found = storage.backfills.find(text)
        if found.status not in OPEN:
            hint = f"atoll backfill retry {found.number}" if found.status != "succeeded" else None
            raise UsageError(say_ended(found), hint=hint)
        result = see_through(session, storage, launcher, found.id, command="backfill resume")
    return Result("backfill resume", None, None, exit_status=result.status) if quiet else result
