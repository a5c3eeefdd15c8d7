"""Whether the server does what it is there for: for what looks after processes, such as systemd or Kubernetes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_WELL, _UNAVAILABLE = 200, 503


def healthy(request: Request) -> Response:
    """Say how things are: 200 when the server works, 503 when it does not.

    The server works although a location is broken. It does not where the workspace can't be read, or where schedules
    and sensors can't be evaluated because what is remembered can't be reached.
    """
    live = request.app.state.hub.current
    automating = request.app.state.automating
    trouble = None if automating is None else automating.trouble
    is_well = not live.problems and live.workspace is not None and trouble is None
    words = Counter(state.word for state in live.states.values())
    data: dict[str, Any] = {
        "status": "ok" if is_well else "failing",
        "workspace": "failing" if live.problems or live.workspace is None else "ok",
        "automation": "off" if automating is None else "ok" if trouble is None else "failing",
        "locations": {word: words.get(word, 0) for word in ("loaded", "loading", "stale", "failed", "idle")},
    }
    return JSONResponse(data, _WELL if is_well else _UNAVAILABLE)
