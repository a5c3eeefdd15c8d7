"""The graph of all assets: the page, the picture that it draws, and what a selection chooses as it is typed."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from atoll_host.server.web.layout.choosing import Chosen, Wish, choose
from atoll_host.server.web.layout.memory import LayoutMemory
from atoll_host.server.web.layout.picture import draw
from atoll_host.server.web.layout.scene import COLUMN_PITCH, HEADER, NODE_HEIGHT, NODE_WIDTH
from atoll_host.server.web.layout.view import View, list_regions, make_view
from atoll_host.server.web.rendering import render
from atoll_host.workspace.describing.text import clean

if TYPE_CHECKING:
    from starlette.requests import Request

    from atoll_host.server.live.states import LiveWorkspace

_FORMAT = 1
_lock = threading.Lock()


def show_graph(request: Request) -> Response:
    """Show the page; what is on it is fetched by its script."""
    live: LiveWorkspace = request.app.state.hub.current
    wish = Wish.read(request.query_params)
    return render(request, "graph.html", title="Graph", live=live, wish=wish, size=len(live.graph.nodes))


def give_picture(request: Request) -> Response:
    """Give what is to be drawn: nodes, boxes and edges with their places."""
    live: LiveWorkspace = request.app.state.hub.current
    wish = Wish.read(request.query_params)
    chosen = _choose(live, wish)
    view = make_view(chosen.graph, wish.opened, wish.closed)
    memory = _memory(request)
    waiting = sum(state.word == "loading" for state in live.states.values())
    base = None
    if wish.opened or wish.closed:
        plain = make_view(chosen.graph)
        base = memory.lay_out((wish.scope, frozenset(), frozenset()), plain.scene, settled=not waiting)
    layout = memory.lay_out((wish.scope, wish.opened, wish.closed), view.scene, base, settled=not waiting)
    return _answer(
        live,
        {
            **draw(live, view, layout),
            "sizes": {"node": [NODE_WIDTH, NODE_HEIGHT], "pitch": COLUMN_PITCH, "header": HEADER},
            "assets": len(live.graph.nodes),
            "shown": len(chosen.graph.nodes),
            "missing": chosen.missing,
            "waiting": waiting,
            "selection": _describe_selection(wish, chosen, view),
        },
    )


def give_selection(request: Request) -> Response:
    """Give what a selection chooses of the picture that is drawn, or what is wrong with it."""
    live: LiveWorkspace = request.app.state.hub.current
    wish = Wish.read(request.query_params)
    if "q" in request.query_params:
        wish = replace(wish, selection=request.query_params["q"].strip())
    # What is drawn does not depend on what is being typed.
    shown = _choose(live, replace(wish, selection="", only=False))
    chosen = _choose(live, replace(wish, only=False))
    view = make_view(shown.graph, wish.opened, wish.closed)
    return _answer(live, _describe_selection(wish, chosen, view))


def _choose(live: LiveWorkspace, wish: Wish) -> Chosen:
    return choose(live.graph, wish, list_regions(live.graph) if wish.focus else {})


def _describe_selection(wish: Wish, chosen: Chosen, view: View) -> dict[str, Any] | None:
    """Say how many assets of each drawn node a selection chooses; those of which it chooses none are left out."""
    if not wish.selection:
        return None
    described: dict[str, Any] = {"text": wish.selection, "count": 0, "matches": None, "error": None}
    if chosen.error is not None:
        problem = chosen.error.problems[0]
        described["error"] = {
            "message": clean(problem.message),
            "hint": problem.hint,
            "start": chosen.error.start,
            "end": chosen.error.end,
        }
    elif chosen.matched is not None:
        within = chosen.matched & view.graph.nodes.keys()
        described["count"] = len(within)
        described["matches"] = dict(Counter(view.place[name] for name in within))
    return described


def _memory(request: Request) -> LayoutMemory:
    state = request.app.state
    with _lock:
        if not hasattr(state, "layouts"):
            state.layouts = LayoutMemory()
    memory: LayoutMemory = state.layouts
    return memory


def _answer(live: LiveWorkspace, data: dict[str, Any] | None) -> Response:
    body = json.dumps(
        {"format": _FORMAT, "revision": live.revision, "data": data}, ensure_ascii=False, separators=(",", ":")
    )
    return Response(body.encode("utf-8", "replace"), media_type="application/json")


routes = [
    Route("/graph", show_graph),
    Route("/graph/data", give_picture),
    Route("/graph/select", give_selection),
]
