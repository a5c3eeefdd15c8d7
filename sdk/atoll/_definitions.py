"""`Definitions`: everything that one code location holds."""

from __future__ import annotations

from ._arguments import check_function, check_list, check_mapping, check_name, check_type, refuse_unknown, show
from ._assets import AssetsDefinition
from ._errors import DefinitionError
from ._execution import check_executor, check_loggers
from ._sources import find_caller, find_function, find_owner
from ._values import keep_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Mapping

    from ._checks import AssetChecksDefinition
    from ._execution import ExecutorDefinition, LoggerDefinition
    from ._jobs import Job
    from ._running._jobs import ResolvedJob
    from ._schedules import ScheduleDefinition
    from ._sensors import SensorDefinition
    from ._sources import Source
    from ._specs import AssetSpec

# The classes that each argument takes, by name, so that an unused one is not imported.
_KINDS = {
    "assets": (("AssetsDefinition", "AssetSpec"), "assets and asset specs"),
    "asset_checks": (("AssetChecksDefinition",), "asset checks"),
    "jobs": (("JobDefinition", "AssetJobDefinition"), "jobs"),
    "schedules": (("ScheduleDefinition",), "schedules"),
    "sensors": (("SensorDefinition",), "sensors"),
}
_PLACES = {name: argument for argument, (names, _) in _KINDS.items() for name in names}


class Given:
    """A named value (resource, logger) or setting with where it was handed in."""

    def __init__(self, value: Any, source: Source) -> None:
        self.value = value
        self.source = source


class Definitions:
    """What a code location holds. Only shapes are checked here; how definitions relate, when the location is loaded.

    Raises:
        DefinitionError: an argument holds something of another kind.
    """

    @refuse_unknown
    def __init__(  # noqa: PLR0917 -- users know the order
        self,
        assets: Iterable[AssetsDefinition | AssetSpec] | None = None,
        schedules: Iterable[ScheduleDefinition] | None = None,
        sensors: Iterable[SensorDefinition] | None = None,
        jobs: Iterable[Job] | None = None,
        resources: Mapping[str, Any] | None = None,
        executor: ExecutorDefinition | None = None,
        loggers: Mapping[str, LoggerDefinition] | None = None,
        asset_checks: Iterable[AssetChecksDefinition] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.source = find_caller()
        self.owner = find_owner()
        self.operands: list[Definitions | LazyDefinitions] = []
        self.assets: list[AssetsDefinition | AssetSpec] = _read_all(assets, "assets")
        self.asset_checks: list[AssetChecksDefinition] = _read_all(asset_checks, "asset_checks")
        self.jobs: list[Job] = _read_all(jobs, "jobs")
        self.schedules: list[ScheduleDefinition] = _read_all(schedules, "schedules")
        self.sensors: list[SensorDefinition] = _read_all(sensors, "sensors")
        _refuse_classes(resources)
        self.resources = {
            check_name(name, "Definitions: resource name"): [Given(value, self.source)]
            for name, value in check_mapping(resources, "Definitions: resources").items()
        }
        self.loggers = {
            name: [Given(value, self.source)] for name, value in check_loggers(loggers, "Definitions: loggers").items()
        }
        checked = check_executor(executor, "Definitions: executor")
        self.executors = [] if checked is None else [Given(checked, self.source)]
        self.metadata = {
            name: [Given(value, self.source)]
            for name, value in check_mapping(metadata, "Definitions: metadata").items()
        }

    @classmethod
    def merge(cls, *def_sets: Definitions | LazyDefinitions) -> Definitions:
        """One object with what all of these hold. What contradicts is reported when the result is loaded."""
        merged = cls()
        resolved = [resolve_definitions(operand) for operand in def_sets]
        merged.operands = [*def_sets, *(operand for operand in resolved if operand not in def_sets)]
        for operand in resolved:
            for name in ("assets", "asset_checks", "jobs", "schedules", "sensors"):
                setattr(merged, name, keep_first([*getattr(merged, name), *getattr(operand, name)]))
            for name in ("resources", "loggers", "metadata"):
                for key, given in getattr(operand, name).items():
                    getattr(merged, name).setdefault(key, []).extend(given)
            merged.executors = merged.executors + operand.executors
        return merged

    @staticmethod
    def validate_loadable(defs: Definitions) -> None:
        """Check how the definitions relate, as loading does; for a unit test.

        Raises:
            DefinitionError: they do not fit together; the message has every problem on a line of its own.
        """
        from ._catalog import Catalog
        from ._checking import find_problems

        problems = find_problems(Catalog(resolve_definitions(defs)))
        if problems:
            raise DefinitionError("\n".join(f"{p['file']}:{p['line']}: {p['message']}" for p in problems))

    def get_job_def(self, name: str) -> ResolvedJob:
        """The job of this name, to be executed in this process.

        Raises:
            DefinitionError: there is none, or the definitions do not fit together.
        """
        from ._running._jobs import resolve_job

        return resolve_job(self, name)

    resolve_job_def = get_job_def

    def get_implicit_global_asset_job_def(self) -> ResolvedJob:
        """A job that makes every asset, with their checks."""
        from ._running._jobs import resolve_everything

        return resolve_everything(self)

    resolve_implicit_global_asset_job_def = get_implicit_global_asset_job_def

    def map_asset_specs(self, *, func: Callable[[AssetSpec], AssetSpec]) -> Definitions:
        """A copy with each asset's spec replaced by what `func` makes of it."""
        copy = type(self).merge(self)
        copy.assets = map_asset_specs(func, self.assets)
        return copy

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(getattr(self, name))} {name}" for name in _KINDS if getattr(self, name))
        return f"<Definitions {counts or 'of nothing'}>"


class LazyDefinitions:
    """A function that returns `Definitions`, called when the location is loaded. Made by `@definitions`."""

    def __init__(self, function: Callable[[], Definitions]) -> None:
        self.function = check_function(function, "definitions: the decorated")
        self.source = find_function(function)
        self.owner = find_owner()
        code = getattr(function, "__code__", None)
        if code is not None and code.co_argcount + code.co_kwonlyargcount > len(function.__defaults__ or ()):
            raise DefinitionError("a function decorated with @definitions takes no arguments")

    def __call__(self) -> Definitions:
        found: Definitions = check_type(
            self.function(), Definitions, f"what {self.function.__name__}() returns", "a Definitions object"
        )
        return found


def definitions(function: Callable[[], Definitions]) -> LazyDefinitions:
    """Declare a function that returns the location's `Definitions`; it is called when the location is loaded."""
    return LazyDefinitions(function)


def resolve_definitions(value: Any) -> Definitions:
    """A `Definitions` object given as itself or by a `@definitions` function."""
    if isinstance(value, LazyDefinitions):
        return value()
    found: Definitions = check_type(value, Definitions, "what is merged", "a Definitions object")
    return found


def map_asset_specs(func: Callable[[AssetSpec], AssetSpec], iterable: Iterable[Any]) -> list[Any]:
    """The assets with each spec replaced by what `func` makes of it."""
    return [item.map_specs(func) if isinstance(item, AssetsDefinition) else func(item) for item in iterable]


def _refuse_classes(resources: Any) -> None:
    for name, value in check_mapping(resources, "Definitions: resources").items():
        if isinstance(value, type) and (hasattr(value, "_atoll_fields") or hasattr(value, "handle_output")):
            raise DefinitionError(
                f"Definitions: resource '{name}' is a class", f"make an object: {value.__name__}(...)"
            )


def _read_all(values: Any, argument: str) -> list[Any]:
    names, expected = _KINDS[argument]
    items = check_list(values, f"Definitions: {argument}", f"a list of {expected}")
    for value in items:
        if type(value).__name__ not in names:
            raise _make_misplaced(value, argument, expected)
    return keep_first(items)


def _make_misplaced(value: Any, argument: str, expected: str) -> DefinitionError:
    message = f"Definitions: {argument} must hold {expected}, not {show(value)}"
    place = _PLACES.get(type(value).__name__)
    if place is not None:
        return DefinitionError(message, f"it belongs in {place}=")
    if isinstance(value, (list, tuple)):
        return DefinitionError(message, "unpack the inner list with *")
    if callable(value):
        return DefinitionError(message, "is its decorator missing?")
    return DefinitionError(message)
