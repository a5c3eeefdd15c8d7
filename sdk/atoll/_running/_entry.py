"""The ways in: `materialize` and `execute_in_process` for tests and scripts, `execute` for a host."""

from __future__ import annotations

from .._arguments import check_list, check_mapping, check_run_tags, refuse_unknown
from .._assets import AssetsDefinition
from .._catalog import Catalog
from .._checks import AssetChecksDefinition
from .._config import read_run_config
from .._definitions import Definitions
from .._errors import DefinitionError
from .._selection import read_selection
from ._plan import Plan, read_plan
from ._preparing import Preparer
from ._results import ExecuteInProcessResult
from ._run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Mapping

    from .._config import RunConfig
    from .._keys import AssetKey
    from .._specs import AssetSpec
    from ._events import Event, Sink

    MakeCatalog = Callable[[], Catalog]


def execute(
    catalog: Catalog,
    plan: Mapping[str, Any],
    sink: Sink,
    *,
    hold: Any = None,
    gate: Callable[[], None] | None = None,
    echo: bool = False,
) -> bool:
    """Carry out a plan that a host sent, handing every event to `sink`; whether the run succeeded.

    Args:
        catalog: the location's definitions, looked up once.
        plan: JSON, as `Plan` describes it.
        sink: called with each event, one at a time; what it raises ends the run.
        hold: a context manager inside which no interrupt is delivered, around each call of the sink.
        gate: called when a step of a pool is to begin, after its `step_queued`; returns when it may.
        echo: let what is logged reach the handlers of the logger `atoll` too.

    Raises:
        InvalidConfigError: the run can't begin; nothing was done, and no event was sent.
        KeyboardInterrupt: it was interrupted; everything is torn down, and `run_canceled` was sent.
    """
    prepared = Preparer(catalog, read_plan(plan)).prepare()
    return Run(prepared, sink, hold=hold, gate=gate, echo=echo).carry_out()


def describe_plan(catalog: Catalog, plan: Mapping[str, Any]) -> dict[str, Any]:
    """The steps that a plan comes to, with nothing done: `{"run_id", "steps", "resources", "executor"}`.

    Raises:
        InvalidConfigError: the run could not begin; all the reasons.
    """
    prepared = Preparer(catalog, read_plan(plan)).prepare()
    steps = [step.describe() for step in prepared.steps]
    executor = prepared.executor
    return {
        "run_id": prepared.plan.run_id,
        "steps": steps,
        "resources": prepared.resource_names,
        "executor": None if executor is None else {"name": executor.name, "config": executor.config},
    }


def execute_here(
    catalog: Catalog,
    plan: Plan,
    *,
    job: Any = None,
    resources: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    raise_on_error: bool = True,
) -> ExecuteInProcessResult:
    """Carry out a plan and keep everything for the caller."""
    given = check_mapping(resources, "resources")
    prepared = Preparer(catalog, plan, job=job, given=given, options=inputs).prepare()
    events: list[Event] = []
    run = Run(prepared, events.append, capture=True, stop_at_failure=raise_on_error)
    success = run.carry_out()
    error = run.error
    if error is not None and (raise_on_error or not isinstance(error, (Exception, SystemExit))):
        raise error
    return ExecuteInProcessResult(run, prepared.steps, events, success=success)


def make_plan(
    *,
    run_config: Any,
    partition_key: str | None,
    tags: Mapping[str, str] | None,
    what: str,
    **values: Any,
) -> Plan:
    return Plan(
        config=read_run_config(run_config, f"{what}: run_config"),
        partition_keys=[] if partition_key is None else [partition_key],
        tags=check_run_tags(tags, f"{what}: tags"),
        **values,
    )


@refuse_unknown
def materialize(
    assets: Iterable[AssetsDefinition | AssetSpec | AssetChecksDefinition],
    run_config: RunConfig | Mapping[str, Any] | None = None,
    *,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | None = None,
    raise_on_error: bool = True,
    tags: Mapping[str, str] | None = None,
    selection: Any = None,
) -> ExecuteInProcessResult:
    """Make assets in this process, with no host: what unit tests call.

    Values pass between them by the resource `io_manager`, by default one that keeps them in memory. Where `selection`
    takes a part of the assets, the values of others are loaded.

    Raises:
        DefinitionError: the assets do not fit together.
        InvalidConfigError: configuration, resources, partition or selection are wrong; nothing was executed.
        Exception: what a step raised, unless `raise_on_error` is False.
    """
    return _materialize(
        _make_definitions(assets, resources, "materialize"),
        selection=selection,
        raise_on_error=raise_on_error,
        plan=make_plan(run_config=run_config, partition_key=partition_key, tags=tags, what="materialize"),
    )


@refuse_unknown
def materialize_to_memory(
    assets: Iterable[AssetsDefinition | AssetSpec | AssetChecksDefinition],
    run_config: RunConfig | Mapping[str, Any] | None = None,
    *,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | None = None,
    raise_on_error: bool = True,
    tags: Mapping[str, str] | None = None,
    selection: Any = None,
) -> ExecuteInProcessResult:
    """As `materialize`, with every IO manager that the assets name replaced by one that keeps values in memory.

    Raises:
        DefinitionError: `resources` has an IO manager that would be replaced.
    """
    from .._io_managers import InMemoryIOManager

    given = check_mapping(resources, "materialize_to_memory: resources")
    definitions = _make_definitions(assets, given, "materialize_to_memory")
    names = {"io_manager"}
    for item in definitions.assets:
        if isinstance(item, AssetsDefinition):
            names.update(item.io_manager_keys.values())
            names.update(value.input_manager_key for value in item.ins.values() if value.input_manager_key)
    for name in names & set(given):
        hint = "leave it out, or call materialize"
        raise DefinitionError(f"materialize_to_memory: '{name}' is an IO manager, and none would be used", hint)
    memory = InMemoryIOManager()
    return _materialize(
        definitions,
        resources=dict.fromkeys(names, memory),
        selection=selection,
        raise_on_error=raise_on_error,
        plan=make_plan(run_config=run_config, partition_key=partition_key, tags=tags, what="materialize_to_memory"),
    )


def _make_definitions(assets: Any, resources: Any, what: str) -> Definitions:
    items = check_list(assets, f"{what}: assets", "a list of assets and checks")
    checks = [item for item in items if isinstance(item, AssetChecksDefinition)]
    own = [item for item in items if not isinstance(item, AssetChecksDefinition)]
    return Definitions(assets=own, asset_checks=checks, resources=check_mapping(resources, f"{what}: resources"))


def make_catalog(definitions: Definitions) -> Catalog:
    """The definitions looked up once.

    Raises:
        DefinitionError: they do not fit together. Resources are looked at when it is known which are needed.
    """
    from .._checking._assets import find_asset_problems
    from .._checking._names import find_name_problems
    from .._checking._partitions import find_partition_problems

    catalog = Catalog(definitions)
    problems = [p for find in (find_name_problems, find_asset_problems, find_partition_problems) for p in find(catalog)]
    if problems:
        raise DefinitionError("\n".join(f"{p['file']}:{p['line']}: {p['message']}" for p in problems))
    return catalog


def _materialize(
    definitions: Definitions, *, selection: Any, raise_on_error: bool, plan: Plan, resources: Any = None
) -> ExecuteInProcessResult:
    catalog = make_catalog(definitions)
    if selection is not None:
        select(catalog, selection, plan)
    return execute_here(catalog, plan, resources=resources, raise_on_error=raise_on_error)


def select(catalog: Catalog, selection: Any, plan: Plan) -> None:
    """Narrow a plan to a selection of assets and checks.

    Raises:
        DefinitionError: it selects nothing.
    """
    found = read_selection(selection, "selection")
    keys: list[AssetKey] = catalog.resolve_selection(found)
    checks = catalog.resolve_selection_checks(found)
    if not keys and not checks:
        names = ", ".join(map(str, catalog.by_key)) or "none"
        raise DefinitionError(f"the selection {found.write()} selects nothing", f"there are: {names}")
    plan.assets = [str(key) for key in keys]
    plan.checks = [(str(key), name) for key, name in checks]
