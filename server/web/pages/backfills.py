"""`/backfills`: partitions that several runs make; `/backfills/BACKFILL`: one, live; and what is done with it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse
from starlette.routing import Route

from atoll_host.envs.errors import AtollError
from atoll_host.server.web.api.backfills import find_backfill
from atoll_host.server.web.bodies import check_form
from atoll_host.server.web.definitions import show_page
from atoll_host.server.web.pages.runs import Item
from atoll_host.server.web.parameters import read_number
from atoll_host.server.web.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.runs.storage.automation_records import Backfill
    from atoll_host.runs.storage.store import Storage
    from atoll_host.server.operations.operations import Operations

WIDTH = 1000
"""Of the bar of counts, in units of its own."""
_LISTED = 50
_CELLS = 1000
_RUNS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar of counts: how many partitions have a status, and where it is."""

    status: str
    count: int
    x: float
    width: float


def draw_bar(data: dict[str, Any]) -> list[Part]:
    """Divide the bar into what succeeded, failed, was canceled, runs and waits."""
    parts, x = [], 0.0
    for status in ("succeeded", "failed", "canceled", "running", "waiting"):
        count = data["counts"][status]
        width = WIDTH * count / max(data["total"], 1)
        if count:
            parts.append(Part(status, count, round(x, 2), round(width, 2)))
        x += width
    return parts


def show_backfills(request: Request) -> Response:
    """Answer with the backfills, the newest first."""
    from atoll_host.runs.backfilling.describing import describe_backfill, name_backfill  # noqa: PLC0415 — imports the database

    operations: Operations = request.app.state.operations
    before = read_number(request.query_params, "before")
    storage = operations.read()
    found = () if storage is None else storage.backfills.list(before=before, limit=_LISTED)
    items = [describe_backfill(backfill) for backfill in found]
    return show_page(
        request,
        "backfills/list.html",
        title="Backfills",
        items=items,
        before=before,
        cursor=found[-1].number if len(found) == _LISTED else None,
        name_backfill=name_backfill,
        draw_bar=draw_bar,
        width=WIDTH,
    )


def show_backfill(request: Request) -> Response:
    """Answer with a backfill: how far it is, the status of each partition, and its runs."""
    from atoll_host.runs.backfilling.describing import describe_backfill, name_backfill  # noqa: PLC0415 — as above
    from atoll_host.runs.storage.automation_records import OPEN  # noqa: PLC0415 — as above
    from atoll_host.runs.storage.records import RunFilter  # noqa: PLC0415 — as above

    storage, backfill = find_backfill(request)
    data, first, now = describe_backfill(backfill), read_number(request.query_params, "from") or 0, time.time()
    runs = storage.runs.list(RunFilter(backfill=backfill.id), limit=_RUNS).runs
    return show_page(
        request,
        "backfills/backfill.html",
        title=f"Backfill {backfill.number}",
        data=data,
        what=name_backfill(data),
        bar=draw_bar(data),
        width=WIDTH,
        seconds=(backfill.ended or now) - backfill.created,
        partitions=storage.backfills.partitions(backfill.id, after=first, limit=_CELLS),
        first=first,
        step=_CELLS,
        items=[Item.of(run, now) for run in runs],
        most=_RUNS,
        is_left_alone=backfill.status == "running" and request.app.state.automating is None,
        is_left=backfill.status not in OPEN and bool(data["counts"]["failed"] or data["counts"]["canceled"]),
        path_of=f"/backfills/{backfill.number}",
    )


async def cancel(request: Request) -> Response:
    """Cancel a backfill with its runs, and lead back to its page."""

    def work(storage: Storage, backfill: Backfill) -> None:
        from atoll_host.runs.backfilling import changing  # noqa: PLC0415 — not before it is asked

        changing.cancel(storage, backfill.id, "canceled on the page")

    return await _act(request, work)


async def retry(request: Request) -> Response:
    """Let what failed or was canceled be made again, and lead back to the page."""

    def work(storage: Storage, backfill: Backfill) -> None:
        from atoll_host.runs.backfilling import changing  # noqa: PLC0415 — not before it is asked

        changing.retry(storage, backfill.id)

    return await _act(request, work)


async def _act(request: Request, work: Callable[[Storage, Backfill], None]) -> Response:
    check_form(request)

    def act() -> Response:
        storage, backfill = find_backfill(request)
        back = f"/backfills/{backfill.number}"
        try:
            work(storage, backfill)
        except AtollError as error:
            title = f"Backfill {backfill.number} stays as it is"
            problems = error.problems
            return render(request, "refused.html", status_code=409, title=title, problems=problems, back=back)
        return RedirectResponse(back, 303)

    return await run_in_threadpool(act)


routes = [
    Route("/backfills", show_backfills),
    Route("/backfills/{backfill}", show_backfill),
    Route("/backfills/{backfill}/cancel", cancel, methods=["POST"]),
    Route("/backfills/{backfill}/retry", retry, methods=["POST"]),
]
