"""Everything about one definition, as data: what `atoll show … --json` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from atoll_host.workspace.describing.finding import Found
    from atoll_host.workspace.graph.graph import AssetGraph, AssetNode, Edge
    from atoll_host.workspace.loading import LoadReport

    Data = dict[str, Any]

TICKS = 5
"""How many of the next moments of a schedule are given."""


def describe(found: Found, graph: AssetGraph) -> Data:
    """Give a definition as its SDK describes it, and what in the workspace it is related to.

    Args:
        found: the definition.
        graph: of all locations.
    """
    return {
        "kind": found.kind,
        "name": found.name,
        "location": found.report.location.name,
        "stale": found.report.stale,
        "definition": dict(found.definition),
        "related": _RELATED[found.kind](found, graph),
    }


def describe_location(report: LoadReport) -> Data:
    """Give a location: what it is, how it was loaded, and the names of what it defines."""
    from atoll_host.workspace.describing.locations import row  # noqa: PLC0415 — only for locations

    location, environment, snapshot = report.location, report.environment, report.snapshot
    target = location.target
    return {
        "kind": "location",
        "name": location.name,
        "location": location.name,
        "stale": report.stale,
        "definition": {
            "root": str(location.root),
            "target": {
                "form": target.form,
                "module": target.module,
                "file": None if target.file is None else str(target.file),
                "attribute": target.attribute,
            },
            "search_paths": [str(path) for path in location.search_paths],
            "timeout": location.timeout,
            "env_files": [str(path) for path in location.env_files],
            "inputs": list(location.inputs),
            "tags": list(location.tags),
            "source": {"file": str(location.declared_at.file), "line": location.declared_at.line},
        },
        "related": {
            **row(report),
            "environment": None if environment is None else environment.to_json(),
            "worker": None if snapshot is None else snapshot.worker,
            "phases": {} if snapshot is None else snapshot.seconds,
            "definitions": {
                kind: [item["key" if kind == "assets" else "name"] for item in report.definitions.get(kind) or ()]
                for kind in ("assets", "checks", "jobs", "schedules", "sensors", "resources")
            },
            "environment_variables": report.definitions.get("environment_variables") or [],
            "output": report.output.text,
        },
    }


def _asset(found: Found, graph: AssetGraph) -> Data:
    definitions, key, location = found.report.definitions, found.name, found.report.location.name
    node = find_node(graph, location, key)
    name = key if node is None else node.id
    computation = _computation(found)
    jobs = [job["name"] for job in definitions.get("jobs") or () if key in (job.get("assets") or ())]
    return {
        "computation": computation,
        "declared_in": [] if node is None else list(node.declared_in),
        "upstream": [describe_end(edge, edge.upstream, graph) for edge in graph.upstream(name)],
        "downstream": [describe_end(edge, edge.downstream, graph) for edge in graph.downstream(name)],
        "checks": [check["name"] for check in definitions.get("checks") or () if check["asset"] == key],
        "jobs": jobs,
        **_started_by(definitions, lambda target: target.get("job") in jobs or key in (target.get("assets") or ())),
        **_needs(definitions, _resources_of(found.definition, computation), user=found.definition.get("computation")),
    }


def _check(found: Found, graph: AssetGraph) -> Data:  # noqa: ARG001 — all kinds are asked alike
    definitions, computation = found.report.definitions, _computation(found)
    jobs = [
        job["name"]
        for job in definitions.get("jobs") or ()
        if {"asset": found.definition["asset"], "name": found.name} in (job.get("checks") or ())
    ]
    return {
        "computation": computation,
        "jobs": jobs,
        **_needs(definitions, (computation or {}).get("resources") or (), user=found.definition.get("computation")),
    }


def _job(found: Found, graph: AssetGraph) -> Data:  # noqa: ARG001 — all kinds are asked alike
    definitions, name = found.report.definitions, found.name
    return {
        **_started_by(definitions, lambda target: target.get("job") == name),
        **_needs(definitions, found.definition.get("resources") or (), user=name),
    }


def _schedule(found: Found, graph: AssetGraph) -> Data:  # noqa: ARG001 — all kinds are asked alike
    from atoll_host.workspace.checks.schedules import next_ticks  # noqa: PLC0415 — only for schedules

    ticks = next_ticks(found.definition, TICKS)
    needs = _needs(found.report.definitions, found.definition.get("resources") or (), user=found.name)
    return {"next_ticks": [tick.isoformat() for tick in ticks], **needs}


def _sensor(found: Found, graph: AssetGraph) -> Data:  # noqa: ARG001 — all kinds are asked alike
    return _needs(found.report.definitions, found.definition.get("resources") or (), user=found.name)


def _resource(found: Found, graph: AssetGraph) -> Data:  # noqa: ARG001 — all kinds are asked alike
    users = set(found.definition.get("used_by") or ())
    definitions = found.report.definitions
    return {
        "assets": [asset["key"] for asset in definitions.get("assets") or () if asset.get("computation") in users],
        "checks": [check["name"] for check in definitions.get("checks") or () if check.get("computation") in users],
    }


_RELATED: dict[str, Callable[[Found, AssetGraph], Data]] = {
    "asset": _asset,
    "check": _check,
    "job": _job,
    "schedule": _schedule,
    "sensor": _sensor,
    "resource": _resource,
}


def _computation(found: Found) -> Data | None:
    name = found.definition.get("computation")
    for computation in found.report.definitions.get("computations") or ():
        if computation["name"] == name:
            return dict(computation)
    return None


def find_node(graph: AssetGraph, location: str | None, key: str) -> AssetNode | None:
    """Give what stands in the graph for an asset as a location has it: what the location makes, or what it means.

    Args:
        graph: of all locations.
        location: the one that makes the asset or declares it as external; None for an asset that no location has.
        key: the asset's.
    """
    node = graph.nodes.get(key) if location is None else graph.nodes.get(f"{location}:{key}") or graph.nodes.get(key)
    if node is not None and node.key == key:
        return node
    return next((node for node in graph.nodes.values() if node.key == key and location in node.declared_in), None)


def describe_end(edge: Edge, name: str, graph: AssetGraph) -> Data:
    """Give one end of a dependency.

    Args:
        edge: the dependency.
        name: id of the asset at that end.
        graph: that both are in.
    """
    node = graph.nodes[name]
    return {
        "key": node.key,
        "location": node.location,
        "type": node.type,
        "crosses": edge.crosses,
        "ambiguous": edge.ambiguous,
    }


def _started_by(definitions: Mapping[str, Any], fits: Callable[[Mapping[str, Any]], bool]) -> Data:
    return {
        "schedules": [
            item["name"] for item in definitions.get("schedules") or () if item.get("target") and fits(item["target"])
        ],
        "sensors": [
            item["name"]
            for item in definitions.get("sensors") or ()
            if any(fits(target) for target in item.get("targets") or ())
        ],
    }


def _resources_of(asset: Mapping[str, Any], computation: Mapping[str, Any] | None) -> list[str]:
    names = list((computation or {}).get("resources") or ())
    managers = [asset.get("io_manager"), *(item.get("input_manager") for item in asset.get("dependencies") or ())]
    return [*names, *(name for name in dict.fromkeys(managers) if name is not None and name not in names)]


def _needs(definitions: Mapping[str, Any], names: Iterable[str], user: str | None = None) -> Data:
    """Give the resources of these names that there are, and the environment variables that they or the user read."""
    names = list(names)
    given = [resource for resource in definitions.get("resources") or () if resource["name"] in names]
    variables = [
        variable["name"]
        for variable in definitions.get("environment_variables") or ()
        if set(variable.get("required_by") or ()) & {*names, *([user] if user is not None else [])}
    ]
    return {
        "resources": [{"name": resource["name"], "type": resource.get("type")} for resource in given],
        "environment_variables": variables,
    }
