"""The description of the API, in OpenAPI 3.1, put together from the published schemas."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

import atoll_host.runs
import atoll_host.workspace
from atoll_host.server.web.api.openapi_automation import automation_paths, backfill_paths
from atoll_host.server.web.api.openapi_parts import (
    COMPONENT,
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

if TYPE_CHECKING:
    from starlette.requests import Request

_SCHEMAS = Path(atoll_host.workspace.__file__).parent / "schemas"
_OF_RUNS = Path(atoll_host.runs.__file__).parent / "schemas"
_FILES = {
    "answers": Path(__file__).with_name("answers.schema.json"),
    "described": _SCHEMAS / "described.schema.json",
    "snapshot": _SCHEMAS / "snapshot.schema.json",
    "runs": _OF_RUNS / "runs.schema.json",
    "automation": _OF_RUNS / "automation.schema.json",
    "backfills": _OF_RUNS / "backfills.schema.json",
}
"""The schemas, by what the names of their components begin with."""
_KINDS = {
    "assets": "asset",
    "checks": "check",
    "jobs": "job",
    "schedules": "schedule",
    "sensors": "sensor",
    "resources": "resource",
}
_SELECTION = "such as: group:raw and not kind:table, or +key:sales/orders"


@cache
def describe_api(version: str) -> dict[str, Any]:
    """Give the whole description.

    Args:
        version: of this tool.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "atoll dev",
            "version": version,
            "summary": "What `atoll dev` knows of a workspace, as data",
            "description": "Every answer is one object with a format, the revision that it is of, and the data that "
            "the commands give with --json.",
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "security": [{}, {"bearer": []}],
        "paths": _paths(),
        "components": {
            "schemas": _components(),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "the token of `atoll dev --token`, needed where others than this machine can ask",
                }
            },
        },
    }


def _paths() -> dict[str, Any]:
    location = parameter("location", "only of this location (repeatable)", repeated=True)
    select = parameter("select", f"only these assets, {_SELECTION}")
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    kinds = [*_KINDS.values(), "location"]
    kind = parameter("kind", "what is shown", required=True, schema={"enum": kinds})
    severity = parameter("severity", "only findings of it", schema={"enum": ["error", "warning"]})
    code = parameter("code", "only findings whose code begins so (repeatable)", repeated=True)
    return {
        "/api/workspace": get("The workspace, and what is being done for its locations", ref("answers.workspace")),
        "/api/locations": get("The locations, as `atoll list` gives them", list_of("answers.row")),
        "/api/locations/{name}": get(
            "One location, as `atoll show location` gives it", ref("described.shown_location"), name
        ),
        **{
            f"/api/{plural}": get(
                f"The {plural}, as `atoll list {plural}` gives them",
                list_of(f"described.{singular}_row"),
                location,
                *([select] if plural == "assets" else []),
            )
            for plural, singular in _KINDS.items()
        },
        "/api/show": get(
            "One definition or location, as `atoll show` gives it",
            ref("described.shown"),
            kind,
            parameter("name", "its name; location:name where several have one", required=True),
            location,
        ),
        "/api/graph": get("The merged graph, as `atoll graph` gives it", ref("described.graph"), select, location),
        "/api/findings": get(
            "Everything that is wrong, as `atoll validate` gives it",
            list_of("described.problem"),
            severity,
            code,
            location,
        ),
        "/api/search": get(
            "What a few letters of a name find", list_of("answers.match"), parameter("q", "what was typed")
        ),
        "/api/reload": {"post": _reload()},
        "/api/launch": {"post": _launch()},
        **_run_paths(),
        **automation_paths("schedule", "moment"),
        **automation_paths("sensor", "position"),
        **backfill_paths(),
        "/api/events": {"get": _events()},
        "/api/health": get("Whether the server answers, and which one it is", ref("answers.health")),
        "/api/openapi.json": {
            "get": {
                "summary": "This description",
                "responses": {"200": {"description": "it", "content": {"application/json": {"schema": {}}}}},
            }
        },
    }


def _reload() -> dict[str, Any]:
    return {
        "summary": "Load locations again, as `atoll reload` does",
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("answers.reload")}}},
        "responses": {
            "200": answer("what came of it, where it was waited for", list_of("answers.reloaded")),
            "202": answer("what will be loaded", list_of("answers.reloaded")),
            **refusals("400", "403", "404", "413", "415", "503"),
        },
    }


def _launch() -> dict[str, Any]:
    return {
        "summary": "Launch a run, as `atoll materialize` and `atoll run` do with --detach",
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("answers.launch")}}},
        "responses": {
            "202": answer("the run, which goes on by itself", ref("answers.launched")),
            **refusals("400", "403", "413", "415"),
        },
    }


def _run_paths() -> dict[str, Any]:
    run = path_parameter("run", "its number, or a part of its id")
    number = {"type": "integer", "minimum": 0}
    narrow = (
        parameter("status", "only runs with it (repeatable)", repeated=True, schema=ref("runs.status")),
        parameter("job", "only runs of this job"),
        parameter("asset", "only runs that were to make it"),
        parameter("location", "only runs with steps in it"),
        parameter("tag", "only runs with it, as NAME or NAME=VALUE (repeatable)", repeated=True),
        *paging("runs"),
    )
    step = parameter("step", "only of this step")
    lines = (
        step,
        parameter("q", "only events with this text in them"),
        parameter("level", "only messages of it or a higher one"),
        parameter("before", "the last events before this number", schema=number),
        parameter("after", "the first events after this number", schema=number),
    )
    one = "/api/runs/{run}"
    return {
        "/api/runs": get("Runs, the newest first, as `atoll runs list` gives them", list_of("runs.run"), *narrow),
        one: get("A run with its steps, and what went wrong", ref("runs.whole_run"), run),
        f"{one}/events": get("What happened in a run, 1000 events at most", list_of("runs.event"), run, *lines),
        f"{one}/logs": get("The end of what a run's steps printed", list_of("runs.output"), run, step),
        f"{one}/cancel": {"post": act("Ask for the end of a run", {"type": "object"}, "runs.run", run)},
        f"{one}/retry": {
            "post": act("Do again what is left of a run, or all of it", ref("runs.retry"), "runs.launched", run)
        },
    }


def _events() -> dict[str, Any]:
    return {
        "summary": "What changes, as server-sent events",
        "description": "Begins with the event `hello`. The id of an event is the revision that it led to. Events of a "
        "kind and location that were not read yet are replaced by newer ones.",
        "responses": {
            "200": {
                "description": "a stream that does not end; the schema is that of the data of an event",
                "content": {"text/event-stream": {"schema": ref("answers.event")}},
            },
            **refusals("403"),
        },
    }


def _components() -> dict[str, Any]:
    found = {}
    for prefix, file in _FILES.items():
        definitions = json.loads(file.read_text(encoding="utf-8"))["$defs"]
        found.update({f"{prefix}.{name}": _inward(schema, prefix) for name, schema in definitions.items()})
    return found


def _inward(schema: Any, prefix: str) -> Any:
    """Let references between the files lead to components."""
    if isinstance(schema, list):
        return [_inward(item, prefix) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: _inward(value, prefix) for name, value in schema.items()}
    if isinstance(reference := schema.get("$ref"), str):
        file, _, pointer = reference.partition("#/$defs/")
        owner = Path(file).name.removesuffix(".schema.json") or prefix
        changed["$ref"] = f"{COMPONENT}{owner}.{pointer}"
    return changed


def document(request: Request) -> Response:
    """Answer with the description."""
    text = json.dumps(describe_api(request.app.state.settings.version), indent=2)
    return Response(f"{text}\n", media_type="application/json")
