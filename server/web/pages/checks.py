"""The asset checks of all locations, and the page of one of them, with what they found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from atoll_host.server.web.definitions import find_definition, show_definition, show_list, show_missing
from atoll_host.server.web.links import read_name
from atoll_host.server.web.remembered.assets import HISTORY, PLOTTED, number_runs, open_storage, read_before
from atoll_host.server.web.remembered.plots import draw_plots

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.server.live.states import LiveWorkspace


def show_checks(request: Request) -> Response:
    """List asset checks: those that match `q`, each with its last result."""
    storage, trouble = open_storage(request)

    def remember(shown: list[str]) -> dict[tuple[str, str], object]:
        if storage is None or not shown:
            return {}
        return {(result.asset, result.name): result for result in storage.checks.latest(sorted(set(shown)))}

    return show_list(
        request,
        "checks",
        "Checks",
        lambda rows: {"results": remember([row["asset"] for row in rows]), "trouble": trouble},
    )


def show_check(request: Request) -> Response:
    """Show an asset check, with its results."""
    live: LiveWorkspace = request.app.state.hub.current
    location, name = request.path_params["location"], read_name(request.path_params["name"])
    found = find_definition(live, "check", location, name)
    if found is None:
        return show_missing(request, "check", location, name)
    storage, trouble = open_storage(request)
    before, asset = read_before(request), found.definition["asset"]
    newest = () if storage is None else storage.checks.history(asset, found.name, limit=PLOTTED)
    results = newest[: HISTORY + 1]
    if storage is not None and before is not None:
        results = storage.checks.history(asset, found.name, before=before, limit=HISTORY + 1)
    return show_definition(
        request,
        "check",
        trouble=trouble,
        newest=newest[0] if newest else None,
        results=results[:HISTORY],
        older=results[HISTORY - 1].number if len(results) > HISTORY else None,
        is_newest=before is None,
        numbers={} if storage is None else number_runs(storage, [result.run for result in results]),
        plots=draw_plots([result.metadata for result in newest]),
    )


routes = [
    Route("/checks", show_checks),
    Route("/checks/{location}/{name:path}", show_check),
]
