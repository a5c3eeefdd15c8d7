"""The bodies of `atoll schedule …` and `atoll sensor …`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.cli.following import open_storage, read_session_instance
from atoll_host.cli.result import Result
from atoll_host.cli.running import load_for_run
from atoll_host.cli.views.runs.automation import draw_preview, draw_switched, draw_ticks
from atoll_host.envs.errors import UsageError
from atoll_host.runs.automation.describing import describe_automation, describe_preview, describe_ticks
from atoll_host.runs.automation.moments import read_moment
from atoll_host.runs.automation.preview import REMEMBERED, preview
from atoll_host.runs.queueing.sources import ReportSource
from atoll_host.runs.storage.records import Origin
from atoll_host.workspace.describing.finding import Found, find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from atoll_host.cli.session import Session
    from atoll_host.runs.storage.records import AutomationKind
    from atoll_host.workspace.loading import LoadReport


def perform_switch(
    session: Session, command: str, kind: AutomationKind, names: Sequence[str], *, on: bool | None, every: bool
) -> Result:
    """Switch schedules or sensors on or off, all or none of them.

    Raises:
        UsageError: none is named, or one is not there.
    """
    if bool(names) == every:
        hint = f"`atoll {command} NAME`, or --all for all of them"
        raise UsageError(f"Which {kind}s?" if not names else "Names and --all exclude each other", hint=hint)
    reports = load_for_run(session)
    found = _find_every(kind, reports) if every else [find(kind, name, reports) for name in names]
    with open_storage(session) as storage:
        states = storage.get_automations(kind)
        data = [
            describe_automation(states.switch(one.report.location.name, one.name, on), one.definition) for one in found
        ]
    return Result(command, data, lambda console: draw_switched(console, data))


def list_ticks(session: Session, kind: AutomationKind, name: str, limit: int, *, logs: bool = False) -> Result:
    """List the ticks of a schedule or sensor, the newest first, with what they logged and printed where asked for.

    Raises:
        UsageError: it is not there.
    """
    found = find(kind, name, load_for_run(session))
    origin = Origin(kind, found.report.location.name, found.name)
    if read_session_instance(session).has_storage():
        with open_storage(session) as storage:
            data = describe_ticks(storage, origin, found.definition, limit=limit)
    else:
        data = describe_ticks(None, origin, found.definition, limit=limit)
    return Result(f"{kind} ticks", data, lambda console: draw_ticks(console, data, said=logs))


def perform_preview(
    session: Session, kind: AutomationKind, name: str, *, at: str | None = None, cursor: str | None = None
) -> Result:
    """Evaluate a schedule or sensor without any effect.

    Raises:
        UsageError: it is not there, or the moment can't be read.
        AtollError: its location can't be loaded, or its function failed.
    """
    reports = load_for_run(session)
    found = find(kind, name, reports)
    moment = None if at is None else read_moment(at, found.definition)
    source = ReportSource(session.loader, lambda: session.workspace, lambda: reports)
    instance = read_session_instance(session)
    remembered = open_storage(session) if instance.has_storage() else None
    try:
        previewed = preview(
            remembered,
            source,
            instance,
            session.runner,
            kind,
            found.report.location.name,
            found.name,
            at=moment,
            cursor=REMEMBERED if cursor is None else cursor,
        )
    finally:
        if remembered is not None:
            remembered.close()
    data = describe_preview(kind, found.report.location.name, found.name, previewed)

    def view(console: Console) -> None:
        draw_preview(console, data, found.definition)

    return Result(f"{kind} preview", data, view)


def _find_every(kind: AutomationKind, reports: Sequence[LoadReport]) -> list[Found]:
    found = [
        Found(kind, definition["name"], report, definition)
        for report in reports
        for definition in report.definitions.get(f"{kind}s") or ()
    ]
    if not found:
        raise UsageError(f"There are no {kind}s", hint=f"`atoll create {kind} NAME` makes one")
    return found
