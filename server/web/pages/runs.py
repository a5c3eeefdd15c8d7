"""`/runs`: what became of runs; `/runs/RUN`: one of them, live; and what is done with it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, StreamingResponse
from starlette.routing import Route

from atoll_host.envs.errors import AtollError
from atoll_host.runs.describing import describe_run, name_partition, name_starter, name_target, summarise_event
from atoll_host.server.web.api.runs import find_run
from atoll_host.server.web.bodies import check_form
from atoll_host.server.web.definitions import show_page
from atoll_host.server.web.links import definition_url
from atoll_host.server.web.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.runs.storage.records import Event, Run
    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.server.operations.operations import Operations

_PROBLEMS = 20
_MADE = 100
_STEPS = 250
_RETRIES = 20
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Item:
    """A run as a page shows it.

    Attributes:
        run: it.
        what: what it makes.
        partition: of which partitions.
        starter: who started it.
        starter_url: the page of that; None where it has none.
        seconds: how long it took, or takes so far; None before it began.
    """

    run: Run
    what: str
    partition: str
    starter: str
    starter_url: str | None
    seconds: float | None

    @classmethod
    def of(cls, run: Run, now: float) -> Item:
        """Make it."""
        described = describe_run(run)
        end = run.ended if run.ended is not None else now
        origin, url = run.origin, None
        if origin is not None:
            url = definition_url(origin.kind, origin.location, origin.name)
        elif run.backfill is not None:
            url = f"/backfills/{quote(run.backfill, safe='')}"
        elif run.parent is not None:
            url = f"/runs/{run.parent}"
        return cls(
            run=run,
            what=name_target(described, partition=False),
            partition=name_partition(described),
            starter=name_starter(described),
            starter_url=url,
            seconds=None if run.started is None and run.ended is None else max(end - (run.started or run.created), 0),
        )


def show_runs(request: Request) -> Response:
    """Answer with the runs that are asked for, the newest first."""
    from atoll_host.server.web.runs.filtering import STATUSES, RunChoice  # noqa: PLC0415 — not before it is asked

    live: LiveWorkspace = request.app.state.hub.current
    operations: Operations = request.app.state.operations
    choice, now = RunChoice.of(request.query_params), time.time()
    storage = operations.read()
    page = None if storage is None else storage.runs.list(choice.to_filter(), cursor=choice.before, limit=choice.limit)
    is_empty = page is None or (not page.runs and not choice.is_narrow and choice.before is None)
    return show_page(
        request,
        "runs/list.html",
        live=live,
        title="Runs",
        items=[] if page is None else [Item.of(run, now) for run in page.runs],
        cursor=None if page is None else page.cursor,
        choice=choice,
        statuses=STATUSES,
        is_empty=is_empty,
        jobs=sorted({job["name"] for report in live.reports for job in report.definitions.get("jobs") or ()}),
    )


def show_run(request: Request) -> Response:
    """Answer with a run: its steps over time, its log, what it made and what went wrong."""
    from atoll_host.runs.problems import find_run_problems  # noqa: PLC0415 — not before it is asked
    from atoll_host.runs.storage.records import RunFilter  # noqa: PLC0415 — as above
    from atoll_host.server.web.runs.logs import LEVELS, LogChoice, read_log, read_outputs  # noqa: PLC0415 — as above
    from atoll_host.server.web.runs.timeline import WIDTH, draw_timeline  # noqa: PLC0415 — as above

    storage, run = find_run(request)
    choice, now = LogChoice.of(request.query_params), time.time()
    outputs, more_outputs = read_outputs(storage, run, choice.step)
    chain = storage.runs.list(RunFilter(root=run.root), limit=_RETRIES).runs
    made = storage.events.read(run.id, kinds=("materialization", "observation"), limit=_MADE, newest_first=True)
    checks = storage.events.read(run.id, kinds=("check_result",), limit=_MADE, newest_first=True)
    problems = find_run_problems(storage, run, most=_PROBLEMS + 1)
    path = f"/runs/{run.number}"
    return show_page(
        request,
        "runs/run.html",
        title=f"Run {run.number}",
        item=Item.of(run, now),
        run=run,
        path_of=path,
        chain=[other for other in chain if other.id != run.id],
        parent=next((other for other in chain if other.id == run.parent), None),
        timeline=draw_timeline(storage, run, now, first=_read_first(request), most=_STEPS),
        width=WIDTH,
        steps_shown=_STEPS,
        problems=problems[:_PROBLEMS],
        more_problems=len(problems) > _PROBLEMS,
        log=read_log(storage, run, choice),
        choice=choice,
        levels=LEVELS,
        outputs=outputs,
        more_outputs=more_outputs,
        made=list(reversed(made)),
        checks=sorted(checks, key=lambda event: (bool(event.payload.get("passed")), event.sequence)),
        most_made=_MADE,
        summarise_event=summarise_event,
        say_kind=_say_kind,
        say_moment=_say_moment,
        is_left=run.is_final and run.status != "succeeded",
    )


def send_output(request: Request) -> Response:
    """Answer with all that one step, or no step, of a location printed, as plain text."""
    storage, run = find_run(request)
    location, step = request.query_params.get("location", ""), request.query_params.get("step", "")

    def pieces() -> Iterator[bytes]:
        start = 0
        while chunks := storage.logs.read(run.id, location=location, step=step, start=start):
            for chunk in chunks:
                yield chunk.data
                start = chunk.start + len(chunk.data)

    return StreamingResponse(pieces(), media_type="text/plain")


async def cancel_run(request: Request) -> Response:
    """Ask for the end of a run, and lead back to its page."""
    operations: Operations = request.app.state.operations

    def work(run: Run) -> int:
        operations.cancel(run.id)
        return run.number

    return await _act(request, work, "is not canceled")


async def retry_run(request: Request) -> Response:
    """Do a run again, or what is left of it, and lead to the new one."""
    operations: Operations = request.app.state.operations
    every = request.query_params.get("all") == "1"
    return await _act(
        request, lambda run: operations.retry(run.id, from_failure=not every).number, "is not tried again"
    )


async def _act(request: Request, work: Callable[[Run], int], refused: str) -> Response:
    """Do something with a run and lead to the run of the number that is given, or say why it can't be done."""
    check_form(request)

    def act() -> Response:
        _, run = find_run(request)
        try:
            return RedirectResponse(f"/runs/{work(run)}", 303)
        except AtollError as error:
            problems = getattr(error, "located", error.problems)
            title, back = f"Run {run.number} {refused}", f"/runs/{run.number}"
            return render(request, "refused.html", status_code=409, title=title, problems=problems, back=back)

    return await run_in_threadpool(act)


def _read_first(request: Request) -> int:
    text = request.query_params.get("steps", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 1


def _say_kind(event: Event) -> tuple[str, str]:
    """Give the word that stands before a line, and the class of its colour."""
    if event.kind == "log":
        level = str(event.payload.get("level") or "info")
        return level, f"level-{level}" if level.isalpha() else "level-info"
    passed: Any = event.payload.get("passed")
    is_bad = event.kind.endswith("_failed") or (event.kind == "check_result" and not passed)
    return event.kind.replace("_", " "), "level-error" if is_bad else "level-event"


def _say_moment(moment: float) -> str:
    at = time.localtime(moment)
    return f"{time.strftime('%H:%M:%S', at)}.{int(moment % 1 * 1000):03}"


routes = [
    Route("/runs", show_runs),
    Route("/runs/{run}", show_run),
    Route("/runs/{run}/output", send_output),
    Route("/runs/{run}/cancel", cancel_run, methods=["POST"]),
    Route("/runs/{run}/retry", retry_run, methods=["POST"]),
]
