"""Whether everything is given that computations name."""

from __future__ import annotations

from .._arguments import suggest
from .._assets import AssetsDefinition
from .._computations import Computation
from .._errors import describe_problem
from .._graphs import GraphDefinition, JobDefinition
from .._values import keep_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator

    from .._catalog import Catalog
    from .._ops import OpDefinition
    from .._sources import Source

_DEFAULT_IO_MANAGER = "io_manager"


def find_resource_problems(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Resources and IO managers that are named and not given, each once for every place that names it."""
    given = list(catalog.resource_values)
    for item in [*catalog.asset_definitions, *catalog.definitions.asset_checks, *catalog.schedules, *catalog.sensors]:
        computation = getattr(item, "computation", None)
        if isinstance(computation, Computation):
            yield from _find_missing(catalog, computation, given)
        elif isinstance(computation, GraphDefinition):
            for step in keep_first(computation.iterate_ops()):
                yield from _find_missing(catalog, step.computation, given)
                yield from _find_missing_managers(_list_op_managers(step), given, step.what, step.source)
        if isinstance(item, AssetsDefinition):
            names = list(item.io_manager_keys.values())
            names += [declared.input_manager_key for declared in item.ins.values() if declared.input_manager_key]
            yield from _find_missing_managers(names, given, item.computation.what, item.source)
    yield from _find_missing_of_functions(catalog, given)
    for job in catalog.jobs:
        available = [*given, *getattr(job, "resource_defs", {})]
        yield from _find_missing_of_hooks(job, available)
        if isinstance(job, JobDefinition):
            for step in keep_first(job.graph.iterate_ops()):
                yield from _find_missing(catalog, step.computation, available, job.name)
                yield from _find_missing_managers(_list_op_managers(step), available, step.what, step.source)


def _find_missing_of_functions(catalog: Catalog, given: list[str]) -> Iterator[dict[str, Any]]:
    for name, value in catalog.resource_values.items():
        if type(value).__name__ != "ResourceDefinition":
            continue
        for needed in value.required_resource_keys:
            if needed not in given:
                message = f"resource '{name}' needs the resource '{needed}', which is not given"
                yield _describe(message, needed, given, value.source)


def _find_missing_of_hooks(job: Any, given: list[str]) -> Iterator[dict[str, Any]]:
    for hook in job.hooks:
        for needed in hook.required_resource_keys:
            if needed not in given:
                what = f"hook '{hook.name}' of job '{job.name}'"
                yield _describe(f"{what} needs the resource '{needed}', which is not given", needed, given, hook.source)


def _list_op_managers(step: OpDefinition) -> list[str]:
    names = [out.io_manager_key for out in step.outs.values() if out.io_manager_key]
    return names + [declared.input_manager_key for declared in step.ins.values() if declared.input_manager_key]


def _find_missing(
    catalog: Catalog, computation: Computation, given: list[str], job: str | None = None
) -> Iterator[dict[str, Any]]:
    for name in catalog.get_resource_names(computation):
        if name in given:
            continue
        where = f" in job '{job}'" if job else ""
        message = f"{computation.what}{where} needs the resource '{name}', which is not given"
        yield _describe(message, name, given, computation.source)


def _find_missing_managers(
    names: Iterable[str], given: list[str], what: str, source: Source
) -> Iterator[dict[str, Any]]:
    for name in dict.fromkeys(names):
        if name not in given and name != _DEFAULT_IO_MANAGER:
            yield _describe(f"{what} names the IO manager '{name}', which is not given", name, given, source)


def _describe(message: str, name: str, given: list[str], source: Source) -> dict[str, Any]:
    suggestion = suggest(name, given)
    hint = f"did you mean '{suggestion}'?" if suggestion else f"add it: Definitions(resources={{'{name}': ...}})"
    return describe_problem("unmet_resource", message, hint=hint, source=source)
