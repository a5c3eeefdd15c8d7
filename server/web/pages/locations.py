"""`/locations` and `/locations/NAME`: what a location is, what loads it, and how its loads went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from atoll_host.envs.environments.generations import list_distributions
from atoll_host.envs.errors import Problem
from atoll_host.server.web.api.answers import NOT_FOUND
from atoll_host.server.web.environments import Packages, describe_environment, list_folders
from atoll_host.server.web.links import definition_url
from atoll_host.server.web.loads import describe_time
from atoll_host.server.web.rendering import render
from atoll_host.server.web.variables import describe_variables
from atoll_host.workspace.describing.details import describe_location
from atoll_host.workspace.describing.locations import COUNTED
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.server.live.states import LiveWorkspace, LocationState
    from atoll_host.workspace.findings.located import Located

_MOST_NAMES = 60
"""How many definitions of a kind are named; the list of the kind has all."""


def show_locations(request: Request) -> Response:
    """Answer with the table of all locations and their environments."""
    live: LiveWorkspace = request.app.state.hub.current
    counted: dict[tuple[str, ...], int] = {}
    rows = []
    for state in live.states.values():
        environment = state.shown.environment or (None if state.inspection is None else state.inspection.environment)
        folders = list_folders(environment)
        key = tuple(map(str, folders))
        # Locations that share an interpreter share its packages.
        if folders and key not in counted:
            counted[key] = len(list_distributions(folders))
        rows.append((state, environment, counted.get(key)))
    return render(request, "locations.html", title="Locations", live=live, rows=rows)


def show_location(request: Request) -> Response:
    """Answer with the page of one location."""
    live: LiveWorkspace = request.app.state.hub.current
    name = request.path_params["name"]
    state = live.states.get(name)
    if state is None:
        return _missing(request, live, name)
    environment = describe_environment(live, state, _packages(request))
    return render(
        request,
        "location.html",
        title=name,
        live=live,
        state=state,
        problems=problems_of(state),
        definitions=list_definitions(state),
        counted=COUNTED,
        environment=environment,
        details=describe_location(state.shown)["definition"],
        variables=describe_variables(live, state, environment.environment),
        history=[(record, describe_time(record.seconds, record.phases)) for record in state.history],
        spent=describe_time(state.history[0].seconds, state.history[0].phases) if state.history else None,
    )


def problems_of(state: LocationState) -> Sequence[Located]:
    """Give what is wrong with a location: what its last load said, then what was found since."""
    said = () if state.report is None else state.report.problems
    findings = [finding for finding in state.findings if finding.problem not in said]
    return sorted(
        [*(LocatedProblem(state.name, problem) for problem in said), *findings],
        key=lambda item: item.problem.severity != "error",
    )


def list_definitions(state: LocationState) -> list[tuple[str, int, list[dict[str, Any]]]]:
    """Give the definitions of each kind that there are: how many, and the first ones with name, address and place."""
    found = []
    for kind in COUNTED:
        every = state.shown.definitions.get(kind) or ()
        named = [_name(kind[:-1], state.name, item) for item in every[:_MOST_NAMES]]
        if named:
            found.append((kind, len(every), named))
    return found


def _name(kind: str, location: str, item: dict[str, Any]) -> dict[str, Any]:
    name = item["key" if kind == "asset" else "name"]
    asset = item.get("asset") if kind == "check" else None
    return {
        "name": name,
        "asset": asset,
        "url": definition_url(kind, location, name, asset),
        "source": item.get("source"),
    }


def _missing(request: Request, live: LiveWorkspace, name: str) -> Response:
    known = ", ".join(list(live.states)[:8])
    problem = Problem(
        NOT_FOUND, f"There is no location {name!r} in this workspace", f"the locations are: {known}" if known else None
    )
    return render(
        request,
        "missing.html",
        status_code=404,
        title="There is no such location",
        live=live,
        message=problem.message,
        hint=problem.hint,
    )


def _packages(request: Request) -> Packages:
    state = request.app.state
    if not hasattr(state, "packages"):
        state.packages = Packages()
    packages: Packages = state.packages
    return packages


routes = [Route("/locations", show_locations), Route("/locations/{name:path}", show_location)]
