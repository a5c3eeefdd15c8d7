"""Steps: what a run executes, where the inputs of each come from and where its outputs go."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Mapping, Sequence

    from .._catalog import Dependency
    from .._computations import Computation
    from .._keys import AssetKey
    from .._policies import RetryPolicy
    from .._specs import AssetCheckSpec, AssetSpec

DEFAULT_IO_MANAGER = "io_manager"


class FromStep:
    """The value of another step's output."""

    def __init__(self, step: Step, output: str) -> None:
        self.step = step
        self.output = output


class FromAsset:
    """The value of an asset: made by `step` in this run, or stored before (`step` None)."""

    def __init__(self, dependency: Dependency, step: Step | None, output: str | None) -> None:
        self.dependency = dependency
        self.key = dependency.key
        self.step = step
        self.output = output


class FromSeveral:
    """A list of values."""

    def __init__(self, sources: Sequence[Any]) -> None:
        self.sources = list(sources)


class FromValue:
    """A value that is known: a default, or one that the configuration gives."""

    def __init__(self, value: Any) -> None:
        self.value = value


def iterate_sources(source: Any) -> Iterator[Any]:
    """The source itself, or those of a list."""
    if isinstance(source, FromSeveral):
        for inner in source.sources:
            yield from iterate_sources(inner)
    elif source is not None:
        yield source


class StepInput:
    """A parameter that receives a value; `annotation` is None where there is none to hold it against."""

    def __init__(
        self, source: Any, *, annotation: Any = None, metadata: Any = None, manager_key: str | None = None
    ) -> None:
        self.source = source
        self.annotation = annotation
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.manager_key = manager_key


class StepOutput:
    """Something that a step makes: a value, an asset or both. `spec` is the asset's, None where it is none."""

    def __init__(
        self,
        name: str,
        *,
        spec: AssetSpec | None = None,
        is_required: bool = True,
        manager_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        annotation: Any = None,
    ) -> None:
        self.name = name
        self.spec = spec
        self.key: AssetKey | None = None if spec is None else spec.key
        self.is_required = is_required
        self.manager_key = manager_key or DEFAULT_IO_MANAGER
        self.metadata = dict(metadata or {})
        self.annotation = annotation


class Step:
    """One call of a function.

    `needs` lists what must have come first, as (step, output), with output None for a step that only must succeed.
    `config` is what the function's config parameter and `context.op_config` get.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        computation: Computation,
        *,
        inputs: Mapping[str, StepInput],
        outputs: Sequence[StepOutput],
        checks: Sequence[AssetCheckSpec] = (),
        retry_policy: RetryPolicy | None = None,
        tags: Mapping[str, str] | None = None,
        hooks: Sequence[Any] = (),
        config_path: Sequence[str] = (),
        is_subset: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.computation = computation
        self.inputs = dict(inputs)
        self.outputs = {output.name: output for output in outputs}
        self.checks = {(spec.asset_key, spec.name): spec for spec in checks}
        self.retry_policy = retry_policy
        self.tags = dict(tags or {})
        self.hooks = list(hooks)
        self.config_path = list(config_path)
        self.is_subset = is_subset
        self.is_value_free = False  # made of specs: it returns no values, and may return nothing at all
        self.needs: list[tuple[Step, str | None]] = []
        self.gathers: list[Any] = []  # lists of values that it only waits for
        self.config: Any = None

    @property
    def asset_keys(self) -> list[AssetKey]:
        return [output.key for output in self.outputs.values() if output.key is not None]

    def describe(self) -> dict[str, Any]:
        """The step as JSON, for a plan that is only shown."""
        return {
            "name": self.name,
            "kind": self.kind,
            "computation": self.computation.name,
            "assets": [str(key) for key in self.asset_keys],
            "checks": [{"asset": str(key), "name": name} for key, name in self.checks],
            "outputs": list(self.outputs),
            "after": list(dict.fromkeys([*(step.name for step, _ in self.needs), *self._list_gathered()])),
            "stored": sorted({str(key) for key in self._list_stored()}),
            "tags": self.tags,
            "pool": self.computation.pool,
            "max_retries": 0 if self.retry_policy is None else self.retry_policy.max_retries,
        }

    def _list_gathered(self) -> list[str]:
        """The steps whose values it takes, or waits for, as a list."""
        gathers = [*(given.source for given in self.inputs.values()), *self.gathers]
        sources = [
            source for gather in gathers if isinstance(gather, FromSeveral) for source in iterate_sources(gather)
        ]
        return [source.step.name for source in sources if getattr(source, "step", None) is not None]

    def _list_stored(self) -> list[AssetKey]:
        """Assets whose stored values it loads."""
        sources = [source for given in self.inputs.values() for source in iterate_sources(given.source)]
        return [source.key for source in sources if isinstance(source, FromAsset) and source.step is None]

    def __repr__(self) -> str:
        return f"<Step {self.name}>"
