"""What a module declares and its location does not have, most likely because nobody handed it in."""

from __future__ import annotations

from .._errors import describe_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Iterator

    from .._catalog import Catalog
    from .._sources import Source

DECLARED = {
    "AssetsDefinition": ("asset", "assets"),
    "AssetSpec": ("asset spec", "assets"),
    "AssetChecksDefinition": ("asset check", "asset_checks"),
    "JobDefinition": ("job", "jobs"),
    "AssetJobDefinition": ("job", "jobs"),
    "ScheduleDefinition": ("schedule", "schedules"),
    "SensorDefinition": ("sensor", "sensors"),
    "LoggerDefinition": ("logger", "loggers"),
}
"""By class: the word for it, and the argument of `Definitions` that takes it."""
_NAMED = ("loggers", "resources")


def find_forgotten(module: ModuleType, catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Definitions at the module's top level that were written there and never handed in, each once.

    What was imported, what is handed in as a changed copy, what only stands for an asset of another location in `deps`,
    and resources that the module uses itself, are meant so.
    """
    file = getattr(module, "__file__", None)
    if file is None:
        return
    from .._sources import Source

    own = Source(file, 1).file
    known = _collect_known(catalog)
    places = {(asset.spec.source.file, asset.spec.source.line) for asset in catalog.assets}
    for name, value in list(vars(module).items()):
        found = _read(value)
        if found is None or id(value) in known or id(getattr(value, "computation", None)) in known:
            continue
        word, argument, source = found
        if getattr(value, "declared_in", source).file != own:
            continue
        if word == "asset spec" and (value.key in catalog.graph.keys or (source.file, source.line) in places):
            continue
        if word == "resource" and _is_mentioned(own, name):
            continue
        known.add(id(value))
        message = f"{word} '{name}' is declared but not among the location's definitions"
        given = f"{{'{name}': {name}}}" if argument in _NAMED else "[...]"
        hint = f"add it to Definitions({argument}={given})"
        yield describe_problem("not_handed_in", message, hint=hint, source=source)


def _read(value: Any) -> tuple[str, str, Source] | None:
    """The word, the argument of `Definitions` and the place of a definition; None for anything else."""
    from .._resources import ConfigurableResource, IOManager

    kind = type(value)
    if kind.__name__ in DECLARED and kind.__module__.partition(".")[0] == __name__.partition(".")[0]:
        return (*DECLARED[kind.__name__], value.source)
    if isinstance(value, (ConfigurableResource, IOManager)):
        source = getattr(value, "__dict__", {}).get("_atoll_source")
        return None if source is None else ("resource", "resources", source)
    return None


def _collect_known(catalog: Catalog) -> set[int]:
    definitions = catalog.definitions
    handed_in: list[Any] = [
        *catalog.asset_definitions, *definitions.asset_checks, *catalog.jobs, *catalog.schedules, *catalog.sensors
    ]  # fmt: skip
    handed_in += [item.computation for item in handed_in if getattr(item, "computation", None) is not None]
    for named in (definitions.loggers, definitions.resources):
        handed_in += [one.value for given in named.values() for one in given]
    for job in catalog.jobs:
        handed_in += getattr(job, "logger_defs", {}).values()
        handed_in += getattr(job, "resource_defs", {}).values()
    return {id(part) for item in handed_in for part in _iterate_parts(item)}


def _iterate_parts(value: Any) -> Iterator[Any]:
    """A value and, where it is a resource, those in its fields, at any depth."""
    yield value
    values = getattr(value, "__dict__", {}).get("_atoll_values")
    for inner in values.values() if isinstance(values, dict) else ():
        yield from _iterate_parts(inner)


def _is_mentioned(file: str, name: str) -> bool:
    """Whether a name stands in a file more often than where it is assigned."""
    import re

    try:
        with open(file, encoding="utf-8", errors="replace") as text:  # noqa: PTH123 -- pathlib costs more to import
            return len(re.findall(rf"\b{re.escape(name)}\b", text.read())) > 1
    except OSError:
        return True
