"""What jobs select and what schedules and sensors start."""

from __future__ import annotations

from .._arguments import suggest
from .._errors import describe_problem
from .._graphs import JobDefinition
from .._jobs import AssetJobDefinition
from .._selection._graph import has_wildcard
from .._selection._nodes import CheckSelection, KeySelection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator

    from .._catalog import Catalog
    from .._selection import AssetSelection
    from .._sources import Source


def find_target_problems(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Unknown jobs, unknown assets in selections, op inputs that nothing feeds, configuration of what is not there."""
    for what, selection, source in _iterate_selections(catalog):
        yield from _find_unknown_keys(catalog, what, selection, source)
    job_names = [job.name for job in catalog.jobs]
    for tick in catalog.ticks:
        for target in tick.targets:
            if target.job is None and target.job_name is not None and target.job_name not in job_names:
                message = f"{_name_tick(tick)} starts job '{target.job_name}', which this location does not have"
                yield _make_problem("unknown_target", message, target.job_name, job_names, tick.source)
    for sensor in catalog.sensors:
        for name in () if sensor.monitor_all_locations else sensor.monitored_jobs or ():
            if name not in job_names:
                message = f"{_name_tick(sensor)} watches job '{name}', which this location does not have"
                yield _make_problem("unknown_target", message, name, job_names, sensor.source)
    for job in catalog.jobs:
        if isinstance(job, JobDefinition):
            yield from _find_unfed_inputs(job)
        yield from _find_unknown_config(catalog, job)


def find_target_warnings(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Selections that select nothing."""
    for what, selection, source in _iterate_selections(catalog):
        if not catalog.resolve_selection(selection) and not catalog.resolve_selection_checks(selection):
            message = f"{what} selects no asset: {selection.write()}"
            yield describe_problem("empty_selection", message, source=source)


def _name_tick(tick: Any) -> str:
    return f"{getattr(tick, 'type', 'schedule')} '{tick.name}'"


def _iterate_selections(catalog: Catalog) -> Iterator[tuple[str, AssetSelection, Source]]:
    for job in catalog.jobs:
        if isinstance(job, AssetJobDefinition):
            yield f"job '{job.name}'", job.selection, job.source
    for tick in catalog.ticks:
        selections = [target.selection for target in tick.targets if target.selection is not None]
        own = getattr(tick, "asset_selection", None)
        for selection in [*selections, *([own] if own is not None else [])]:
            yield _name_tick(tick), selection, tick.source


def _make_problem(kind: str, message: str, name: str, known: Iterable[str], source: Source) -> dict[str, Any]:
    names = list(known)
    suggestion = suggest(name, names)
    hint = f"did you mean '{suggestion}'?" if suggestion else f"there are: {', '.join(names[:10]) or 'none'}"
    return describe_problem(kind, message, hint=hint, source=source)


def _find_unknown_keys(
    catalog: Catalog, what: str, selection: AssetSelection, source: Source
) -> Iterator[dict[str, Any]]:
    keys = [str(key) for key in catalog.graph.keys]
    checks = [f"{key}:{name}" for key, name in catalog.graph.checks]
    seen = set()
    for part in selection.iterate():
        if isinstance(part, KeySelection) and not has_wildcard(part.pattern) and part.pattern not in keys:
            name, known, kind = part.pattern, keys, "asset"
            if any(key.startswith(f"{name}/") for key in keys) and f'key:"{name}/*"' in selection.write():
                continue  # one half of key_prefixes
        elif isinstance(part, CheckSelection) and f"{part.asset}:{part.name}" not in checks:
            name, known, kind = f"{part.asset}:{part.name}", checks, "check"
        else:
            continue
        if name not in seen:
            seen.add(name)
            message = f"{what} selects {kind} '{name}', which this location does not have"
            yield _make_problem("unknown_target", message, name, known, source)


def _find_unfed_inputs(job: JobDefinition) -> Iterator[dict[str, Any]]:
    configured = (job.config or {}).get("ops", {})
    for node in job.graph.nodes:
        given = configured.get(node.name, {}).get("inputs", {}) if isinstance(configured, dict) else {}
        for name in node.definition.input_names:
            needed = getattr(node.definition, "needs_value", lambda _name: True)(name)
            if needed and name not in node.inputs and name not in given:
                message = f"job '{job.name}': nothing gives '{node.name}' its input '{name}'"
                hint = "connect it to the output of an op, or give it a default"
                yield describe_problem("invalid_definition", message, hint=hint, source=node.source)


def _find_unknown_config(catalog: Catalog, job: Any) -> Iterator[dict[str, Any]]:
    config = job.config or {}
    if isinstance(job, JobDefinition):
        nodes = [node.name for node in job.graph.nodes]
    else:
        selected = catalog.resolve_selection(job.selection)
        nodes = [catalog.by_key[key].computation.name for key in selected]
        checks = set(catalog.resolve_selection_checks(job.selection))
        nodes += [
            check.made_by.computation.name
            for check in catalog.checks
            if (check.spec.asset_key, check.spec.name) in checks
        ]
    resources = [*catalog.resource_values, *getattr(job, "resource_defs", {}), "io_manager"]
    for section, known, kind in (("ops", nodes, "op or asset"), ("resources", resources, "resource")):
        for name in config.get(section) or {}:
            if name not in known:
                message = f"job '{job.name}' configures {kind} '{name}', which it does not have"
                yield _make_problem("invalid_definition", message, name, dict.fromkeys(known), job.source)
