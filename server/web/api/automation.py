"""What the API says of the ticks of schedules and sensors, their switches, and what they would ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from atoll_host.envs.errors import UsageError
from atoll_host.server.web.api.answers import NOT_FOUND, answer, live_of
from atoll_host.server.web.api.locations import state_of
from atoll_host.server.web.api.runs import read_options
from atoll_host.server.web.bodies import read_json_body
from atoll_host.server.web.definitions import find_definition
from atoll_host.server.web.links import read_name
from atoll_host.server.web.parameters import read_limit, read_number, read_words
from atoll_host.server.web.ticking import KEPT, preview, switch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.runs.storage.records import AutomationKind
    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.workspace.describing.finding import Found

_TAKEN = {"schedule": "at", "sensor": "cursor"}
"""What a preview of each may be told."""


def listing_ticks(kind: AutomationKind) -> Callable[[Request], Response]:
    """Make the handler that gives the state of a schedule or sensor with its ticks, the newest first."""

    def handler(request: Request) -> Response:
        from atoll_host.runs.automation.describing import describe_ticks  # noqa: PLC0415 — not before it is asked
        from atoll_host.runs.storage.automation_records import OUTCOMES  # noqa: PLC0415 — as above
        from atoll_host.runs.storage.records import Origin  # noqa: PLC0415 — as above

        live, query = live_of(request), request.query_params
        found = _find(request, live, kind)
        data = describe_ticks(
            request.app.state.operations.read(),
            Origin(kind, found.report.location.name, found.name),
            found.definition,
            outcomes=read_words(query, "outcome", OUTCOMES),
            before=read_number(query, "before"),
            limit=read_limit(query),
        )
        return answer(live, data)

    return handler


def switching(kind: AutomationKind, *, on: bool) -> Callable[[Request], Awaitable[Response]]:
    """Make the handler that switches a schedule or sensor on, or off; or leaves it to its declaration.

    Args:
        kind: which of the two.
        on: whether it is evaluated from then on.
    """
    options = () if on else ("declared",)

    async def handler(request: Request) -> Response:
        is_declared = read_options(await read_json_body(request), *options).get("declared", False)
        live = live_of(request)
        found = _find(request, live, kind)

        def work() -> dict[str, Any]:
            from atoll_host.runs.automation.describing import describe_automation  # noqa: PLC0415 — as above

            location, wish = found.report.location.name, None if is_declared else on
            state = switch(request.app.state, kind, location, found.name, wish)
            return describe_automation(state, found.definition)

        return answer(live, await run_in_threadpool(work))

    return handler


def previewing(kind: AutomationKind) -> Callable[[Request], Awaitable[Response]]:
    """Make the handler that gives what a schedule or sensor would ask for; nothing comes of it."""

    async def handler(request: Request) -> Response:
        at, cursor = _read_preview(await read_json_body(request), kind)
        found = _find(request, live_of(request), kind)
        operations = request.app.state.operations
        data = await run_in_threadpool(lambda: preview(operations, found, at=at, cursor=cursor))
        return answer(live_of(request), data)

    return handler


def _find(request: Request, live: LiveWorkspace, kind: AutomationKind) -> Found:
    """Give the schedule or sensor that an address names.

    Raises:
        UsageError: there is none.
    """
    location, name = request.path_params["location"], read_name(request.path_params["name"])
    state_of(live, location)
    found = find_definition(live, kind, location, name)
    if found is None:
        raise UsageError(f"There is no {kind} {name!r} in {location}", hint=f"atoll list {kind}s", kind=NOT_FOUND)
    return found


def _read_preview(data: Any, kind: AutomationKind) -> tuple[str | None, Any]:
    """Read the moment of a schedule, and the cursor of a sensor.

    Raises:
        UsageError: the body says something else.
    """
    key = _TAKEN[kind]
    example = {"at": '{"at": "2026-03-29T02:30"}', "cursor": '{"cursor": "2026-01-31"}'}[key]
    if not isinstance(data, dict) or not set(data) <= {key}:
        raise UsageError(f"The body is no object with the key {key}", hint=f"such as: {example}")
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"`{key}` is no text", hint=f"such as: {example}")
    if kind == "schedule":
        return value, KEPT
    return None, data.get(key, KEPT)
