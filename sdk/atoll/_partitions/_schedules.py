"""Schedules that follow a job's partitions."""

from __future__ import annotations

from .._arguments import check_integer, refuse_unknown
from .._errors import DefinitionError
from .._jobs import read_job
from .._schedules import ScheduleDefinition
from ._definitions import MultiPartitionsDefinition
from ._windows import ScheduleType, TimeWindowPartitionsDefinition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping

    from .._jobs import Job
    from .._schedules import DefaultScheduleStatus
    from ._base import PartitionsDefinition


@refuse_unknown
def build_schedule_from_partitioned_job(
    job: Job,
    *,
    name: str | None = None,
    description: str | None = None,
    minute_of_hour: int | None = None,
    hour_of_day: int | None = None,
    day_of_week: int | None = None,
    day_of_month: int | None = None,
    default_status: DefaultScheduleStatus | None = None,
    tags: Mapping[str, str] | None = None,
    cron_schedule: str | None = None,
    execution_timezone: str | None = None,
) -> ScheduleDefinition:
    """A schedule that starts the job for each window of its partitions, when the window has ended.

    Raises:
        DefinitionError: the job has no partitions in time of its own, or an offset does not suit them.
    """
    read_job(job, "build_schedule_from_partitioned_job: job")
    windows = _find_windows(job.partitions_def, job.name)
    cron = cron_schedule
    if cron is None:
        cron = _make_cron(
            windows,
            job.name,
            minute=minute_of_hour,
            hour=hour_of_day,
            day_of_week=day_of_week,
            day_of_month=day_of_month,
        )
    elif any(value is not None for value in (minute_of_hour, hour_of_day, day_of_week, day_of_month)):
        raise DefinitionError("build_schedule_from_partitioned_job: give cron_schedule or offsets, not both")
    made = ScheduleDefinition(
        name if name is not None else f"{job.name}_schedule",
        cron_schedule=cron,
        job=job,
        description=description,
        default_status=default_status,
        tags=tags,
        execution_timezone=execution_timezone if execution_timezone is not None else windows.timezone,
    )
    made.partitions_def = job.partitions_def
    return made


def _find_windows(partitions: PartitionsDefinition | None, job: str) -> TimeWindowPartitionsDefinition:
    dimensions = (
        list(partitions.partitions_defs.values()) if isinstance(partitions, MultiPartitionsDefinition) else [partitions]
    )
    for dimension in dimensions:
        if isinstance(dimension, TimeWindowPartitionsDefinition):
            return dimension
    raise DefinitionError(
        f"job '{job}' has no partitions in time", "give it partitions_def=, or use ScheduleDefinition"
    )


def _make_cron(
    windows: TimeWindowPartitionsDefinition,
    job: str,
    *,
    minute: int | None,
    hour: int | None,
    day_of_week: int | None,
    day_of_month: int | None,
) -> str:
    fields: list[Any] = windows.make_cron().split()
    kind = windows.schedule_type
    offsets = (
        ("minute_of_hour", minute, 0, (0, 59), None),
        ("hour_of_day", hour, 1, (0, 23), (ScheduleType.DAILY, ScheduleType.WEEKLY, ScheduleType.MONTHLY)),
        ("day_of_week", day_of_week, 4, (0, 6), (ScheduleType.WEEKLY,)),
        ("day_of_month", day_of_month, 2, (1, 31), (ScheduleType.MONTHLY,)),
    )
    for name, value, position, (lowest, highest), kinds in offsets:
        if value is None:
            continue
        if kind is None or (kinds is not None and kind not in kinds):
            raise DefinitionError(f"{name} does not suit the partitions of job '{job}'", "pass cron_schedule= instead")
        fields[position] = check_integer(value, name, lowest, highest)
    return " ".join(map(str, fields))
