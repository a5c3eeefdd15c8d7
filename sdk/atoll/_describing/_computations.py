"""Functions in the snapshot: what each takes, needs and makes."""

from __future__ import annotations

from .._config import is_config_class, write_config_schema
from .._graphs import GraphDefinition
from .._metadata import describe_metadata
from .._ops import OpDefinition
from .._plain import to_plain
from .._signatures import get_annotation_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping

    from .._catalog import Catalog
    from .._composition import Handle
    from .._computations import Computation
    from .._policies import RetryPolicy

    Names = dict[int, str]


def name_computations(catalog: Catalog) -> Names:
    """A unique name for each, by its identity: its own; where that is taken, with its type; then with a number."""
    names: Names = {}
    taken: set[str] = set()
    for item in catalog.iterate_computations():
        name = item.name
        if name in taken:
            name = f"{_get_type(item)}:{item.name}"
        count = 1
        while name in taken:
            count += 1
            name = f"{_get_type(item)}:{item.name}_{count}"
        taken.add(name)
        names[id(item)] = name
        if isinstance(item, OpDefinition):
            names[id(item.computation)] = name
    return names


def _get_type(item: Any) -> str:
    return "op" if isinstance(item, OpDefinition) else str(item.type)


def describe_computations(catalog: Catalog, names: Names) -> list[dict[str, Any]]:
    keys: dict[int, list[str]] = {}
    for asset in catalog.assets:
        if asset.made_by is not None:
            keys.setdefault(id(asset.computation), []).append(str(asset.key))
    return [_describe(catalog, item, names, keys.get(id(item), [])) for item in catalog.iterate_computations()]


def _describe(catalog: Catalog, item: Any, names: Names, keys: list[str]) -> dict[str, Any]:
    if isinstance(item, GraphDefinition):
        return _describe_graph(catalog, item, names, keys)
    if isinstance(item, OpDefinition):
        description = _describe_function(catalog, item.computation, names, keys)
        description["inputs"] = {name: _describe_in(value) for name, value in item.ins.items()}
        description["outputs"] = {name: _describe_out(value) for name, value in item.outs.items()}
        return description
    return _describe_function(catalog, item, names, keys)


def _describe_function(catalog: Catalog, computation: Computation, names: Names, keys: list[str]) -> dict[str, Any]:
    config_class = computation.get_config_class()
    return {
        "name": names[id(computation)],
        "type": computation.type,
        "keys": keys,
        "description": computation.description,
        "signature": computation.signature.write(),
        "parameters": [
            {
                "name": parameter.name,
                "annotation": get_annotation_text(parameter),
                "default": parameter.write_default(),
                "role": role,
            }
            for parameter, role in catalog.get_roles(computation)
        ],
        "config_schema": None if config_class is None else describe_config_class(config_class),
        "resources": catalog.get_resource_names(computation),
        "required_resource_keys": computation.required_resource_keys,
        "retry_policy": describe_retry_policy(computation.retry_policy),
        "tags": computation.tags,
        "code_version": computation.code_version,
        "can_subset": computation.can_subset,
        "pool": computation.pool,
        "is_generator": computation.signature.is_generator,
        "is_coroutine": computation.signature.is_coroutine,
        "source": computation.source.describe(),
    }


def _describe_graph(catalog: Catalog, graph: GraphDefinition, names: Names, keys: list[str]) -> dict[str, Any]:
    return {
        "name": names[id(graph)],
        "type": graph.type,
        "keys": keys,
        "description": graph.description,
        "signature": graph.signature.write(),
        "parameters": [
            {
                "name": parameter.name,
                "annotation": get_annotation_text(parameter),
                "default": parameter.write_default(),
                "role": "upstream" if graph.type == "graph_asset" else "input",
            }
            for parameter in graph.signature.resolve()
        ],
        "config_schema": None,
        "resources": catalog.get_resource_names(graph),
        "required_resource_keys": [],
        "retry_policy": None,
        "tags": graph.tags,
        "code_version": None,
        "can_subset": False,
        "nodes": describe_nodes(graph, names),
        "outputs": {name: _describe_handle(handle) for name, handle in graph.outputs.items()},
        "source": graph.source.describe(),
    }


def describe_nodes(graph: GraphDefinition, names: Names) -> list[dict[str, Any]]:
    return [
        {
            "name": node.name,
            "computation": names[id(node.definition)],
            "dependencies": [
                {
                    "input": name,
                    "from": [_describe_handle(handle) for handle in handles],
                    "fan_in": name in node.fans_in,
                }
                for name, handles in node.inputs.items()
            ],
            "tags": node.tags,
            "retry_policy": describe_retry_policy(node.retry_policy),
            "hooks": [describe_hook(hook) for hook in node.hooks],
            "source": node.source.describe(),
        }
        for node in graph.nodes
    ]


def _describe_handle(handle: Handle) -> dict[str, Any]:
    if handle.node is None:
        return {"graph_input": handle.output}
    return {"node": handle.node.name, "output": handle.output}


def _describe_in(value: Any) -> dict[str, Any]:
    return {
        "type": value.type_text,
        "description": value.description,
        "has_default": value.has_default,
        "default": to_plain(value.default) if value.has_default else None,
        "metadata": describe_metadata(value.metadata),
        "asset_key": None if value.asset_key is None else str(value.asset_key),
        "input_manager": value.input_manager_key,
    }


def _describe_out(value: Any) -> dict[str, Any]:
    return {
        "type": value.type_text,
        "description": value.description,
        "is_required": value.is_required,
        "io_manager": value.io_manager_key or "io_manager",
        "metadata": describe_metadata(value.metadata),
        "code_version": value.code_version,
    }


def describe_retry_policy(policy: RetryPolicy | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    return {
        "max_retries": policy.max_retries,
        "delay": policy.delay,
        "backoff": None if policy.backoff is None else policy.backoff.name,
        "jitter": None if policy.jitter is None else policy.jitter.name,
    }


def describe_hook(hook: Any) -> dict[str, Any]:
    return {
        "name": hook.name,
        "on": hook.on,
        "resources": hook.required_resource_keys,
        "source": hook.source.describe(),
    }


def describe_config_class(kind: Any) -> dict[str, Any]:
    """The JSON Schema of a config class; one that its own library can't write is told as such."""
    if not is_config_class(kind):
        return {}
    try:
        schema = write_config_schema(kind)
    except Exception as error:  # noqa: BLE001 -- pydantic and user code may raise anything
        return {"type": "object", "title": kind.__name__, "x-error": f"{type(error).__name__}: {error}"}
    return hide_secret_defaults(to_plain(schema))


def hide_secret_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without the defaults and examples of properties whose name looks secret."""
    from .._plain import REDACTED, looks_secret

    parts: list[Mapping[str, Any]] = [schema]
    parts += [part for name in ("$defs", "definitions") for part in (schema.get(name) or {}).values()]
    for part in parts:
        for name, field in (part.get("properties") or {}).items():
            if looks_secret(name) and isinstance(field, dict):
                field.pop("examples", None)
                if field.get("default") is not None:
                    field["default"] = dict(REDACTED)
    return schema
