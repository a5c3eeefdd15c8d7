"""`@sensor` and `@asset_sensor`."""

from __future__ import annotations

from ._arguments import (
    check_bool,
    check_choice,
    check_function,
    check_integer,
    check_list,
    check_mapping,
    check_name,
    check_run_tags,
    check_text,
    refuse_unknown,
    show,
)
from ._computations import Computation, choose_name
from ._errors import DefinitionError
from ._graphs import JobDefinition
from ._jobs import AssetJobDefinition, read_targets
from ._keys import read_key
from ._selection import read_selection
from ._sources import find_caller
from ._values import Choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, ClassVar, Iterable, Mapping, Sequence, overload

    from ._jobs import CoercibleToSelection, Job
    from ._keys import AssetKey, CoercibleToAssetKey


class DefaultSensorStatus(Choice):
    """Whether a sensor runs before anybody turned it on or off."""

    RUNNING: ClassVar[DefaultSensorStatus]
    STOPPED: ClassVar[DefaultSensorStatus]


DefaultSensorStatus._add_members("RUNNING", "STOPPED")  # noqa: SLF001 -- ours


class RunStatus(Choice):
    """What a run-status sensor waits for."""

    STARTED: ClassVar[RunStatus]
    SUCCEEDED: ClassVar[RunStatus]
    FAILED: ClassVar[RunStatus]
    CANCELED: ClassVar[RunStatus]


RunStatus._add_members("STARTED", "SUCCEEDED", "FAILED", "CANCELED")  # noqa: SLF001 -- ours


class SensorDefinition:
    """A function that is asked again and again which runs to start.

    Made by `@sensor`, `@asset_sensor`, `@run_status_sensor` and `@run_failure_sensor`.
    """

    def __init__(
        self,
        type: str,  # noqa: A002 -- the word of the snapshot
        function: Callable[..., Any],
        *,
        asset_key: AssetKey | None,
        **options: Any,
    ) -> None:
        check_function(function, f"{type}: the decorated")
        name = options.get("name")
        self.type = type
        self.name = choose_name(name, function, type)
        what = f"{type} '{self.name}'"
        self.asset_key = asset_key
        self.run_status: RunStatus | None = options.get("run_status")
        self.monitored_jobs = _read_monitored(options.get("monitored_jobs"), f"{what}: monitored_jobs")
        self.monitor_all_locations = bool(options.get("monitor_all_locations"))
        self.targets = read_targets(
            what,
            job=options.get("job"),
            job_name=options.get("job_name"),
            jobs=options.get("jobs"),
            target=options.get("target"),
        )
        interval = options.get("minimum_interval_seconds")
        self.minimum_interval_seconds = (
            None if interval is None else check_integer(interval, f"{what}: minimum_interval_seconds", 1)
        )
        status = options.get("default_status")
        status = DefaultSensorStatus.STOPPED if status is None else status
        self.default_status = check_choice(status, DefaultSensorStatus, f"{what}: default_status")
        self.tags = check_run_tags(options.get("tags"), f"{what}: tags")
        self.metadata = check_mapping(options.get("metadata"), f"{what}: metadata")
        self.computation = Computation(
            type,
            self.name,
            function,
            input_role="event" if type == "asset_sensor" else None,
            description=check_text(options.get("description"), f"{what}: description"),
            required_resource_keys=options.get("required_resource_keys"),
        )
        self.description = self.computation.description
        selection = options.get("asset_selection")
        self.asset_selection = None if selection is None else read_selection(selection, f"{what}: asset_selection")
        self.source = self.computation.source
        self.declared_in = find_caller()
        if self.asset_selection is not None and self.targets:
            raise DefinitionError(f"{what}: give asset_selection or a job, not both")

    def __call__(self, *positional: Any, **named: Any) -> Any:
        return self.computation.call(positional, named)

    def __repr__(self) -> str:
        return f"<SensorDefinition {self.name}>"


if TYPE_CHECKING:

    @overload
    def sensor(function: Callable[..., Any]) -> SensorDefinition: ...

    @overload
    def sensor(
        *,
        job_name: str | None = None,
        name: str | None = None,
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        job: Job | None = None,
        jobs: Sequence[Job] | None = None,
        default_status: DefaultSensorStatus | None = None,
        asset_selection: CoercibleToSelection | None = None,
        required_resource_keys: Iterable[str] | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        target: Job | CoercibleToSelection | None = None,
    ) -> Callable[[Callable[..., Any]], SensorDefinition]: ...


@refuse_unknown
def sensor(
    function: Any = None,
    *,
    job_name: str | None = None,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    job: Job | None = None,
    jobs: Sequence[Job] | None = None,
    default_status: DefaultSensorStatus | None = None,
    asset_selection: CoercibleToSelection | None = None,
    required_resource_keys: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    target: Job | CoercibleToSelection | None = None,
) -> Any:
    """Declare the function that says, each time it is asked, which runs to start.

    Raises:
        DefinitionError: an argument has the wrong shape, or more than one target is given.
    """

    def declare(function: Callable[..., Any]) -> SensorDefinition:
        return SensorDefinition(
            "sensor",
            function,
            asset_key=None,
            job_name=job_name,
            name=name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            job=job,
            jobs=None if jobs is None else check_list(jobs, "sensor: jobs"),
            default_status=default_status,
            asset_selection=asset_selection,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
            target=target,
        )

    return declare if function is None else declare(function)


@refuse_unknown
def asset_sensor(
    asset_key: CoercibleToAssetKey,
    *,
    job_name: str | None = None,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    job: Job | None = None,
    jobs: Sequence[Job] | None = None,
    default_status: DefaultSensorStatus | None = None,
    required_resource_keys: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    target: Job | CoercibleToSelection | None = None,
) -> Callable[[Callable[..., Any]], SensorDefinition]:
    """Declare the function that says which runs to start after an asset was made; its second parameter is the event.

    Raises:
        DefinitionError: an argument has the wrong shape, or more than one target is given.
    """
    key = read_key(asset_key, "asset_sensor: asset_key")

    def declare(function: Callable[..., Any]) -> SensorDefinition:
        return SensorDefinition(
            "asset_sensor",
            function,
            asset_key=key,
            job_name=job_name,
            name=name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            job=job,
            jobs=None if jobs is None else check_list(jobs, "asset_sensor: jobs"),
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
            target=target,
        )

    return declare


def _read_monitored(jobs: Any, what: str) -> list[str] | None:
    if jobs is None:
        return None
    names = [item if isinstance(item, str) else getattr(item, "name", None) for item in check_list(jobs, what)]
    for name, item in zip(names, jobs):
        if not isinstance(name, str) or not (isinstance(item, (str, AssetJobDefinition, JobDefinition))):
            raise DefinitionError(f"{what} must hold jobs or their names, not {show(item)}")
    return list(dict.fromkeys(check_name(name, what) for name in names))


@refuse_unknown
def run_status_sensor(
    run_status: RunStatus,
    *,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    monitored_jobs: Sequence[Job | str] | None = None,
    monitor_all_locations: bool = False,
    request_job: Job | None = None,
    request_jobs: Sequence[Job] | None = None,
    default_status: DefaultSensorStatus | None = None,
    required_resource_keys: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], SensorDefinition]:
    """Declare the function that is called once for each run that comes to a status.

    `monitored_jobs` are the jobs whose runs count (all runs of the location where it is not given),
    `monitor_all_locations` makes those of other locations count too. `request_job` or `request_jobs` are what it may
    start.

    Raises:
        DefinitionError: an argument has the wrong shape.
    """
    status = check_choice(run_status, RunStatus, "run_status_sensor: run_status")
    everywhere = check_bool(monitor_all_locations, "run_status_sensor: monitor_all_locations")

    def declare(function: Callable[..., Any]) -> SensorDefinition:
        return SensorDefinition(
            "run_status_sensor",
            function,
            asset_key=None,
            run_status=status,
            monitored_jobs=monitored_jobs,
            monitor_all_locations=everywhere,
            job=request_job,
            jobs=None if request_jobs is None else check_list(request_jobs, "run_status_sensor: request_jobs"),
            name=name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
        )

    return declare


if TYPE_CHECKING:

    @overload
    def run_failure_sensor(function: Callable[..., Any]) -> SensorDefinition: ...

    @overload
    def run_failure_sensor(
        *,
        name: str | None = None,
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        monitored_jobs: Sequence[Job | str] | None = None,
        monitor_all_locations: bool = False,
        request_job: Job | None = None,
        request_jobs: Sequence[Job] | None = None,
        default_status: DefaultSensorStatus | None = None,
        required_resource_keys: Iterable[str] | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Callable[[Callable[..., Any]], SensorDefinition]: ...


def run_failure_sensor(function: Any = None, **options: Any) -> Any:
    """Declare the function that is called once for each run that fails; `run_status_sensor` has the arguments.

    Raises:
        DefinitionError: an argument has the wrong shape.
    """
    declare = run_status_sensor(RunStatus.FAILED, **options)
    return declare if function is None else declare(function)
