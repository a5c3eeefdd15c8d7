"""What the API says of backfills, and what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from atoll_host.server.web.api.answers import answer, live_of
from atoll_host.server.web.api.runs import find_remembered, read_options
from atoll_host.server.web.bodies import read_json_body
from atoll_host.server.web.parameters import read_limit, read_number, read_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.runs.backfilling.asking import BackfillWish
    from atoll_host.runs.storage.automation_records import Backfill, NewBackfill
    from atoll_host.runs.storage.store import Storage


def every(request: Request) -> Response:
    """Give the backfills that are asked for, the newest first."""
    from atoll_host.runs.backfilling.describing import describe_backfill  # noqa: PLC0415 — not before it is asked
    from atoll_host.runs.storage.automation_records import BACKFILL_STATUSES  # noqa: PLC0415 — as above

    live, query = live_of(request), request.query_params
    statuses = read_words(query, "status", BACKFILL_STATUSES)
    before, limit, job = read_number(query, "before"), read_limit(query), query.get("job", "").strip()
    storage = request.app.state.operations.read()
    if storage is None:
        return answer(live, [])
    found = storage.backfills.list(statuses=statuses, job=job or None, before=before, limit=limit)
    return answer(live, [describe_backfill(backfill) for backfill in found])


def one(request: Request) -> Response:
    """Give a backfill with its partitions, and the run of each."""
    from atoll_host.runs.backfilling.describing import describe_whole_backfill  # noqa: PLC0415 — as above

    live = live_of(request)
    storage, backfill = find_backfill(request)
    return answer(live, describe_whole_backfill(storage, backfill.id))


async def start(request: Request) -> Response:
    """Remember a backfill, whose runs begin by themselves; or give what it would do, where nothing begins."""
    from atoll_host.server.web.api.backfill_orders import read_order  # noqa: PLC0415 — imports what plans runs

    order = read_order(await read_json_body(request))

    def work() -> tuple[Any, int]:
        from atoll_host.runs.backfilling.describing import describe_plan  # noqa: PLC0415 — as above

        operations = request.app.state.operations
        wish = order.make_wish(operations.instance.concurrency.runs)
        new = operations.plan_backfill(wish)
        if wish.config and new.partitions:
            _check_config(request, wish, new)
        if order.dry_run or not new.partitions:
            return describe_plan(new, dry_run=order.dry_run), 200
        return _describe(request, operations.open().backfills.create(new)), 202

    data, status = await run_in_threadpool(work)
    return answer(live_of(request), data, status)


async def cancel(request: Request) -> Response:
    """Cancel a backfill with its runs, and give it as it is then."""

    def work(storage: Storage, backfill: Backfill) -> Backfill:
        from atoll_host.runs.backfilling import changing  # noqa: PLC0415 — not before it is asked

        return changing.cancel(storage, backfill.id, "canceled by the API")

    return await _act(request, work)


async def retry(request: Request) -> Response:
    """Let what failed or was canceled be made again, and give the backfill as it is then."""

    def work(storage: Storage, backfill: Backfill) -> Backfill:
        from atoll_host.runs.backfilling import changing  # noqa: PLC0415 — not before it is asked

        return changing.retry(storage, backfill.id)

    return await _act(request, work)


def find_backfill(request: Request) -> tuple[Storage, Backfill]:
    """Give the backfill that an address names by its number or a part of its id, and where it is remembered.

    Raises:
        HTTPException: there is none.
    """
    return find_remembered(request, "backfill", lambda storage, text: storage.backfills.find(text))


async def _act(request: Request, work: Callable[[Storage, Backfill], Backfill]) -> Response:
    read_options(await read_json_body(request))
    data = await run_in_threadpool(lambda: _describe(request, work(*find_backfill(request))))
    return answer(live_of(request), data, 202)


def _describe(request: Request, backfill: Backfill) -> dict[str, Any]:
    """Give a backfill with its page, and whether anybody here sees to it."""
    from atoll_host.runs.backfilling.describing import describe_backfill  # noqa: PLC0415 — not before it is asked

    launches = request.app.state.automating is not None
    return {**describe_backfill(backfill), "url": f"/backfills/{backfill.number}", "launches": launches}


def _check_config(request: Request, wish: BackfillWish, new: NewBackfill) -> None:
    """Hold the configuration against what would run, as for a single run.

    Raises:
        AtollError: it doesn't fit.
    """
    from atoll_host.server.web.launching.orders import Order, check_order  # noqa: PLC0415 — imports what plans runs
    from atoll_host.server.web.launching.prospects import Target, look_ahead  # noqa: PLC0415 — as above

    target = Target(wish.selection, new.location, new.job)
    prospect = look_ahead(request.app.state.hub.current, request.app.state.operations, target)
    check_order(prospect, Order(new.partitions[0], config=wish.config or {}))
