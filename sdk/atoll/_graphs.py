"""`@graph`, `@job` and `@graph_asset`."""

from __future__ import annotations

from ._arguments import (
    check_mapping,
    check_name,
    check_run_tags,
    check_text,
    check_type,
    refuse_unknown,
    show,
)
from ._assets import AssetsDefinition, choose_key, read_argument_ins, read_check_specs
from ._composition import Handle, Invocable, compose
from ._computations import check_retry_policy, choose_name, read_docstring
from ._config import read_run_config
from ._errors import DefinitionError
from ._execution import check_executor, check_loggers, read_hooks
from ._partitions._base import check_partitions
from ._signatures import Signature
from ._sources import find_caller, find_function
from ._specs import AssetSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Container, Iterable, Iterator, Mapping, Sequence, overload

    from ._composition import Node
    from ._config import RunConfig
    from ._execution import ExecutorDefinition, LoggerDefinition
    from ._hooks import HookDefinition
    from ._keys import CoercibleToAssetKey
    from ._ops import OpDefinition
    from ._partitions._base import PartitionsDefinition
    from ._policies import RetryPolicy
    from ._running._results import ExecuteInProcessResult
    from ._specs import AssetCheckSpec, AssetIn


class GraphDefinition(Invocable):
    """Ops and how they feed one another. Made by `@graph`, and inside `@job` and `@graph_asset`."""

    def __init__(self, type: str, name: str, function: Callable[..., Any], **options: Any) -> None:  # noqa: A002 -- the field's own word
        self.type = type
        self.name = name
        self._what = f"{type} '{name}'"
        self.function = function
        self.signature = Signature(function, self._what)
        self.description = check_text(options.get("description"), f"{self._what}: description")
        self.description = self.description or read_docstring(function)
        self.tags = check_run_tags(options.get("tags"), f"{self._what}: tags")
        self.source = find_function(function)
        self.declared_in = find_caller()
        composition, returned = compose(function, self._what, self.input_names)
        self.nodes: list[Node] = composition.nodes
        self.outputs: dict[str, Handle] = _read_outputs(returned, self._what)

    @property
    def what(self) -> str:
        return self._what

    @property
    def input_names(self) -> list[str]:
        return self.signature.names

    @property
    def output_names(self) -> list[str]:
        return list(self.outputs)

    def call(self, positional: Any, named: Mapping[str, Any]) -> Any:
        return self.function(*positional, **named)

    def get_input_names(self, _resources: Mapping[str, Any], _keys: Container[str] = ()) -> list[str]:
        return self.input_names

    def iterate_ops(self) -> Iterator[OpDefinition]:
        """The ops in it and in the graphs in it."""
        for node in self.nodes:
            if isinstance(node.definition, GraphDefinition):
                yield from node.definition.iterate_ops()
            else:
                yield node.definition

    def get_resource_names(self, resources: Mapping[str, Any], keys: Container[str] = ()) -> list[str]:
        names: list[str] = []
        for step in self.iterate_ops():
            names += [n for n in step.computation.get_resource_names(resources, keys) if n not in names]
        return names

    @refuse_unknown
    def to_job(
        self,
        *,
        name: str | None = None,
        description: str | None = None,
        resource_defs: Mapping[str, Any] | None = None,
        config: RunConfig | Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        run_tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        logger_defs: Mapping[str, LoggerDefinition] | None = None,
        executor_def: ExecutorDefinition | None = None,
        op_retry_policy: RetryPolicy | None = None,
        partitions_def: PartitionsDefinition | None = None,
        hooks: Iterable[HookDefinition] | None = None,
    ) -> JobDefinition:
        """A job that runs the graph."""
        return JobDefinition(
            self,
            name=name,
            description=description,
            resource_defs=resource_defs,
            config=config,
            tags=tags,
            run_tags=run_tags,
            metadata=metadata,
            logger_defs=logger_defs,
            executor_def=executor_def,
            op_retry_policy=op_retry_policy,
            partitions_def=partitions_def,
            hooks=hooks,
        )

    def execute_in_process(
        self, *, resources: Mapping[str, Any] | None = None, **options: Any
    ) -> ExecuteInProcessResult:
        """Execute the graph in this process: see `ResolvedJob.execute_in_process`; `input_values` are its inputs."""
        from ._running._jobs import resolve_graph

        return resolve_graph(self, resources).execute_in_process(**options)

    def __repr__(self) -> str:
        return f"<GraphDefinition {self.name}>"


def _read_outputs(returned: Any, what: str) -> dict[str, Handle]:
    if returned is None:
        return {}
    if isinstance(returned, Handle):
        return {"result": returned}
    outputs: Any = returned if isinstance(returned, dict) else getattr(returned, "_asdict", lambda: None)()
    if not isinstance(outputs, dict) or not all(isinstance(value, Handle) for value in outputs.values()):
        hint = "return the output of an op, or a dict of outputs by name"
        raise DefinitionError(f"{what} returns {show(returned)}", hint)
    return outputs


class JobDefinition:
    """Ops to run together. Made by `@job` and `graph.to_job`."""

    def __init__(self, graph: GraphDefinition, **options: Any) -> None:
        name = options["name"] if options["name"] is not None else graph.name
        what = f"job {show(name)}"
        self.graph = graph
        self.name = check_name(name, "job: name")
        self.description = check_text(options["description"], f"{what}: description") or graph.description
        self.resource_defs = check_mapping(options["resource_defs"], f"{what}: resource_defs")
        self.config = read_run_config(options["config"], f"{what}: config")
        self.tags = {**graph.tags, **check_run_tags(options["tags"], f"{what}: tags")}
        self.run_tags = check_run_tags(options["run_tags"], f"{what}: run_tags")
        self.metadata = check_mapping(options["metadata"], f"{what}: metadata")
        self.logger_defs = check_loggers(options["logger_defs"], f"{what}: logger_defs")
        self.executor_def = check_executor(options["executor_def"], f"{what}: executor_def")
        self.op_retry_policy = check_retry_policy(options["op_retry_policy"], f"{what}: op_retry_policy")
        self.partitions_def = check_partitions(options["partitions_def"], f"{what}: partitions_def")
        self.hooks = read_hooks(options.get("hooks"), f"{what}: hooks")
        self.source = graph.source if graph.type == "job" else find_caller()

    def execute_in_process(self, **options: Any) -> ExecuteInProcessResult:
        """Execute the job in this process, with its own resources: see `ResolvedJob.execute_in_process`."""
        from ._running._jobs import resolve_alone

        return resolve_alone(self).execute_in_process(**options)

    def __repr__(self) -> str:
        return f"<JobDefinition {self.name}>"


if TYPE_CHECKING:

    @overload
    def graph(function: Callable[..., Any]) -> GraphDefinition: ...

    @overload
    def graph(
        *, name: str | None = None, description: str | None = None, tags: Mapping[str, str] | None = None
    ) -> Callable[[Callable[..., Any]], GraphDefinition]: ...


@refuse_unknown
def graph(
    function: Any = None,
    *,
    name: str | None = None,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Any:
    """Declare ops that feed one another, to be used in jobs and other graphs.

    Raises:
        DefinitionError: an argument has the wrong shape, or the body does not compose.
    """

    def declare(function: Callable[..., Any]) -> GraphDefinition:
        label = choose_name(name, function, "graph")
        return GraphDefinition("graph", label, function, description=description, tags=tags)

    return declare if function is None else declare(function)


if TYPE_CHECKING:

    @overload
    def job(function: Callable[..., Any]) -> JobDefinition: ...

    @overload
    def job(
        *,
        name: str | None = None,
        description: str | None = None,
        resource_defs: Mapping[str, Any] | None = None,
        config: RunConfig | Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        run_tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        logger_defs: Mapping[str, LoggerDefinition] | None = None,
        executor_def: ExecutorDefinition | None = None,
        op_retry_policy: RetryPolicy | None = None,
        partitions_def: PartitionsDefinition | None = None,
        hooks: Iterable[HookDefinition] | None = None,
    ) -> Callable[[Callable[..., Any]], JobDefinition]: ...


@refuse_unknown
def job(
    function: Any = None,
    *,
    name: str | None = None,
    description: str | None = None,
    resource_defs: Mapping[str, Any] | None = None,
    config: RunConfig | Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    run_tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    logger_defs: Mapping[str, LoggerDefinition] | None = None,
    executor_def: ExecutorDefinition | None = None,
    op_retry_policy: RetryPolicy | None = None,
    partitions_def: PartitionsDefinition | None = None,
    hooks: Iterable[HookDefinition] | None = None,
) -> Any:
    """Declare ops that feed one another as a job.

    Raises:
        DefinitionError: an argument has the wrong shape, or the body does not compose.
    """

    def declare(function: Callable[..., Any]) -> JobDefinition:
        label = choose_name(name, function, "job")
        body = GraphDefinition("job", label, function)
        if body.input_names:
            raise DefinitionError(f"job '{label}' takes parameters", "a job has none; give values by config")
        return body.to_job(
            name=label,
            description=description,
            resource_defs=resource_defs,
            config=config,
            tags=tags,
            run_tags=run_tags,
            metadata=metadata,
            logger_defs=logger_defs,
            executor_def=executor_def,
            op_retry_policy=op_retry_policy,
            partitions_def=partitions_def,
            hooks=hooks,
        )

    return declare if function is None else declare(function)


if TYPE_CHECKING:

    @overload
    def graph_asset(function: Callable[..., Any]) -> AssetsDefinition: ...

    @overload
    def graph_asset(
        *,
        name: str | None = None,
        description: str | None = None,
        ins: Mapping[str, AssetIn | CoercibleToAssetKey] | None = None,
        key_prefix: str | Sequence[str] | None = None,
        group_name: str | None = None,
        partitions_def: PartitionsDefinition | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        owners: Sequence[str] | None = None,
        kinds: Iterable[str] | None = None,
        key: CoercibleToAssetKey | None = None,
        check_specs: Sequence[AssetCheckSpec] | None = None,
        code_version: str | None = None,
    ) -> Callable[[Callable[..., Any]], AssetsDefinition]: ...


@refuse_unknown
def graph_asset(
    function: Any = None,
    *,
    name: str | None = None,
    description: str | None = None,
    ins: Mapping[str, AssetIn | CoercibleToAssetKey] | None = None,
    key_prefix: str | Sequence[str] | None = None,
    group_name: str | None = None,
    partitions_def: PartitionsDefinition | None = None,
    metadata: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    owners: Sequence[str] | None = None,
    kinds: Iterable[str] | None = None,
    key: CoercibleToAssetKey | None = None,
    check_specs: Sequence[AssetCheckSpec] | None = None,
    code_version: str | None = None,
) -> Any:
    """Declare an asset that is made by a graph of ops; parameters are upstream assets.

    Raises:
        DefinitionError: an argument has the wrong shape, or the body does not compose.
    """

    def declare(function: Callable[..., Any]) -> AssetsDefinition:
        spec_key = choose_key(function, name, key_prefix, key)
        body = GraphDefinition("graph_asset", spec_key.to_python_identifier(), function)
        check_type(body.outputs.get("result"), Handle, f"{body.what}: what its body returns", "the output of an op")
        spec = AssetSpec(
            spec_key,
            description=description if description is not None else body.description,
            metadata=metadata,
            group_name=group_name,
            code_version=code_version,
            owners=owners,
            tags=tags,
            kinds=kinds,
            partitions_def=partitions_def,
        )
        spec.source = body.source
        what = f"asset '{spec_key}'"
        return AssetsDefinition(
            body,
            [spec],
            ins=read_argument_ins(body, ins, what),
            check_specs=read_check_specs(check_specs, what),
        )

    return declare if function is None else declare(function)
