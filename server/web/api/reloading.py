"""Asking for reloads, and waiting for what comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from atoll_host.envs.errors import UsageError
from atoll_host.server.web.api.answers import answer
from atoll_host.server.web.api.locations import describe_record, state_of
from atoll_host.server.web.bodies import FORM, read_form_pairs, read_json_body, read_media_type
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.server.live.states import LiveWorkspace, LoadRecord
    from atoll_host.server.web.events import Broadcaster


async def reload(request: Request) -> Response:
    """Load locations again.

    The body is JSON, `{"locations": ["a"], "wait": true}`, both keys optional, or a form of our own page with fields
    `location`, which is then led back to where it came from.
    """
    if read_media_type(request) == FORM:
        fields = await read_form_pairs(request)
        _ask(request, [value for name, value in fields if name == "location" and value] or None)
        return RedirectResponse(_origin_of(request), 303)
    names, wait = _read(await read_json_body(request, 'such as: {"locations": ["sales"]}'))
    hub = request.app.state.hub
    before = {name: state.history[:1] for name, state in hub.current.states.items()}
    chosen = _ask(request, names)
    if not wait:
        live = hub.current
        return answer(live, [{"name": name, "status": None, "load": None, "problems": []} for name in chosen], 202)
    live = await _settled(request.app.state.events, chosen, before)
    return answer(live, [_outcome(live, name) for name in chosen])


def _ask(request: Request, names: list[str] | None) -> list[str]:
    live = request.app.state.hub.current
    for name in names or ():
        state_of(live, name)
    chosen: list[str] = request.app.state.control.reload(names)
    return chosen


def _read(data: Any) -> tuple[list[str] | None, bool]:
    if not isinstance(data, dict) or not set(data) <= {"locations", "wait"}:
        hint = 'such as: {"locations": ["sales"], "wait": true}'
        raise UsageError("The body is no object with the keys `locations` and `wait`", hint=hint)
    names, wait = data.get("locations"), data.get("wait", False)
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise UsageError("`locations` is no list of names", hint='such as: {"locations": ["sales"]}')
    if not isinstance(wait, bool):
        raise UsageError("`wait` is neither true nor false")
    return names or None, wait


def _origin_of(request: Request) -> str:
    """Give the path of the page that a form was on."""
    parts = urlsplit(request.headers.get("referer", ""))
    path = "/" + quote(parts.path.lstrip("/"), safe="/%:")
    return f"{path}?{parts.query}" if parts.query else path


async def _settled(
    events: Broadcaster, names: Sequence[str], before: Mapping[str, tuple[LoadRecord, ...]]
) -> LiveWorkspace:
    """Wait until each location has ended a load after these ones and nothing more is done for it, or is gone."""

    def unsettled(live: LiveWorkspace) -> bool:
        states = (live.states[name] for name in names if name in live.states)
        return any(state.activity != "idle" or state.history[:1] == before.get(state.name, ()) for state in states)

    client = events.join()
    try:
        while unsettled(live := events.hub.current):
            await client.wait()
            client.take()
            if client.closed:
                raise HTTPException(503, "The server is stopping")
    finally:
        events.leave(client)
    return live


def _outcome(live: LiveWorkspace, name: str) -> dict[str, Any]:
    state = live.states.get(name)
    if state is None or state.report is None:
        return {"name": name, "status": None, "load": None, "problems": []}
    problems = [LocatedProblem(name, problem).to_json() for problem in state.report.problems]
    load = describe_record(state.history[0]) if state.history else None
    return {"name": name, "status": state.word, "load": load, "problems": problems}
