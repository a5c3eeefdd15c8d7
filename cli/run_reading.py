"""The bodies of `atoll runs list`, `show`, `logs` and `cancel`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.cli.following import make_teller, open_storage, read_session_instance
from atoll_host.cli.result import Result
from atoll_host.cli.views.runs.logs import LogLines
from atoll_host.cli.views.runs.summary import draw_list, draw_run, draw_summary
from atoll_host.envs.errors import UsageError
from atoll_host.runs.describing import describe_event, describe_run, describe_whole_run
from atoll_host.runs.launching.following import follow
from atoll_host.runs.problems import find_run_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from atoll_host.cli.session import Session
    from atoll_host.runs.storage.records import Run, RunFilter
    from atoll_host.runs.storage.store import Storage


def list_result(session: Session, wanted: RunFilter, limit: int) -> Result:
    """List runs."""
    if not read_session_instance(session).has_storage():
        return Result("runs list", [], lambda console: draw_list(console, []))
    with open_storage(session) as storage:
        data = [describe_run(run) for run in storage.runs.list(wanted, limit=limit).runs]
    return Result("runs list", data, lambda console: draw_list(console, data))


def show_result(session: Session, text: str) -> Result:
    """Show a run. The exit status is 0 whatever became of it: it was shown.

    Raises:
        NoRunError: there is none.
    """
    with open_storage(session) as storage:
        run = storage.runs.find(text)
        data = describe_whole_run(run, storage.steps.list(run.id))
        problems = tuple(find_run_problems(storage, run))
    return Result("runs show", data, lambda console: draw_run(console, data), problems, exit_status=0)


def logs_result(session: Session, text: str, *, step: str | None, events: bool, follow_on: bool) -> Result:
    """Show what a run logged and printed.

    Raises:
        NoRunError: there is none.
    """
    tell = make_teller(session)
    with open_storage(session) as storage:
        run = storage.runs.find(text)
        if session.renderer.as_json:
            if follow_on:
                for _ in follow(storage, run.id, tell):
                    pass
            data = _describe_logs(storage, run, step, events=events)
            return Result("runs logs", data, None)
        lines = LogLines(session.renderer.out, step=step, events=events)
        given = follow(storage, run.id, tell) if follow_on else _iterate(storage, run)
        for event in given:
            lines.show_event(event)
        for stream in storage.logs.streams(run.id):
            if step is None or stream.step == step:
                lines.show_output(stream, _read_output(storage, run, stream.location, stream.step))
    return Result("runs logs", None, None)


def _describe_logs(storage: Storage, run: Run, step: str | None, *, events: bool) -> dict[str, Any]:
    given = (event for event in _iterate(storage, run) if step is None or event.step == step)
    streams = [stream for stream in storage.logs.streams(run.id) if step is None or stream.step == step]
    return {
        "run": describe_run(storage.runs.get(run.id)),
        "events": [describe_event(event) for event in given if events or event.kind == "log"],
        "output": [
            {
                "location": stream.location,
                "step": stream.step or None,
                "text": _read_output(storage, run, stream.location, stream.step).decode("utf-8", "replace"),
            }
            for stream in streams
        ],
    }


def _iterate(storage: Storage, run: Run) -> Iterator[Any]:
    after = 0
    while page := storage.events.read(run.id, after=after):
        yield from page
        after = page[-1].sequence


def _read_output(storage: Storage, run: Run, location: str, step: str) -> bytes:
    found = bytearray()
    while chunks := storage.logs.read(run.id, location=location, step=step, start=len(found)):
        for chunk in chunks:
            found += chunk.data
    return bytes(found)


def cancel_result(session: Session, text: str) -> Result:
    """Cancel a run, and wait for its end.

    Raises:
        NoRunError: there is none.
        UsageError: it has ended.
    """
    tell = make_teller(session)
    with open_storage(session) as storage:
        run = storage.runs.find(text)
        if run.is_final:
            raise UsageError(f"Run {run.number} has {run.status} already")
        storage.runs.cancel(run.id, reason="it was canceled")
        for _ in follow(storage, run.id, tell):
            pass
        run = storage.runs.get(run.id)
        data = describe_whole_run(run, storage.steps.list(run.id))

    def view(console: Console) -> None:
        draw_summary(console, data)

    return Result("runs cancel", data, view, exit_status=0 if run.status == "canceled" else 1)
