"""The envelope of every answer of the API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from atoll_host.envs.errors import Problem
    from atoll_host.server.live.states import LiveWorkspace

FORMAT = 1
NOT_FOUND = "not_found"
"""Kind of the problem that what is asked for is not there."""


def live_of(request: Request) -> LiveWorkspace:
    """Give what is known now. A handler asks once, so that its answer is of one moment."""
    live: LiveWorkspace = request.app.state.hub.current
    return live


def answer(live: LiveWorkspace, data: Any, status: int = 200) -> Response:
    """Give data.

    Args:
        live: what it was made from.
        data: as `--json` has it.
        status: of HTTP.
    """
    return _json({"format": FORMAT, "revision": live.revision, "data": data}, status)


def answer_problems(request: Request, problems: Sequence[Problem], status: int) -> Response:
    """Say why there is no data."""
    content = {
        "format": FORMAT,
        "revision": live_of(request).revision,
        "data": None,
        "problems": [LocatedProblem(None, problem).to_json() for problem in problems],
    }
    return _json(content, status)


def _json(content: Any, status: int) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # Half of a surrogate pair, as a file name may have, is no UTF-8.
    return Response(f"{text}\n".encode("utf-8", "replace"), status, media_type="application/json")
