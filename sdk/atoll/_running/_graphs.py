"""The steps of graphs: of jobs made of ops, and of assets that a graph makes."""

from __future__ import annotations

from .._catalog import Dependency
from .._errors import DefinitionError
from .._graphs import GraphDefinition
from .._ops import Nothing
from .._signatures import Parameter
from ._steps import FromAsset, FromSeveral, FromStep, FromValue, Step, StepInput, StepOutput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Mapping, Sequence

    from .._catalog import Catalog
    from .._composition import Node
    from .._graphs import JobDefinition
    from .._ops import OpDefinition
    from .._policies import RetryPolicy


class Options:
    """What a job gives to all of its steps; `config` is the run's configuration, for inputs that it has."""

    def __init__(
        self,
        retry_policy: RetryPolicy | None = None,
        hooks: Sequence[Any] = (),
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self.retry_policy = retry_policy
        self.hooks = list(hooks)
        self.config = config or {}


def plan_job(catalog: Catalog | None, job: JobDefinition, options: Options, inputs: Mapping[str, Any]) -> list[Step]:
    """The steps of a job made of ops; `inputs` are the values of the graph's own inputs."""
    maker = GraphSteps(catalog, options)
    maker.expand(job.graph, "", [], {name: FromValue(value) for name, value in inputs.items()})
    return maker.steps


class GraphSteps:
    """Makes the steps of a graph and of the graphs in it, in the order in which its body called them."""

    def __init__(self, catalog: Catalog | None, options: Options) -> None:
        self._catalog = catalog
        self._options = options
        self.steps: list[Step] = []

    def expand(
        self,
        graph: GraphDefinition,
        prefix: str,
        path: list[str],
        inputs: Mapping[str, Any],
        inherited: tuple[RetryPolicy | None, Sequence[Any]] = (None, ()),
    ) -> dict[str, Any]:
        """Make the steps; where the values of the graph's outputs come from, by name."""
        made: dict[tuple[int, str], Any] = {}

        def find(handle: Any) -> Any:
            return inputs.get(handle.output) if handle.node is None else made[id(handle.node), handle.output]

        for node in graph.nodes:
            sources: dict[str, Any] = {}
            for name, handles in node.inputs.items():
                found = [source for source in map(find, handles) if source is not None]
                if name in node.fans_in:
                    sources[name] = FromSeveral(found)
                elif found:
                    sources[name] = found[0]
            below = [*path, "ops", node.name]
            hooks = [*inherited[1], *getattr(node, "hooks", ())]
            if isinstance(node.definition, GraphDefinition):
                policy = node.retry_policy or inherited[0]
                outputs = self.expand(node.definition, f"{prefix}{node.name}.", below, sources, (policy, hooks))
            else:
                step = self._make_step(node, prefix, below, sources, (inherited[0], hooks))
                self.steps.append(step)
                outputs = {name: FromStep(step, name) for name in step.outputs}
            made.update({(id(node), name): source for name, source in outputs.items()})
        return {name: source for name, source in ((n, find(h)) for n, h in graph.outputs.items()) if source is not None}

    def _make_step(
        self,
        node: Node,
        prefix: str,
        path: list[str],
        sources: dict[str, Any],
        inherited: tuple[RetryPolicy | None, Sequence[Any]],
    ) -> Step:
        op: OpDefinition = node.definition
        computation = op.computation
        inputs, waits = self._make_inputs(op, path, sources, f"{prefix}{node.name}")
        computation.signature.resolve()
        returns = computation.signature.returns
        outputs = [
            StepOutput(
                name,
                is_required=out.is_required,
                manager_key=out.io_manager_key,
                metadata=out.metadata,
                annotation=out.type if out.type is not None else (returns if len(op.outs) == 1 else None),
            )
            for name, out in op.outs.items()
        ]
        for output in outputs:
            output.annotation = None if output.annotation is Parameter else output.annotation
        step = Step(
            f"{prefix}{node.name}",
            "op",
            computation,
            inputs=inputs,
            outputs=outputs,
            retry_policy=node.retry_policy or computation.retry_policy or inherited[0] or self._options.retry_policy,
            tags={**computation.tags, **node.tags},
            hooks=[*self._options.hooks, *inherited[1]],
            config_path=path,
        )
        step.gathers = [wait for wait in waits if isinstance(wait, FromSeveral)]
        for source in [*(given.source for given in inputs.values()), *waits]:
            step.needs += list(iterate_needs(source))
        return step

    def _make_inputs(
        self, op: OpDefinition, path: list[str], sources: dict[str, Any], name: str
    ) -> tuple[dict[str, StepInput], list[Any]]:
        parameters = {parameter.name: parameter for parameter in op.computation.signature.resolve()}
        configured = self._find_configured(path)
        inputs: dict[str, StepInput] = {}
        waits = []
        for given in op.input_names:
            declared = op.ins.get(given)
            parameter = parameters.get(given)
            source = sources.get(given)
            if declared is not None and declared.type is Nothing:
                waits.append(source)
                continue
            if source is None and given in configured:
                value = configured[given]
                source = FromValue(value["value"] if isinstance(value, dict) and set(value) == {"value"} else value)
            if source is None and declared is not None and (declared.asset_key or declared.input_manager_key):
                dependency = Dependency(declared.asset_key, given, None, {}, declared.input_manager_key)  # type: ignore[arg-type]  # an input manager may load what is no asset
                source = FromAsset(dependency, None, None)
            if source is None and declared is not None and declared.has_default:
                source = FromValue(declared.default)
            if source is None and parameter is not None and parameter.has_default:
                continue
            if source is None:
                raise DefinitionError(f"nothing gives '{name}' its input '{given}'", "connect it, or configure it")
            annotation = None if declared is None else declared.type
            if annotation is None and parameter is not None and parameter.annotation is not Parameter:
                annotation = parameter.annotation
            inputs[given] = StepInput(
                source,
                annotation=annotation,
                metadata={} if declared is None else declared.metadata,
                manager_key=None if declared is None else declared.input_manager_key,
            )
        return inputs, [wait for wait in waits if wait is not None]

    def _find_configured(self, path: list[str]) -> dict[str, Any]:
        section: Any = self._options.config
        for part in [*path, "inputs"]:
            section = section.get(part) if isinstance(section, dict) else None
        return section if isinstance(section, dict) else {}


def iterate_needs(source: Any) -> Iterator[tuple[Step, str | None]]:
    """What must have come before a value can be loaded; lists of values are looked at when the run comes to them."""
    if isinstance(source, FromStep) or (isinstance(source, FromAsset) and source.step is not None):
        yield source.step, source.output  # type: ignore[misc]  # beside a step there is its output
