"""The loaded object with everything looked up once: what checks and descriptions work on."""

from __future__ import annotations

from ._assets import AssetsDefinition
from ._graphs import GraphDefinition, JobDefinition
from ._keys import AssetKey
from ._selection._graph import AssetGraph
from ._specs import AssetSpec
from ._values import keep_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from ._checks import AssetChecksDefinition
    from ._computations import Computation
    from ._definitions import Definitions, Given
    from ._jobs import Job, Target
    from ._ops import OpDefinition
    from ._partitions._base import PartitionMapping
    from ._selection import AssetSelection
    from ._specs import AssetCheckSpec


class Dependency:
    """An edge to an upstream asset; `argument` is the parameter that receives its value, if one does."""

    def __init__(
        self,
        key: AssetKey,
        argument: str | None,
        partition_mapping: PartitionMapping | None,
        metadata: dict[str, Any],
        input_manager_key: str | None,
    ) -> None:
        self.key = key
        self.argument = argument
        self.partition_mapping = partition_mapping
        self.metadata = metadata
        self.input_manager_key = input_manager_key


class Asset:
    """A declared asset: its spec, what makes it (None: external), its edges."""

    def __init__(self, spec: AssetSpec, made_by: AssetsDefinition | None) -> None:
        self.spec = spec
        self.key = spec.key
        self.made_by = made_by
        self.dependencies: list[Dependency] = []

    @property
    def computation(self) -> Any:
        return None if self.made_by is None else self.made_by.computation


class Check:
    """A declared check: its spec, and what makes it (an `AssetsDefinition` or `AssetChecksDefinition`)."""

    def __init__(self, spec: AssetCheckSpec, made_by: AssetsDefinition | AssetChecksDefinition) -> None:
        self.spec = spec
        self.made_by = made_by


class Catalog:
    """Everything a `Definitions` object holds, jobs and assets that only a schedule or sensor targets included."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.schedules = list(definitions.schedules)
        self.sensors = list(definitions.sensors)
        self.jobs = self._collect_jobs()
        self.asset_definitions = self._collect_assets()
        self.resource_values = {name: given[-1].value for name, given in definitions.resources.items()}
        self.assets: list[Asset] = []
        for item in self.asset_definitions:
            if isinstance(item, AssetsDefinition):
                self.assets += [Asset(spec, item) for spec in item.specs]
            else:
                self.assets.append(Asset(item, None))
        self.by_key: dict[AssetKey, Asset] = {}
        for asset in self.assets:
            self.by_key.setdefault(asset.key, asset)
        for asset in self.assets:
            asset.dependencies = list(self._find_dependencies(asset))
        self.checks = self._collect_checks()
        self._computations: list[Any] = []
        self.graph = self._make_graph()

    @property
    def ticks(self) -> list[Any]:
        """Schedules and sensors, which share their names."""
        return [*self.schedules, *self.sensors]

    def _iterate_targets(self) -> Iterator[Target]:
        for schedule in self.schedules:
            yield from schedule.targets
        for sensor in self.sensors:
            yield from sensor.targets

    def _collect_jobs(self) -> list[Job]:
        targeted = [target.job for target in self._iterate_targets() if target.job is not None]
        return keep_first([*self.definitions.jobs, *targeted])

    def _collect_assets(self) -> list[AssetsDefinition | AssetSpec]:
        targeted = [item for target in self._iterate_targets() for item in target.assets]
        return keep_first([*self.definitions.assets, *targeted])

    def _collect_checks(self) -> list[Check]:
        checks = []
        for item in self.asset_definitions:
            if isinstance(item, AssetsDefinition):
                checks += [Check(spec, item) for spec in item.check_specs]
        for definition in self.definitions.asset_checks:
            checks += [Check(spec, definition) for spec in definition.check_specs]
        return checks

    def get_input_names(self, computation: Any) -> list[str]:
        names: list[str] = computation.get_input_names(self.resource_values, _Texts(self.by_key))
        return names

    def get_resource_names(self, computation: Any) -> list[str]:
        names: list[str] = computation.get_resource_names(self.resource_values, _Texts(self.by_key))
        return names

    def get_roles(self, computation: Computation) -> Any:
        return computation.get_roles(self.resource_values, _Texts(self.by_key))

    def find_argument_dependencies(self, definition: Any, prefix: list[str]) -> list[Dependency]:
        """The edges that parameters make: by `ins=`, else by name, first under the asset's own key prefix."""
        found = []
        for name in self.get_input_names(definition.computation):
            declared = definition.ins.get(name)
            if declared is not None:
                key = (
                    definition.rename(declared.make_key(name))
                    if hasattr(definition, "rename")
                    else declared.make_key(name)
                )
                dependency = Dependency(
                    key, name, declared.partition_mapping, declared.metadata, declared.input_manager_key
                )
            else:
                dependency = Dependency(self._find_by_name(name, definition, prefix), name, None, {}, None)
            found.append(dependency)
        return found

    def _find_by_name(self, name: str, definition: Any, prefix: list[str]) -> AssetKey:
        key = AssetKey([name])
        if hasattr(definition, "rename"):
            key = definition.rename(key)
        if key not in self.by_key and prefix:
            beside = AssetKey([*prefix, name])
            if beside in self.by_key:
                return beside
        return key

    def _find_dependencies(self, asset: Asset) -> Iterator[Dependency]:
        deps = {dep.asset_key: dep for dep in asset.spec.deps}
        arguments = []
        if asset.made_by is not None:
            arguments = self.find_argument_dependencies(asset.made_by, asset.key.path[:-1])
        claimed = {dep.asset_key for spec in (asset.made_by.specs if asset.made_by else []) for dep in spec.deps}
        for dependency in arguments:
            dep = deps.pop(dependency.key, None)
            if dep is not None:
                dependency.partition_mapping = dependency.partition_mapping or dep.partition_mapping
                dependency.metadata = {**dep.metadata, **dependency.metadata}
                yield dependency
            elif len(asset.made_by.specs if asset.made_by else []) == 1 or dependency.key not in claimed:
                yield dependency
        for dep in deps.values():
            yield Dependency(dep.asset_key, None, dep.partition_mapping, dep.metadata, None)

    def _make_graph(self) -> AssetGraph:
        specs: dict[AssetKey, AssetSpec | None] = {key: asset.spec for key, asset in self.by_key.items()}
        upstream = {}
        for key, asset in self.by_key.items():
            upstream[key] = [dependency.key for dependency in asset.dependencies]
        for above in upstream.values():
            for key in above:
                specs.setdefault(key, None)
        for check in self.checks:
            specs.setdefault(check.spec.asset_key, None)
        made = {key for key, asset in self.by_key.items() if asset.made_by is not None}
        groups = {
            spec.key: item.keys
            for item in self.asset_definitions
            if isinstance(item, AssetsDefinition) and not getattr(item.computation, "can_subset", False)
            for spec in item.specs
        }
        checks = [(check.spec.asset_key, check.spec.name) for check in self.checks]
        return AssetGraph(specs, upstream, made, groups, checks)

    def resolve_selection(self, selection: AssetSelection) -> list[AssetKey]:
        """The keys to make, in order of declaration."""
        return self.graph.sort(key for key in selection.resolve(self.graph) if self.graph.is_materializable(key))

    def resolve_selection_checks(self, selection: AssetSelection) -> list[tuple[AssetKey, str]]:
        checks = selection.resolve_checks(self.graph)
        return [check for check in self.graph.checks if check in checks]

    def iterate_computations(self) -> Iterator[Computation | GraphDefinition | OpDefinition]:
        """Everything that computes, each once, in order of declaration; ops of a graph before the graph."""
        if not self._computations:
            self._computations = keep_first(self._iterate_all_computations())
        return iter(self._computations)

    def _iterate_all_computations(self) -> Iterator[Any]:
        for item in [*self.asset_definitions, *self.definitions.asset_checks]:
            if isinstance(item, AssetSpec):
                continue
            if isinstance(item.computation, GraphDefinition):
                yield from _iterate_graph(item.computation)
            yield item.computation
        for job in self.jobs:
            if isinstance(job, JobDefinition):
                yield from _iterate_graph(job.graph)
                if job.graph.type == "graph":
                    yield job.graph
        for tick in self.ticks:
            if tick.computation is not None:
                yield tick.computation

    def get_given(self, name: str) -> list[Given]:
        return self.definitions.resources.get(name, [])


def _iterate_graph(graph: GraphDefinition) -> Iterator[Any]:
    for node in graph.nodes:
        if isinstance(node.definition, GraphDefinition):
            yield from _iterate_graph(node.definition)
        yield node.definition


class _Texts:
    """Whether a key of this text is among the keys."""

    def __init__(self, keys: dict[AssetKey, Asset]) -> None:
        self._keys = keys

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.isidentifier() and AssetKey([name]) in self._keys
