"""The resources of all locations, and the page of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from atoll_host.server.web.definitions import find_definition, show_definition, show_list, show_missing
from atoll_host.server.web.links import read_name

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.server.live.states import LiveWorkspace


def show_resources(request: Request) -> Response:
    """List resources: those that match `q`."""
    return show_list(request, "resources", "Resources")


def show_resource(request: Request) -> Response:
    """Show a resource, with the checks and jobs that are given it."""
    live: LiveWorkspace = request.app.state.hub.current
    location, name = request.path_params["location"], read_name(request.path_params["name"])
    found = find_definition(live, "resource", location, name)
    if found is None:
        return show_missing(request, "resource", location, name)
    users = set(found.definition.get("used_by") or ())
    definitions = found.report.definitions
    return show_definition(
        request,
        "resource",
        checks=[check for check in definitions.get("checks") or () if check.get("computation") in users],
        jobs=[job["name"] for job in definitions.get("jobs") or () if name in (job.get("resources") or ())],
    )


routes = [
    Route("/resources", show_resources),
    Route("/resources/{location}/{name:path}", show_resource),
]
