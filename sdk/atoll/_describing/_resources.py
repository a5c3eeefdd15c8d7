"""Resources, loggers and environment variables in the snapshot."""

from __future__ import annotations

from .._config import is_pydantic_class
from .._fields import Model
from .._plain import get_fields, looks_secret, name_object, to_plain
from .._resources import iterate_variables
from ._computations import describe_config_class, hide_secret_defaults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from .._catalog import Catalog

    Names = dict[int, str]


def describe_resources(catalog: Catalog, names: Names) -> list[dict[str, Any]]:
    used_by = _list_users(catalog, names)
    resources = []
    for name, given in catalog.definitions.resources.items():
        value, handed_in = given[-1].value, given[-1].source
        source = getattr(value, "__dict__", {}).get("_atoll_source") or handed_in
        resources.append(
            {
                "name": name,
                **describe_resource_value(value, catalog),
                "environment_variables": _list_variables(value),
                "used_by": used_by.get(name, []),
                "source": source.describe(),
            }
        )
    return resources


def describe_resource_value(value: Any, catalog: Catalog | None = None) -> dict[str, Any]:
    """`type`, `description`, `config_schema` and `config` of a resource; secrets given as plain values are left out."""
    kind = type(value)
    if kind.__name__ == "ResourceDefinition" and hasattr(value, "required_resource_keys"):
        return _describe_function(value)
    described: dict[str, Any] = {"type": name_object(kind), "description": _read_description(kind)}
    described["config_schema"] = None
    described["config"] = {}
    if isinstance(value, Model):
        described["config_schema"] = hide_secret_defaults(kind.to_config_schema())
        described["config"] = _describe_fields(value._atoll_values, catalog)  # noqa: SLF001 -- ours
    elif is_pydantic_class(kind):
        described["config_schema"] = describe_config_class(kind)
        described["config"] = to_plain(get_fields(value), redact=True)
    elif isinstance(value, (str, int, float, bool, dict, list)) or value is None:
        described["config"] = to_plain({"value": value}, redact=True)
    return described


def _describe_function(value: Any) -> dict[str, Any]:
    """A resource that a function makes."""
    return {
        "type": name_object(value.function),
        "description": value.description,
        "config_schema": None,
        "config": {} if value.config is None else to_plain({"value": value.config}, redact=True),
        "required_resource_keys": value.required_resource_keys,
    }


def _describe_fields(values: dict[str, Any], catalog: Catalog | None) -> dict[str, Any]:
    config = {}
    for name, value in values.items():
        if isinstance(value, Model) and not looks_secret(name):
            config[name] = _describe_nested(value, catalog)
        else:
            config[name] = to_plain({name: value}, redact=True)[name]
    return config


def _describe_nested(value: Model, catalog: Catalog | None) -> dict[str, Any]:
    """A resource in a resource: by its name where it has one, else in full."""
    for name, other in (catalog.resource_values if catalog is not None else {}).items():
        if other is value:
            return {"resource": name}
    return {"type": name_object(type(value)), "config": _describe_fields(value._atoll_values, catalog)}  # noqa: SLF001 -- as above


def _read_description(kind: type) -> str | None:
    from .._computations import read_docstring

    return read_docstring(kind) if "__doc__" in kind.__dict__ else None


def _list_users(catalog: Catalog, names: Names) -> dict[str, list[str]]:
    used_by: dict[str, list[str]] = {}
    for item in catalog.iterate_computations():
        for name in catalog.get_resource_names(getattr(item, "computation", item)):
            used_by.setdefault(name, []).append(names[id(item)])
    for asset in catalog.assets:
        if asset.made_by is None:
            continue
        managers = [asset.made_by.io_manager_keys.get(asset.key, "io_manager")]
        managers += [d.input_manager_key for d in asset.dependencies if d.input_manager_key]
        for manager in managers:
            users = used_by.setdefault(manager, [])
            if names[id(asset.computation)] not in users:
                users.append(names[id(asset.computation)])
    return used_by


def _list_variables(value: Any) -> list[str]:
    return list(dict.fromkeys(variable.env_var_name for variable in iterate_variables(value)))


def describe_loggers(catalog: Catalog) -> dict[str, Any]:
    found = {name: given[-1].value for name, given in catalog.definitions.loggers.items()}
    return {n: {"description": value.description, "source": value.source.describe()} for n, value in found.items()}


def describe_variables(catalog: Catalog) -> list[dict[str, Any]]:
    """The environment variables that definitions name, with what needs each; never a value."""
    required_by: dict[str, list[str]] = {}
    for user, value in _iterate_configured(catalog):
        for variable in _list_variables(value):
            users = required_by.setdefault(variable, [])
            if user not in users:
                users.append(user)
    return [{"name": name, "required_by": users, "default": False} for name, users in required_by.items()]


def _iterate_configured(catalog: Catalog) -> Iterator[tuple[str, Any]]:
    yield from catalog.resource_values.items()
    for item in catalog.iterate_computations():
        config_class = getattr(item, "get_config_class", lambda: None)()
        for field in getattr(config_class, "_atoll_fields", {}).values():
            yield item.name, field.default
    for job in catalog.jobs:
        yield job.name, job.config
        for value in getattr(job, "resource_defs", {}).values():
            yield job.name, value
    for schedule in catalog.schedules:
        yield schedule.name, schedule.run_config
