"""The page from which runs are launched: what will run, which partitions, with which configuration."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse
from starlette.routing import Route

from atoll_host.envs.errors import AtollError
from atoll_host.server.web.bodies import read_form_body
from atoll_host.server.web.definitions import show_page
from atoll_host.server.web.launching.fields import iterate_inputs
from atoll_host.server.web.launching.orders import WAYS, Form, make_form, read_form
from atoll_host.server.web.launching.prospects import Prospect, Target, look_ahead

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.envs.errors import Problem
    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.server.operations.operations import Operations

OFFERED = 500
"""Partitions that are offered at most, the last ones; the others can be typed."""


def show_launch(request: Request) -> Response:
    """Show what would run, and the form that starts it."""
    given = request.query_params
    try:
        target = Target.read(given.get("selection"), given.get("job"))
    except AtollError as error:
        return _show(request, None, Prospect(), Form({}), error.problems)
    live, operations = _know(request)
    prospect = look_ahead(live, operations, target)
    return _show(request, target, prospect, make_form(prospect, given), prospect.problems)


async def launch(request: Request) -> Response:
    """Start what a form asks for, and lead to its run; or show the form again with what is wrong."""
    given = await read_form_body(request)
    return await run_in_threadpool(_launch, request, given)


def _launch(request: Request, given: Mapping[str, str]) -> Response:
    problems: Sequence[Problem]
    try:
        target = Target.read(request.query_params.get("selection"), request.query_params.get("job"))
    except AtollError as error:
        return _show(request, None, Prospect(), Form({}), error.problems)
    live, operations = _know(request)
    prospect = look_ahead(live, operations, target)
    form, order = read_form(prospect, given)
    problems = prospect.problems
    if not problems and not form.problems:
        try:
            if order.way == WAYS[0]:
                return RedirectResponse(f"/runs/{order.launch(operations, target).number}", HTTPStatus.SEE_OTHER)
            backfill = order.backfill(operations, target)
            if backfill is not None:
                return RedirectResponse(f"/backfills/{backfill.number}", HTTPStatus.SEE_OTHER)
            form.complain("way", "nothing of it is missing", "a backfill of all makes them again")
        except AtollError as error:
            problems = error.problems
    return _show(request, target, prospect, form, problems)


def _know(request: Request) -> tuple[LiveWorkspace, Operations]:
    state: Any = request.app.state
    return state.hub.current, state.operations


def launch_url(target: Target) -> str:
    """Give the address of the page that launches something."""
    if target.selection is not None:
        return f"/launch?{urlencode({'selection': target.selection})}"
    return f"/launch?{urlencode({'job': f'{target.location}:{target.job}'})}"


def _show(
    request: Request, target: Target | None, prospect: Prospect, form: Form, problems: Sequence[Problem]
) -> Response:
    refused = bool(form.problems or problems) and (request.method == "POST" or target is None)
    plan = prospect.plan
    return show_page(
        request,
        "launch.html",
        status_code=HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK,
        title="Launch" if target is None else f"Launch {target.job}" if target.job else "Materialize",
        target=target,
        action=None if target is None else launch_url(target),
        selection=request.query_params.get("selection", ""),
        plan=plan,
        partitions=prospect.partitions,
        keys=list(reversed(prospect.keys[-OFFERED:])),
        known=len(prospect.keys),
        launches=request.app.state.automating is not None,
        sections=prospect.sections,
        form=form,
        ids={one.name: one.id for section in prospect.sections for one in iterate_inputs(section.fields)},
        problems=problems,
    )


routes = [
    Route("/launch", show_launch, methods=["GET", "HEAD"]),
    Route("/launch", launch, methods=["POST"]),
]
