"""What the API says of definitions and of how they depend on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.envs.errors import UsageError
from atoll_host.server.web.api.answers import NOT_FOUND, answer, live_of
from atoll_host.server.web.api.locations import state_of
from atoll_host.workspace.describing.details import describe, describe_location
from atoll_host.workspace.describing.finding import find
from atoll_host.workspace.describing.rows import rows
from atoll_host.workspace.graph.part import choose_part
from atoll_host.workspace.graph.selection import select

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.workspace.loading import LoadReport

KINDS = ("asset", "check", "job", "schedule", "sensor", "resource")


def listing(kind: str) -> Callable[[Request], Response]:
    """Make the handler that gives a row for each definition of a kind, of all locations or of those that are named.

    Args:
        kind: such as `assets`, of which a selection may choose some.
    """

    def handler(request: Request) -> Response:
        live = live_of(request)
        found = rows(kind, named_reports(live, request.query_params.getlist("location")))
        selection = request.query_params.get("select")
        if kind == "assets" and selection:
            graph = live.graph
            nodes = [graph.nodes[name] for name in select(graph, selection)]
            chosen = {(location, node.key) for node in nodes for location in node.known_in}
            found = [row for row in found if (row["location"], row["name"]) in chosen]
        return answer(live, found)

    return handler


def show(request: Request) -> Response:
    """Give everything about one definition or location."""
    live = live_of(request)
    kind, name = (_wanted(request, key) for key in ("kind", "name"))
    if kind == "location":
        return answer(live, describe_location(state_of(live, name).shown))
    if kind not in KINDS:
        raise UsageError(f"There is no kind {kind!r}", hint=f"the kinds are: {', '.join(KINDS)}, location")
    reports = named_reports(live, request.query_params.getlist("location"))
    try:
        found = find(kind, name, reports)
    except UsageError as error:
        problem = error.problems[0]
        raise UsageError(problem.message, hint=problem.hint, kind=NOT_FOUND) from None
    return answer(live, describe(found, live.graph))


def graph(request: Request) -> Response:
    """Give the merged graph, or the part of it that is asked for."""
    live = live_of(request)
    names = request.query_params.getlist("location")
    named_reports(live, names)
    selection = request.query_params.get("select")
    chosen = select(live.graph, selection) if selection else None
    return answer(live, choose_part(live.graph, names, chosen).to_json())


def named_reports(live: LiveWorkspace, names: Sequence[str]) -> list[LoadReport]:
    """Give what is shown of the locations that are named, or of all.

    Raises:
        UsageError: there is none of such a name.
    """
    return [state_of(live, name).shown for name in names] if names else list(live.reports)


def _wanted(request: Request, key: str) -> str:
    value = request.query_params.get(key)
    if not value:
        raise UsageError(f"The parameter {key!r} is missing", hint="such as: /api/show?kind=asset&name=sales/orders")
    return value
