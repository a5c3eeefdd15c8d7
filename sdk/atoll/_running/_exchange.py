"""Values between steps: stored and loaded by IO managers, and held against annotations."""

from __future__ import annotations

from .._annotations import find_mismatch, strip_annotation
from .._arguments import show
from .._failures import ExecutionError
from .._io_contexts import InputContext, OutputContext
from .._partitions._keys import make_key
from .._partitions._resolving import Resolver
from ._steps import DEFAULT_IO_MANAGER, FromAsset, FromSeveral, FromStep, FromValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Mapping

    from .._catalog import Catalog
    from .._contexts import RunInfo
    from ._plan import Plan
    from ._steps import Step, StepInput, StepOutput


class Exchange:
    """Stores and loads the values of one run. `produced` has (step name, output name) of what there is in this run."""

    def __init__(
        self, plan: Plan, catalog: Catalog, run: RunInfo, resources: Mapping[str, Any], make_log: Callable[[str], Any]
    ) -> None:
        self._plan = plan
        self._catalog = catalog
        self._run = run
        self._resources = resources
        self._make_log = make_log
        self._resolver = Resolver(plan.dynamic_partitions)
        self._executed: set[str] = set()
        self.produced: set[tuple[str, str]] = set()

    def expect(self, steps: list[Step], earlier: Mapping[str, Any]) -> None:
        """The steps that this run executes, here or `earlier` in another process; others are of another run."""
        self._executed = {step.name for step in steps}.union(earlier)
        self.produced.update((name, output) for name, what in earlier.items() for output in what.get("outputs", ()))

    def get_partitions(self, key: Any) -> Any:
        """The partitions of an asset, of this location or another; None where it has none."""
        asset = self._catalog.by_key.get(key)
        if asset is not None:
            return asset.spec.partitions_def
        described = self._plan.external_assets.get(str(key)) or {}
        if described.get("partitions") is None:
            return None
        from .._partitions._reading import read_partitions

        return read_partitions(described["partitions"])

    def list_keys(self, partitions: Any) -> list[str]:
        """The run's partition keys as an asset with these partitions gets them."""
        return [] if partitions is None else [make_key(partitions, key) for key in self._plan.partition_keys]

    # --- storing ---

    def store(self, step: Step, output: StepOutput, value: Any, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Store a value; the metadata that its IO manager adds."""
        context = self._make_output(step, output)
        context._output_metadata = dict(metadata)  # noqa: SLF001 -- ours
        manager = self._get_manager(output.manager_key, "handle_output")
        manager.handle_output(context, value)
        self.produced.add((step.name, output.name))
        return dict(context.get_logged_metadata())

    def _get_manager(self, key: str, method: str) -> Any:
        manager = self._resources.get(key)
        if manager is None or not hasattr(manager, method):
            raise ExecutionError(f"'{key}' is no IO manager: {show(manager)} has no {method}", None, "invalid_resource")
        return manager

    def _make_output(self, step: Step, output: StepOutput, run_id: str | None = None) -> OutputContext:
        context = OutputContext(output.key, None, output.metadata, output.name)
        partitions = None if output.spec is None else output.spec.partitions_def
        context.partition_keys_given = self.list_keys(partitions)
        self._fill(context, step.name, partitions, run_id)
        context._type = output.annotation  # noqa: SLF001 -- ours
        return context

    def _fill(self, context: Any, step: str | None, partitions: Any, run_id: str | None = None) -> None:
        context._run_id = run_id or self._run.run_id  # noqa: SLF001 -- ours, as are the next
        context._step = step  # noqa: SLF001 -- as above
        context._partitions_def = partitions  # noqa: SLF001 -- as above
        context._resources._replace(self._resources)  # noqa: SLF001 -- as above
        context._make_log = lambda: self._make_log(step or "")  # noqa: SLF001 -- as above
        context._run_keys = self._plan.partition_keys  # noqa: SLF001 -- as above
        context._job_name = self._run.job_name  # noqa: SLF001 -- as above

    # --- loading ---

    def load(self, step: Step, name: str, given: StepInput) -> tuple[Any, list[str]]:
        """The value of an input, and the upstream partitions that it has."""
        value, keys = self._load(step, name, given, given.source)
        check_type(value, given.annotation, f"input '{name}'", "invalid_input")
        return value, keys

    def _load(self, step: Step, name: str, given: StepInput, source: Any) -> tuple[Any, list[str]]:
        if isinstance(source, FromValue):
            return source.value, []
        if isinstance(source, FromSeveral):
            sources = [s for s in source.sources if not isinstance(s, FromStep) or self.is_there(s)]
            return [self._load(step, name, given, inner)[0] for inner in sources], []
        if isinstance(source, FromStep):
            return self._load_step(step, name, given, source), []
        return self._load_asset(step, name, given, source)

    def is_there(self, source: FromStep) -> bool:
        return source.step.name not in self._executed or (source.step.name, source.output) in self.produced

    def _load_step(self, step: Step, name: str, given: StepInput, source: FromStep) -> Any:
        output = source.step.outputs[source.output]
        run_id = self._plan.values_from.get(source.step.name)
        upstream = self._make_output(source.step, output, None if source.step.name in self._executed else run_id)
        context = InputContext(output.key, None, given.metadata, name, upstream)
        context.partition_keys_given = list(upstream.partition_keys_given)
        self._fill(context, step.name, upstream._partitions_def)  # noqa: SLF001 -- ours
        context._type = given.annotation  # noqa: SLF001 -- ours
        return self._get_manager(given.manager_key or output.manager_key, "load_input").load_input(context)

    def _load_asset(self, step: Step, name: str, given: StepInput, source: FromAsset) -> tuple[Any, list[str]]:
        key = source.key
        asset = None if key is None else self._catalog.by_key.get(key)
        partitions = None if key is None else self.get_partitions(key)
        keys = [] if partitions is None else self._find_upstream_keys(step, source, partitions)
        upstream = OutputContext(key, None, {} if asset is None else asset.spec.metadata, source.output or "result")
        context = InputContext(key, None, given.metadata, name, upstream)
        for each in (upstream, context):
            each.partition_keys_given = list(keys)
        self._fill(upstream, None if source.step is None else source.step.name, partitions)
        self._fill(context, step.name, partitions)
        context._type = given.annotation  # noqa: SLF001 -- ours
        manager_key = given.manager_key or self._find_manager_key(source)
        return self._get_manager(manager_key, "load_input").load_input(context), keys

    def _find_manager_key(self, source: FromAsset) -> str:
        return find_manager_key(self._catalog, source)

    def _find_upstream_keys(self, step: Step, source: FromAsset, partitions: Any) -> list[str]:
        own = next((o.spec.partitions_def for o in step.outputs.values() if o.spec and o.spec.partitions_def), None)
        if own is None and step.checks:
            own = next(filter(None, (self.get_partitions(key) for key, _ in step.checks)), None)
        keys = self._plan.partition_keys if own is not None else []
        mapping = source.dependency.partition_mapping
        found = self._resolver.resolve(mapping, partitions, own, keys)
        return [make_key(partitions, key) for key in found]


def find_manager_key(catalog: Catalog, source: FromAsset) -> str:
    """The IO manager that stores an asset: its own, where it is one of this location."""
    if source.step is not None and source.output is not None:
        return source.step.outputs[source.output].manager_key
    asset = catalog.by_key.get(source.key)
    if asset is None or asset.made_by is None:
        return DEFAULT_IO_MANAGER
    return asset.made_by.io_manager_keys.get(source.key) or DEFAULT_IO_MANAGER


def check_type(value: Any, annotation: Any, what: str, kind: str) -> None:
    """Hold a value against its annotation.

    Raises:
        ExecutionError: it does not fit.
    """
    if annotation is None:
        return
    annotation, _ = strip_annotation(annotation)
    if isinstance(value, bool) and annotation in (int, float):
        return
    expected = find_mismatch(value, annotation)
    if expected is not None:
        raise ExecutionError(f"{what} must be {expected}, not {show(value)} ({type(value).__name__})", None, kind)
