"""Names that must be unique in a location, and what merged `Definitions` contradict each other in."""

from __future__ import annotations

from .._computations import Computation
from .._errors import describe_problem
from .._graphs import GraphDefinition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator

    from .._catalog import Catalog
    from .._definitions import Given


def find_name_problems(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Duplicate asset keys, checks, jobs, schedules and sensors, ops, graphs; contradicting resources and the like."""
    yield from _find_duplicates("asset", ((str(asset.key), asset.spec.source) for asset in catalog.assets))
    checks = ((f"{check.spec.name}' of asset '{check.spec.asset_key}", check.spec.source) for check in catalog.checks)
    yield from _find_duplicates("check", checks)
    yield from _find_duplicates("job", ((job.name, job.source) for job in catalog.jobs))
    yield from _find_duplicates("schedule or sensor", ((tick.name, tick.source) for tick in catalog.ticks))
    yield from _find_duplicates("op, graph or multi-asset", _iterate_named_computations(catalog))
    definitions = catalog.definitions
    for what, named in (
        ("resource", definitions.resources),
        ("logger", definitions.loggers),
        ("metadata", definitions.metadata),
    ):
        for name, given in named.items():
            yield from _find_contradictions(f"{what} '{name}'", given)
    yield from _find_contradictions("executor", definitions.executors)


def _iterate_named_computations(catalog: Catalog) -> Iterator[tuple[str, Any]]:
    for computation in catalog.iterate_computations():
        is_own = not isinstance(computation, (Computation, GraphDefinition)) or computation.type in (
            "multi_asset",
            "graph",
        )
        if is_own:
            yield computation.name, computation.source


def _find_duplicates(what: str, items: Iterable[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
    first: dict[str, Any] = {}
    for name, source in items:
        if name not in first:
            first[name] = source
            continue
        earlier = first[name]
        message = (
            f"{what} '{name}' is declared twice: at {earlier.file}:{earlier.line} and at {source.file}:{source.line}"
        )
        yield describe_problem("duplicate_name", message, hint="rename or remove one of them", source=source)


def _find_contradictions(what: str, given: list[Given]) -> Iterator[dict[str, Any]]:
    for other in given[1:]:
        first = given[0]
        if other.value is first.value or _is_equal(other.value, first.value):
            continue
        message = (
            f"{what} has different values in merged Definitions: at {first.source.file}:{first.source.line}"
            f" and at {other.source.file}:{other.source.line}"
        )
        hint = "give it in one of them, or make one object and use it in both"
        yield describe_problem("duplicate_name", message, hint=hint, source=other.source)


def _is_equal(left: Any, right: Any) -> bool:
    try:
        return type(left) is type(right) and bool(left == right)
    except Exception:  # noqa: BLE001 -- a user's __eq__ may raise anything
        return False
