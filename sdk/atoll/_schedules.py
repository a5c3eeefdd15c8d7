"""`ScheduleDefinition` and `@schedule`."""

from __future__ import annotations

from ._arguments import (
    check_choice,
    check_function,
    check_list,
    check_mapping,
    check_name,
    check_run_tags,
    check_text,
    refuse_unknown,
    show,
)
from ._computations import Computation, choose_name
from ._config import read_run_config
from ._errors import DefinitionError
from ._jobs import read_targets
from ._sources import find_caller
from ._values import Choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, ClassVar, Iterable, Mapping, Sequence

    from ._config import RunConfig
    from ._jobs import CoercibleToSelection, Job

_CRON_NAMES = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_CRON_CHARACTERS = frozenset("0123456789*,-/?#ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CRON_FIELDS = 5
_ZONE_PUNCTUATION = frozenset("/_+-")


class DefaultScheduleStatus(Choice):
    """Whether a schedule runs before anybody turned it on or off."""

    RUNNING: ClassVar[DefaultScheduleStatus]
    STOPPED: ClassVar[DefaultScheduleStatus]


DefaultScheduleStatus._add_members("RUNNING", "STOPPED")  # noqa: SLF001 -- ours


class ScheduleDefinition:
    """When to start a job or make a selection of assets.

    `cron_schedule` is one cron expression or several; their shape is checked here, their meaning by the host.

    Raises:
        DefinitionError: an argument has the wrong shape, or there is no target or more than one.
    """

    @refuse_unknown
    def __init__(
        self,
        name: str | None = None,
        *,
        cron_schedule: str | Sequence[str],
        job_name: str | None = None,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        should_execute: Callable[..., bool] | None = None,
        execution_timezone: str | None = None,
        execution_fn: Callable[..., Any] | None = None,
        description: str | None = None,
        job: Job | None = None,
        default_status: DefaultScheduleStatus | None = None,
        required_resource_keys: Iterable[str] | None = None,
        target: Job | CoercibleToSelection | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        label = "schedule" if name is None else f"schedule {show(name)}"
        self.targets = read_targets(label, job=job, job_name=job_name, target=target)
        self.name = check_name(self._choose_name(name), "schedule: name")
        what = f"schedule '{self.name}'"
        if not self.targets:
            raise DefinitionError(f"{what} has no target", "pass job=, job_name= or target=")
        self.cron = check_cron(cron_schedule, f"{what}: cron_schedule")
        self.run_config = read_run_config(run_config, f"{what}: run_config")
        self.tags = check_run_tags(tags, f"{what}: tags")
        self.should_execute = (
            None if should_execute is None else check_function(should_execute, f"{what}: should_execute")
        )
        self.timezone = check_timezone(execution_timezone, f"{what}: execution_timezone")
        status = DefaultScheduleStatus.STOPPED if default_status is None else default_status
        self.default_status = check_choice(status, DefaultScheduleStatus, f"{what}: default_status")
        self.metadata = check_mapping(metadata, f"{what}: metadata")
        self.partitions_def: Any = None  # those of its job, where it starts a run for each of them
        self.computation = None
        if execution_fn is not None:
            if run_config is not None:
                raise DefinitionError(f"{what}: give run_config or a function that returns it, not both")
            self.computation = Computation(
                "schedule", self.name, execution_fn, input_role=None, required_resource_keys=required_resource_keys
            )
        elif required_resource_keys:
            raise DefinitionError(f"{what}: required_resource_keys has no function to serve", "pass execution_fn=")
        self.description = check_text(description, f"{what}: description")
        if self.description is None and self.computation is not None:
            self.description = self.computation.description
        self.source = find_caller()
        self.cron_source = self.source

    def _choose_name(self, name: Any) -> Any:
        if name is not None:
            return name
        job_name = self.targets[0].job_name if self.targets else None
        if job_name is None:
            raise DefinitionError("schedule needs a name, as it has no job to take one from")
        return f"{job_name}_schedule"

    def __call__(self, *positional: Any, **named: Any) -> Any:
        if self.computation is None:
            raise TypeError(f"schedule '{self.name}' has no function to call")
        return self.computation.call(positional, named)

    def __repr__(self) -> str:
        return f"<ScheduleDefinition {self.name}>"


@refuse_unknown
def schedule(
    cron_schedule: str | Sequence[str],
    *,
    job_name: str | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    should_execute: Callable[..., bool] | None = None,
    execution_timezone: str | None = None,
    description: str | None = None,
    job: Job | None = None,
    default_status: DefaultScheduleStatus | None = None,
    required_resource_keys: Iterable[str] | None = None,
    target: Job | CoercibleToSelection | None = None,
) -> Callable[[Callable[..., Any]], ScheduleDefinition]:
    """Declare the function that says, at each tick, which runs to start.

    Raises:
        DefinitionError: an argument has the wrong shape, or there is no target or more than one.
    """
    called_at = find_caller()

    def declare(function: Callable[..., Any]) -> ScheduleDefinition:
        check_function(function, "schedule: the decorated")
        definition = ScheduleDefinition(
            choose_name(name, function, "schedule"),
            cron_schedule=cron_schedule,
            job_name=job_name,
            tags=tags,
            should_execute=should_execute,
            execution_timezone=execution_timezone,
            execution_fn=function,
            description=description,
            job=job,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            target=target,
            metadata=metadata,
        )
        if definition.computation is not None:
            definition.source = definition.computation.source
        definition.cron_source = called_at
        return definition

    return declare


def check_cron(value: Any, what: str) -> list[str]:
    """Cron expressions: five fields of cron's characters, or one of the names such as `@daily`."""
    expressions = [value] if isinstance(value, str) else check_list(value, what, "a cron expression or a list of them")
    if not expressions:
        raise DefinitionError(f"{what} has no cron expression")
    for expression in expressions:
        if not isinstance(expression, str):
            raise DefinitionError(f"{what} must be a cron expression, not {show(expression)}")
        if expression.startswith("@"):
            if expression not in _CRON_NAMES:
                raise DefinitionError(
                    f"{what} {show(expression)} is no name for a time", f"use {', '.join(_CRON_NAMES)}"
                )
            continue
        fields = expression.split()
        if len(fields) != _CRON_FIELDS:
            hint = "minute, hour, day of the month, month, day of the week"
            raise DefinitionError(f"{what} {show(expression)} has {len(fields)} fields instead of five", hint)
        for field in fields:
            if not _CRON_CHARACTERS.issuperset(field.upper()):
                raise DefinitionError(f"{what} {show(expression)} has an invalid field {show(field)}")
    return expressions


def check_timezone(value: Any, what: str) -> str | None:
    """The shape of an IANA time zone name such as `Europe/Berlin`; whether there is such a zone, the host checks."""
    if check_text(value, what) is None:
        return None
    parts = value.split("/")
    shaped = all(part and all((c.isascii() and c.isalnum()) or c in _ZONE_PUNCTUATION for c in part) for part in parts)
    if not shaped or not value[0].isalpha():
        raise DefinitionError(f"{what} {show(value)} is no time zone", "use a name such as 'Europe/Berlin' or 'UTC'")
    return str(value)
