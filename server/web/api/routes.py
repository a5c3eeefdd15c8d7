"""The routes of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from atoll_host.server.web.api import (
    automation,
    backfills,
    definitions,
    findings,
    launching,
    locations,
    openapi,
    reloading,
    runs,
)
from atoll_host.server.web.events import events
from atoll_host.server.web.security import STREAM

if TYPE_CHECKING:
    from atoll_host.runs.storage.records import AutomationKind


def _automation_routes(kind: AutomationKind) -> list[Route]:
    # A name may have slashes, and may end with one of these words.
    one = f"/api/{kind}s/{{location}}/{{name:path}}"
    return [
        Route(f"{one}/ticks", automation.listing_ticks(kind)),
        Route(f"{one}/on", automation.switching(kind, on=True), methods=["POST"]),
        Route(f"{one}/off", automation.switching(kind, on=False), methods=["POST"]),
        Route(f"{one}/preview", automation.previewing(kind), methods=["POST"]),
    ]


routes = [
    Route("/api/workspace", locations.workspace),
    Route("/api/locations", locations.every),
    Route("/api/locations/{name:path}", locations.one),
    *(
        Route(f"/api/{kind}", definitions.listing(kind))
        for kind in ("assets", "checks", "jobs", "schedules", "sensors", "resources")
    ),
    Route("/api/show", definitions.show),
    Route("/api/graph", definitions.graph),
    Route("/api/findings", findings.every),
    Route("/api/reload", reloading.reload, methods=["POST"]),
    Route("/api/launch", launching.launch, methods=["POST"]),
    Route("/api/runs", runs.every),
    Route("/api/runs/{run}", runs.one),
    Route("/api/runs/{run}/events", runs.events),
    Route("/api/runs/{run}/logs", runs.logs),
    Route("/api/runs/{run}/cancel", runs.cancel, methods=["POST"]),
    Route("/api/runs/{run}/retry", runs.retry, methods=["POST"]),
    *_automation_routes("schedule"),
    *_automation_routes("sensor"),
    Route("/api/backfills", backfills.every, methods=["GET"]),
    Route("/api/backfills", backfills.start, methods=["POST"]),
    Route("/api/backfills/{backfill}", backfills.one),
    Route("/api/backfills/{backfill}/cancel", backfills.cancel, methods=["POST"]),
    Route("/api/backfills/{backfill}/retry", backfills.retry, methods=["POST"]),
    Route("/api/health", locations.health),
    Route("/api/openapi.json", openapi.document),
    Route(STREAM, events),
]
