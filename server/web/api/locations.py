"""What the API says of the workspace and of its locations."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import UsageError
from atoll_host.server.web.api.answers import NOT_FOUND, answer, live_of
from atoll_host.workspace.describing.details import describe_location
from atoll_host.workspace.describing.locations import counts, row
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.server.live.states import LiveWorkspace, LoadRecord, LocationState


def workspace(request: Request) -> Response:
    """Give the workspace, and what is being done for each of its locations."""
    live = live_of(request)
    opened = live.workspace
    data = {
        "root": None if opened is None else str(opened.root),
        "file": None if opened is None or opened.file is None else str(opened.file),
        "problems": [LocatedProblem(None, problem).to_json() for problem in live.problems],
        "locations": [describe_state(state) for state in live.states.values()],
        **count_findings(live),
    }
    return answer(live, data)


def every(request: Request) -> Response:
    """Give a row for each location, and what is being done for it."""
    live = live_of(request)
    states = live.states.values()
    return answer(live, [{**row(one.shown), "word": one.word, "activity": one.activity} for one in states])


def one(request: Request) -> Response:
    """Give everything about one location."""
    live = live_of(request)
    return answer(live, describe_location(state_of(live, request.path_params["name"]).shown))


def health(request: Request) -> Response:
    """Say that the server answers, and which one it is."""
    live = live_of(request)
    opened = live.workspace
    data = {
        "status": "ok",
        "pid": os.getpid(),
        "version": request.app.state.settings.version,
        "root": None if opened is None else str(opened.root),
        "clients": request.app.state.events.clients,
    }
    return answer(live, data)


def state_of(live: LiveWorkspace, name: str) -> LocationState:
    """Find a location.

    Raises:
        UsageError: there is none of this name.
    """
    if name not in live.states:
        known = ", ".join(live.states)
        hint = f"the locations are: {known}" if known else "the workspace has none yet"
        raise UsageError(f"There is no location {name!r}", hint=hint, kind=NOT_FOUND)
    return live.states[name]


def describe_state(state: LocationState) -> dict[str, Any]:
    """Give what is being done for a location, and what came of it before."""
    return {
        "name": state.name,
        "word": state.word,
        "activity": state.activity,
        "since": state.since,
        "progress": state.progress,
        "as_of": state.as_of,
        "retry_at": state.retry_at,
        "warm": state.warm,
        "counts": counts(state.shown),
        "errors": sum(finding.severity == "error" for finding in state.findings),
        "warnings": sum(finding.severity == "warning" for finding in state.findings),
        "history": [describe_record(record) for record in state.history],
    }


def describe_record(record: LoadRecord) -> dict[str, Any]:
    """Give one load that has ended."""
    return {
        "at": record.at,
        "status": record.status,
        "trigger": record.trigger,
        "way": record.way,
        "seconds": record.seconds,
        "phases": dict(record.phases),
        "problems": record.problems,
        "delay": record.delay,
    }


def count_findings(live: LiveWorkspace) -> dict[str, int]:
    """Count the errors and warnings of all locations."""
    errors = sum(finding.severity == "error" for finding in live.findings)
    return {"errors": errors, "warnings": len(live.findings) - errors}
