"""The steps of assets and of checks."""

from __future__ import annotations

from .._describing._assets import mark_checked
from .._describing._computations import name_computations
from .._errors import DefinitionError
from .._graphs import GraphDefinition
from .._signatures import Parameter
from ._graphs import GraphSteps, Options
from ._steps import FromAsset, FromStep, Step, StepInput, StepOutput, iterate_sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping, Sequence

    from .._catalog import Catalog, Dependency
    from .._keys import AssetKey
    from .._specs import AssetSpec
    from ._planning import Unit

    CheckKey = tuple[AssetKey, str]


class AssetSteps:
    """Makes steps of definitions, and remembers which step makes which asset."""

    def __init__(self, catalog: Catalog, options: Options | None) -> None:
        self._catalog = catalog
        self._options = options or Options()
        self._names = name_computations(catalog)
        self._producers: dict[AssetKey, tuple[Step, str]] = {}
        self._check_steps: dict[CheckKey, Step] = {}
        self._taken: dict[str, int] = {}

    def make(self, unit: Unit, keys: Sequence[AssetKey], blockers: Mapping[AssetKey, Sequence[CheckKey]]) -> list[Step]:
        definition = unit.definition
        name = self._choose_name(definition.computation)
        if not unit.keys:
            steps = [self._make_check(unit, name)]
            checked = {key for key, _ in unit.checks}
        else:
            is_graph = isinstance(definition.computation, GraphDefinition)
            steps = self._make_graph(unit, name) if is_graph else [self._make_asset(unit, keys, name)]
            checked = set()
        above = [d.key for key in keys for d in self._catalog.by_key[key].dependencies] or [
            *(dependency.key for dependency in unit.dependencies),
            *checked,
        ]
        for step in steps:
            inputs = [source for given in step.inputs.values() for source in iterate_sources(given.source)]
            own = above if len(steps) == 1 else [source.key for source in inputs if isinstance(source, FromAsset)]
            self._connect(step, own, checked, blockers)
        for key in keys:
            if key not in self._producers:
                self._producers[key] = self._find_output(steps, key)
        return steps

    def _choose_name(self, computation: Any) -> str:
        name = self._names[id(computation)]
        count = self._taken[name] = self._taken.get(name, 0) + 1
        return name if count == 1 else f"{name}_{count}"

    def _find_output(self, steps: Iterable[Step], key: AssetKey) -> tuple[Step, str]:
        return next((step, out.name) for step in steps for out in step.outputs.values() if out.key == key)

    def _connect(
        self,
        step: Step,
        above: Iterable[AssetKey],
        checked: Iterable[AssetKey],
        blockers: Mapping[AssetKey, Sequence[CheckKey]],
    ) -> None:
        for key in dict.fromkeys(above):
            producer = self._producers.get(key)
            if producer is not None and producer[0] is not step:
                step.needs.append(producer)
            if key not in checked:
                step.needs += [(self._check_steps[c], None) for c in blockers.get(key, ()) if c in self._check_steps]

    def _find_arguments(self, definition: Any, keys: Sequence[AssetKey]) -> list[Dependency]:
        """The edges that parameters make, each with what `deps=` of any of the assets says of it."""
        arguments = self._catalog.find_argument_dependencies(definition, keys[0].path[:-1])
        known = {}
        for key in definition.keys:
            for dependency in self._catalog.by_key[key].dependencies:
                if dependency.argument is not None:
                    known[dependency.argument] = dependency
        return [known.get(str(dependency.argument), dependency) for dependency in arguments]

    def _make_inputs(self, computation: Any, arguments: Iterable[Dependency]) -> dict[str, StepInput]:
        annotations = {parameter.name: parameter.annotation for parameter in computation.signature.resolve()}
        inputs = {}
        for dependency in arguments:
            step, output = self._producers.get(dependency.key, (None, None))
            annotation = annotations.get(str(dependency.argument), Parameter)
            inputs[str(dependency.argument)] = StepInput(
                FromAsset(dependency, step, output),
                annotation=None if annotation is Parameter else annotation,
                metadata=dependency.metadata,
                manager_key=dependency.input_manager_key,
            )
        return inputs

    def _make_asset(self, unit: Unit, keys: Sequence[AssetKey], name: str) -> Step:
        definition = unit.definition
        computation = definition.computation
        outputs = [self._make_output(definition, spec) for spec in definition.specs if spec.key in keys]
        specs = [spec for spec in definition.check_specs if (spec.asset_key, spec.name) in unit.checks]
        step = Step(
            name,
            "asset",
            computation,
            inputs=self._make_inputs(computation, self._find_arguments(definition, keys)),
            outputs=outputs,
            checks=[spec for spec in specs if spec.asset_key in keys],
            retry_policy=computation.retry_policy or self._options.retry_policy,
            tags=computation.tags,
            hooks=self._options.hooks,
            config_path=["ops", self._names[id(computation)]],
            is_subset=len(keys) < len(definition.keys) or len(specs) < len(definition.check_specs),
        )
        step.is_value_free = computation.type == "multi_asset" and not definition.output_names
        return step

    def _make_output(self, definition: Any, spec: AssetSpec) -> StepOutput:
        computation = definition.computation
        default = "result" if computation.type == "asset" else spec.key.to_python_identifier()
        computation.signature.resolve()
        returns = computation.signature.returns
        return StepOutput(
            definition.output_names.get(spec.key, default),
            spec=spec,
            is_required=not spec.skippable,
            manager_key=definition.io_manager_keys.get(spec.key),
            metadata=spec.metadata,
            annotation=returns if computation.type == "asset" and returns is not Parameter else None,
        )

    def _make_graph(self, unit: Unit, name: str) -> list[Step]:
        definition = unit.definition
        graph, spec = definition.computation, definition.specs[0]
        arguments = self._find_arguments(definition, [spec.key])
        sources = {given: value.source for given, value in self._make_inputs(graph, arguments).items()}
        path = ["ops", self._names[id(graph)]]
        maker = GraphSteps(self._catalog, self._options)
        outputs = maker.expand(graph, f"{name}.", path, sources)
        result = outputs["result"]
        if not isinstance(result, FromStep):
            raise DefinitionError(f"{graph.what} returns what it was given, and makes nothing")
        last = result.step.outputs[result.output]
        last.spec, last.key = spec, spec.key
        last.metadata = {**last.metadata, **spec.metadata}
        checks = [check for check in definition.check_specs if (check.asset_key, check.name) in unit.checks]
        result.step.checks = {(check.asset_key, check.name): check for check in checks}
        return maker.steps

    def find_check_dependencies(self, definition: Any, checks: Sequence[CheckKey]) -> list[Dependency]:
        """The edges of the function of some checks: by parameter, and `additional_deps`."""
        dependencies = self._find_check_arguments(definition)
        from .._catalog import Dependency

        for spec in definition.check_specs:
            if (spec.asset_key, spec.name) in checks:
                dependencies += [
                    Dependency(dep.asset_key, None, dep.partition_mapping, dep.metadata, None)
                    for dep in spec.additional_deps
                ]
        return dependencies

    def _find_check_arguments(self, definition: Any) -> list[Dependency]:
        check = next(check for check in self._catalog.checks if check.made_by is definition)
        arguments = self._catalog.find_argument_dependencies(definition, check.spec.asset_key.path[:-1])
        return mark_checked(check, arguments)

    def _make_check(self, unit: Unit, name: str) -> Step:
        definition = unit.definition
        computation = definition.computation
        specs = [spec for spec in definition.check_specs if (spec.asset_key, spec.name) in unit.checks]
        step = Step(
            name,
            "check",
            computation,
            inputs=self._make_inputs(computation, self._find_check_arguments(definition)),
            outputs=[],
            checks=specs,
            retry_policy=computation.retry_policy or self._options.retry_policy,
            tags=computation.tags,
            hooks=self._options.hooks,
            config_path=["ops", self._names[id(computation)]],
            is_subset=len(specs) < len(definition.check_specs),
        )
        self._check_steps.update({(spec.asset_key, spec.name): step for spec in specs})
        return step
