"""`/search`, for people without scripts, and `/api/search`, which the palette asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from atoll_host.server.web.api.answers import answer
from atoll_host.server.web.remembered.numbers import find_numbered
from atoll_host.server.web.rendering import number_hues, render
from atoll_host.server.web.searching import Index, search

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.server.live.states import LiveWorkspace
    from atoll_host.server.web.searching import Match

_MOST_ON_PAGE = 200
_MOST_IN_PALETTE = 50


def show_search(request: Request) -> Response:
    """Answer with what was found."""
    live: LiveWorkspace = request.app.state.hub.current
    query = request.query_params.get("q", "")
    found = [match.entry for match in _search(request, live, query, _MOST_ON_PAGE + 1)]
    more = len(found) > _MOST_ON_PAGE
    return render(
        request, "search.html", title="Search", live=live, query=query, found=found[:_MOST_ON_PAGE], more=more
    )


def search_api(request: Request) -> Response:
    """Answer with what was found, as data."""
    live: LiveWorkspace = request.app.state.hub.current
    hues = number_hues(live)
    data = []
    query = request.query_params.get("q", "")
    for match in _search(request, live, query, _MOST_IN_PALETTE):
        number = hues.get(match.entry.location or "")
        data.append({**match.to_json(), "hue": None if number is None else f"hue-{number}"})
    return answer(live, data)


def _search(request: Request, live: LiveWorkspace, query: str, most: int) -> list[Match]:
    """Find what has a number first, then what has a name."""
    numbered = find_numbered(request.app.state.operations, query)
    return [*numbered, *search(live, query, most, index=_index(request))][:most]


def _index(request: Request) -> Index:
    state = request.app.state
    if not hasattr(state, "search_index"):
        state.search_index = Index()
    index: Index = state.search_index
    return index


routes = [Route("/search", show_search), Route("/api/search", search_api)]
