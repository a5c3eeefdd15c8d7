"""The web application: pages, API, the stream of events and static files, behind one guard."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from atoll_host.server.operations.news import RunNews
from atoll_host.server.operations.operations import Operations
from atoll_host.server.web import failures, pages
from atoll_host.server.web.api.routes import routes as api_routes
from atoll_host.server.web.events import Broadcaster
from atoll_host.server.web.health import healthy
from atoll_host.server.web.security import HEALTH, STREAM, Guard

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from atoll_host.server.automating import Automating
    from atoll_host.server.control import Control
    from atoll_host.server.live.hub import Hub
    from atoll_host.server.web.settings import Settings

_STATIC = Path(__file__).with_name("static")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""Said by us, as what the operating system thinks of a suffix can be wrong, and browsers then refuse a module."""
_SMALLEST = 1024
"""In bytes; what is shorter is not worth compressing."""
_EFFORT = 3
"""Of 9: most of the gain for little of the time."""


def make_application(
    hub: Hub,
    control: Control,
    settings: Settings,
    operations: Operations | None = None,
    automating: Automating | None = None,
) -> Starlette:
    """Put the application together.

    Args:
        hub: holds what is known.
        control: asks for reloads.
        settings: what else the page has to know.
        operations: does what can be done with runs; one that launches nothing by default.
        automating: evaluates schedules and sensors; None where nobody does.

    Returns:
        The application. Its `state` has `hub`, `control`, `settings`, `operations`, `automating`, `events`, which
        serves the stream, and `run_news`, which tells it of runs.
    """
    app = Starlette(
        routes=[
            *_page_routes(),
            *api_routes,
            Route(HEALTH, healthy),
            Mount("/static", _Static(directory=_STATIC, check_dir=False), name="static"),
        ],
        middleware=[Middleware(Guard, access=settings.access), Middleware(_Compression)],
        exception_handlers=failures.HANDLERS,
    )
    app.state.hub = hub
    app.state.control = control
    app.state.settings = settings
    app.state.operations = operations or Operations(hub)
    app.state.automating = automating
    events = Broadcaster(hub)
    news = RunNews(app.state.operations, lambda runs: hub.change("runs", lambda live: live, runs=runs))
    events.on_join, events.on_leave = news.join, news.leave
    app.state.events, app.state.run_news = events, news
    return app


def _page_routes() -> Iterator[BaseRoute]:
    for name in pages.MODULES:
        module: Any = importlib.import_module(f"{pages.__name__}.{name}")
        routes: list[Route] = module.routes
        yield from routes


class _Static(StaticFiles):
    """Our own files, which browsers may keep as long as they ask whether they are still the same."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Give a file, or the answer that it has not changed."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        media_type = _TYPES.get(Path(full_path).suffix)
        if media_type is not None and response.status_code == status_code:
            response.headers["Content-Type"] = media_type
        return response


class _Compression:
    """Compresses large responses; the stream of events never waits to be."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app, minimum_size=_SMALLEST, compresslevel=_EFFORT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streamed = scope["type"] != "http" or scope["path"] == STREAM
        await (self._plain if streamed else self._compressed)(scope, receive, send)
