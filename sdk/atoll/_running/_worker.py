"""What a worker calls to carry out a run: definitions are found as for a description, and events go to the host."""

from __future__ import annotations

from .._errors import DefinitionError
from .._keys import AssetKey
from ._entry import describe_plan
from ._entry import execute as carry_out
from ._interrupts import Interrupts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Mapping

    from .._catalog import Catalog
    from ._events import Sink


def load(module: ModuleType | list[ModuleType], attribute: str | None = None) -> tuple[Catalog, dict[str, Any]]:
    """The definitions of a module, or of all modules of a package, and their snapshot, as when they are described.

    Raises:
        LoadError: there are none, or several, or what there is does not fit together; all problems at once.
        Exception: whatever a `@definitions` function or the function named by `attribute` raises.
    """
    from .. import _loading
    from .._definitions import Definitions, LazyDefinitions
    from .._sources import Source

    if isinstance(module, list):
        from .._modules import load_definitions_from_modules

        source = _loading._find_module(module[0]) or Source("", 0)  # noqa: SLF001 -- ours
        return _loading._describe(load_definitions_from_modules(module), source, "")  # noqa: SLF001 -- as above
    found = _loading._find_named(module, attribute) if attribute else _loading._find_only(module)  # noqa: SLF001 -- as above
    name, value = found
    definitions = value if isinstance(value, Definitions) else value()
    source = value.source if isinstance(value, LazyDefinitions) else definitions.source
    return _loading._describe(definitions, source, name)  # noqa: SLF001 -- as above


def describe(catalog: Catalog, plan: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan comes to: `{"run_id", "steps", "resources", "executor", "partition_keys"}`.

    Raises:
        InvalidConfigError: the run could not begin; all the reasons.
        DefinitionError: the plan itself means nothing.
    """
    plan = expand(catalog, plan)
    return {**describe_plan(catalog, plan), "partition_keys": list(plan.get("partition_keys") or [])}


def execute(
    catalog: Catalog, plan: Mapping[str, Any], sink: Sink, gate: Callable[[], None] | None = None
) -> dict[str, Any]:
    """Carry out a plan; `{"status": "succeeded", "failed" or "canceled"}`. SIGINT and SIGTERM cancel.

    `gate` is called when a step of a pool is to begin, after its `step_queued`, and returns when it may.

    Raises:
        InvalidConfigError: the run can't begin; nothing was done.
        DefinitionError: the plan itself means nothing.
    """
    interrupts = Interrupts().install()
    try:
        done = carry_out(catalog, expand(catalog, plan), sink, hold=interrupts, gate=gate)
    except KeyboardInterrupt:
        return {"status": "canceled"}
    finally:
        interrupts.remove()
    return {"status": "succeeded" if done else "failed"}


def expand(catalog: Catalog, plan: Mapping[str, Any]) -> dict[str, Any]:
    """The plan with the keys of its `partition_range`, a pair of first and last key, where it has one.

    Raises:
        DefinitionError: there are no such partitions.
    """
    values = dict(plan)
    chosen = values.pop("partition_range", None)
    if chosen is None:
        return values
    from .._partitions._keys import list_keys

    partitions = _find_partitions(catalog, values)
    if partitions is None:
        raise DefinitionError("a range of partitions is chosen, and nothing that is made has partitions")
    keys = list_keys(partitions, values.get("dynamic_partitions"))
    first, last = chosen
    for key in (first, last):
        if key not in keys:
            hint = f"they go from {keys[0]} to {keys[-1]}" if keys else "there are none"
            raise DefinitionError(f"there is no partition '{key}'", hint)
    start, end = keys.index(first), keys.index(last)
    if start > end:
        raise DefinitionError(f"partition '{first}' comes after '{last}'", "name the first one first")
    values["partition_keys"] = [str(key) for key in keys[start : end + 1]]
    return values


def _find_partitions(catalog: Catalog, plan: Mapping[str, Any]) -> Any:
    names = plan.get("assets")
    job = next((job for job in catalog.jobs if job.name == plan.get("job")), None)
    given = getattr(job, "partitions_def", None)
    if given is not None:
        return given
    if names is not None:
        keys = [AssetKey(name) for name in names]
    elif job is not None and hasattr(job, "selection"):
        keys = catalog.resolve_selection(job.selection)
    else:
        keys = list(catalog.by_key)
    for key in keys:
        asset = catalog.by_key.get(key)
        if asset is not None and asset.spec.partitions_def is not None:
            return asset.spec.partitions_def
    return None
