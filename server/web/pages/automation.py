"""What starts runs by itself: schedules and sensors, the page of one of them, its switch, and a preview of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.routing import Route

from atoll_host.envs.errors import AtollError
from atoll_host.server.web.bodies import read_form_body
from atoll_host.server.web.definitions import choose_rows, find_definition, show_definition, show_missing, show_page
from atoll_host.server.web.links import definition_url, read_name
from atoll_host.server.web.listing import cut
from atoll_host.server.web.rendering import render
from atoll_host.server.web.ticking import preview, read_all, read_ticking, switch
from atoll_host.workspace.checks.moments import find_zone
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.envs.errors import Problem
    from atoll_host.runs.storage.records import AutomationKind
    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.workspace.describing.finding import Found

_WISHES: dict[str, bool | None] = {"on": True, "off": False, "declared": None}


def show_automation(request: Request) -> Response:
    """List schedules and sensors: those that match `q`, what comes next first."""
    live: LiveWorkspace = request.app.state.hub.current
    schedules, sensors = choose_rows(request, live, "schedules"), choose_rows(request, live, "sensors")
    schedules.sort(key=_due)
    selections = {
        (report.location.name, sensor["name"]): sensor.get("asset_selection")
        for report in live.reports
        for sensor in report.definitions.get("sensors") or ()
    }
    for row in sensors:
        row["selection"] = selections[row["location"], row["name"]]
    _add_states(request, "schedule", schedules)
    _add_states(request, "sensor", sensors)
    every = sum(len(report.definitions.get(kind) or ()) for report in live.reports for kind in ("schedules", "sensors"))
    return show_page(
        request,
        "definitions/automation.html",
        live=live,
        title="Automation",
        schedules=cut(request, schedules),
        sensors=cut(request, sensors),
        every=every,
        q=request.query_params.get("q", ""),
    )


def show_schedule(request: Request) -> Response:
    """Show a schedule."""
    return _show(request, "schedule")


def show_sensor(request: Request) -> Response:
    """Show a sensor."""
    return _show(request, "sensor")


def _show(request: Request, kind: AutomationKind) -> Response:
    live: LiveWorkspace = request.app.state.hub.current
    location, name = request.path_params["location"], read_name(request.path_params["name"])
    found = find_definition(live, kind, location, name)
    if found is None:
        return show_missing(request, kind, location, name)
    ticking = read_ticking(request.app.state.operations, kind, location, found.name, found.definition)
    automating = request.app.state.automating
    return show_definition(
        request,
        kind,
        ticking=ticking,
        path_of=definition_url(kind, location, found.name),
        is_evaluated=automating is not None and automating.engine is not None,
    )


async def switch_schedule(request: Request) -> Response:
    """Switch a schedule on or off, and lead back to its page."""
    return await _switch(request, "schedule")


async def switch_sensor(request: Request) -> Response:
    """Switch a sensor on or off, and lead back to its page."""
    return await _switch(request, "sensor")


async def _switch(request: Request, kind: AutomationKind) -> Response:
    wish = (await read_form_body(request)).get("switch", "")
    if wish not in _WISHES:
        raise HTTPException(400, "A switch is on, off or declared")
    location, name = request.path_params["location"], read_name(request.path_params["name"])
    back = definition_url(kind, location, name)
    if find_definition(request.app.state.hub.current, kind, location, name) is None:
        raise HTTPException(404, f"There is no {kind} {name} in {location}")

    def work() -> Response:
        try:
            switch(request.app.state, kind, location, name, _WISHES[wish])
        except AtollError as error:
            title = f"{name} stays as it is"
            return render(request, "refused.html", status_code=409, title=title, problems=error.problems, back=back)
        return RedirectResponse(back, 303)

    return await run_in_threadpool(work)


async def preview_schedule(request: Request) -> Response:
    """Show what a schedule would ask for at the moment that a form names; before that, the form."""
    return await _preview(request, "schedule", "at")


async def preview_sensor(request: Request) -> Response:
    """Show what a sensor would ask for with the cursor that a form has; before that, the form."""
    return await _preview(request, "sensor", "cursor")


async def _preview(request: Request, kind: AutomationKind, field: str) -> Response:
    given = (await read_form_body(request)).get(field, "").strip() if request.method == "POST" else None
    location, name = request.path_params["location"], read_name(request.path_params["name"])
    found = find_definition(request.app.state.hub.current, kind, location, name)
    if found is None:
        return show_missing(request, kind, location, name)

    def work() -> Response:
        data: Mapping[str, Any] | None = None
        problems: Sequence[Problem] = ()
        try:
            if given is not None:
                data = preview(request.app.state.operations, found, **({field: given} if given else {}))
        except AtollError as error:
            problems = error.problems
        return _show_preview(request, found, given or "", data, problems)

    return await run_in_threadpool(work)


def _show_preview(
    request: Request, found: Found, given: str, data: Mapping[str, Any] | None, problems: Sequence[Problem]
) -> Response:
    location, scheduled = found.report.location.name, None if data is None else data["scheduled"]
    zone = find_zone(found.definition.get("timezone") or "UTC") or UTC
    return show_page(
        request,
        "definitions/preview.html",
        status_code=409 if problems else 200,
        title=f"Preview of {found.name}",
        kind=found.kind,
        location=location,
        name=found.name,
        definition=found.definition,
        path_of=definition_url(found.kind, location, found.name),
        given=given,
        data=data,
        problems=[LocatedProblem(location, problem) for problem in problems],
        moment=None if scheduled is None else datetime.fromtimestamp(scheduled, zone),
    )


def _add_states(request: Request, kind: AutomationKind, rows: list[dict[str, Any]]) -> None:
    """Add to each row whether it is on, and its last tick."""
    from atoll_host.runs.automation.entries import is_on  # noqa: PLC0415 — not before it is asked

    states, ticks = read_all(request.app.state.operations)
    for row in rows:
        key = (kind, row["location"], row["name"])
        row["on"] = is_on(row, states.get(key))
        row["last_tick"] = ticks.get(key)


def _due(row: dict[str, Any]) -> tuple[bool, float]:
    """Order schedules by when they are due; what never is comes last."""
    tick = row["next_tick"]
    return tick is None, 0.0 if tick is None else tick.timestamp()


routes = [
    Route("/automation", show_automation),
    # A name may have slashes, and may end with the word.
    Route("/switch/schedules/{location}/{name:path}", switch_schedule, methods=["POST"]),
    Route("/switch/sensors/{location}/{name:path}", switch_sensor, methods=["POST"]),
    Route("/preview/schedules/{location}/{name:path}", preview_schedule, methods=["GET", "HEAD", "POST"]),
    Route("/preview/sensors/{location}/{name:path}", preview_sensor, methods=["GET", "HEAD", "POST"]),
    Route("/schedules/{location}/{name:path}", show_schedule),
    Route("/sensors/{location}/{name:path}", show_sensor),
]
