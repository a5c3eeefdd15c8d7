"""The description of what the API has of schedules, sensors and backfills."""

from __future__ import annotations

from typing import Any

from atoll_host.server.web.api.openapi_parts import (
    act,
    answer,
    get,
    list_of,
    paging,
    parameter,
    path_parameter,
    ref,
    refusals,
)


def automation_paths(kind: str, preview: str) -> dict[str, Any]:
    """Describe what there is of schedules, or of sensors.

    Args:
        kind: which of the two.
        preview: schema of what a preview is told.
    """
    own = (path_parameter("location", "whose it is"), path_parameter("name", "its own; it may have slashes"))
    one = f"/api/{kind}s/{{location}}/{{name}}"
    outcome = {"enum": ["started", "requested", "skipped", "failed", "waiting"]}
    ticks = get(
        f"A {kind} with its ticks, the newest first, as `atoll {kind} ticks` gives them",
        ref("automation.ticks"),
        *own,
        parameter("outcome", "only ticks that came to it (repeatable)", repeated=True, schema=outcome),
        *paging("ticks"),
    )
    state = "automation.automation"
    on = act(f"Switch a {kind} on, as `atoll {kind} on` does", {"type": "object"}, state, *own, is_done=True)
    off = act(f"Switch a {kind} off, as `atoll {kind} off` does", ref("automation.off"), state, *own, is_done=True)
    previewed = act(
        f"Evaluate a {kind} without any effect, as `atoll {kind} preview` does",
        ref(f"automation.{preview}"),
        "automation.preview",
        *own,
        is_done=True,
    )
    return {
        f"{one}/ticks": ticks,
        f"{one}/on": {"post": on},
        f"{one}/off": {"post": off},
        f"{one}/preview": {"post": previewed},
    }


def backfill_paths() -> dict[str, Any]:
    """Describe what there is of backfills."""
    backfill = path_parameter("backfill", "its number, or a part of its id")
    every = get(
        "Backfills, the newest first, as `atoll backfill list` gives them",
        list_of("backfills.backfill"),
        parameter("status", "only backfills with it (repeatable)", repeated=True, schema=ref("backfills.status")),
        parameter("job", "only backfills of this job"),
        *paging("backfills"),
    )
    one = "/api/backfills/{backfill}"
    cancel = act("Cancel a backfill with its runs", {"type": "object"}, "answers.backfill", backfill)
    retry = act("Make again what failed or was canceled", {"type": "object"}, "answers.backfill", backfill)
    return {
        "/api/backfills": {**every, "post": _start()},
        one: get(
            "A backfill with its partitions, as `atoll backfill show` gives it",
            ref("backfills.whole_backfill"),
            backfill,
        ),
        f"{one}/cancel": {"post": cancel},
        f"{one}/retry": {"post": retry},
    }


def _start() -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": ref("answers.backfill_order")}}}
    return {
        "summary": "Make many partitions by several runs, as `atoll backfill start` does with --detach",
        "requestBody": body,
        "responses": {
            "200": answer("what it would do, with dry_run and where nothing is missing", ref("backfills.plan")),
            "202": answer("the backfill, which goes on by itself", ref("answers.backfill")),
            **refusals("400", "403", "413", "415"),
        },
    }
