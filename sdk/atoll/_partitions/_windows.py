"""Partitions that are stretches of time."""

from __future__ import annotations

from .._arguments import check_choice, check_integer, check_texts, check_type, refuse_unknown, show
from .._errors import DefinitionError
from .._schedules import check_cron, check_timezone
from .._values import Choice
from ._base import PartitionsDefinition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, ClassVar, Sequence

    from ._keys import TimeWindow

_DAY_FORMAT = "%Y-%m-%d"
_HOUR_FORMAT = "%Y-%m-%d-%H:%M"
_DAY_SHAPE = "0000-00-00"
_HOUR_SHAPE = "0000-00-00-00:00"
_FEBRUARY, _LAST_HOUR, _LAST_MINUTE = 2, 23, 59
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class ScheduleType(Choice):
    """How often one window of time follows another."""

    HOURLY: ClassVar[ScheduleType]
    DAILY: ClassVar[ScheduleType]
    WEEKLY: ClassVar[ScheduleType]
    MONTHLY: ClassVar[ScheduleType]


ScheduleType._add_members("HOURLY", "DAILY", "WEEKLY", "MONTHLY")  # noqa: SLF001 -- ours


class TimeWindowPartitionsDefinition(PartitionsDefinition):
    """One partition for each stretch of time from `start` on, as often as `schedule_type` or `cron_schedule` says.

    `start` and `end` are datetimes or texts in the format `fmt`. `end_offset` moves the last partition: 1 includes the
    stretch under way now.
    """

    kind = "time_window"

    @refuse_unknown
    def __init__(  # noqa: PLR0917 -- users know the order
        self,
        start: datetime | str,
        fmt: str,
        end: datetime | str | None = None,
        schedule_type: ScheduleType | None = None,
        timezone: str | None = None,
        end_offset: int = 0,
        minute_offset: int = 0,
        hour_offset: int = 0,
        day_offset: int | None = None,
        cron_schedule: str | None = None,
        exclusions: Sequence[str] | None = None,
    ) -> None:
        what = type(self).__name__
        self.fmt = check_type(fmt, str, f"{what}: fmt", "a format such as '%Y-%m-%d'")
        if "%" not in fmt:
            raise DefinitionError(
                f"{what}: fmt {show(fmt)} has no part that changes", "use a format such as '%Y-%m-%d'"
            )
        if (schedule_type is None) == (cron_schedule is None):
            raise DefinitionError(f"{what} needs either schedule_type or cron_schedule")
        self.start = read_time(start, fmt, f"{what}: start")
        self.end = None if end is None else read_time(end, fmt, f"{what}: end")
        self.timezone = check_timezone(timezone, f"{what}: timezone")
        self.end_offset = check_integer(end_offset, f"{what}: end_offset")
        self.minute_offset = check_integer(minute_offset, f"{what}: minute_offset", 0, 59)
        self.hour_offset = check_integer(hour_offset, f"{what}: hour_offset", 0, 23)
        self.schedule_type = (
            None if schedule_type is None else check_choice(schedule_type, ScheduleType, f"{what}: schedule_type")
        )
        self.day_offset = self._check_day(day_offset, what)
        self.cron_schedule = None if cron_schedule is None else check_cron(cron_schedule, f"{what}: cron_schedule")[0]
        if cron_schedule is not None and (minute_offset or hour_offset or day_offset is not None):
            raise DefinitionError(f"{what}: offsets shape a schedule_type; with cron_schedule, write them there")
        self.exclusions = check_texts(exclusions, f"{what}: exclusions")

    def _check_day(self, day: int | None, what: str) -> int:
        if self.schedule_type is ScheduleType.WEEKLY:
            return 0 if day is None else check_integer(day, f"{what}: day_offset", 0, 6)
        if self.schedule_type is ScheduleType.MONTHLY:
            return 1 if day is None else check_integer(day, f"{what}: day_offset", 1, 31)
        if day:
            raise DefinitionError(f"{what}: day_offset has a meaning only for weeks and months")
        return 0

    def make_cron(self) -> str:
        """The cron expression of the moments at which windows end."""
        if self.cron_schedule is not None:
            return self.cron_schedule
        minute, hour = self.minute_offset, self.hour_offset
        forms = {
            "HOURLY": f"{minute} * * * *",
            "DAILY": f"{minute} {hour} * * *",
            "WEEKLY": f"{minute} {hour} * * {self.day_offset}",
            "MONTHLY": f"{minute} {hour} {self.day_offset} * *",
        }
        return forms[self.schedule_type.name if self.schedule_type else "DAILY"]

    def time_window_for_partition_key(self, partition_key: str) -> TimeWindow:
        """The stretch of time that a partition is.

        Raises:
            ValueError: there can be no such partition.
        """
        from ._times import get_window

        return get_window(self, partition_key)

    def describe(self) -> dict[str, Any]:
        return {
            "type": self.kind,
            "start": self.start,
            "end": self.end,
            "timezone": self.timezone,
            "format": self.fmt,
            "end_offset": self.end_offset,
            "minute_offset": self.minute_offset,
            "hour_offset": self.hour_offset,
            "day_offset": self.day_offset,
            "schedule_type": None if self.schedule_type is None else self.schedule_type.name,
            "cron": self.make_cron(),
            "is_cron_given": self.cron_schedule is not None,
            "exclusions": self.exclusions,
        }


class HourlyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """One partition an hour, from minute `minute_offset` on."""

    kind = "hourly"

    @refuse_unknown
    def __init__(  # noqa: PLR0917 -- users know the order
        self,
        start_date: datetime | str,
        end_date: datetime | str | None = None,
        minute_offset: int = 0,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Sequence[str] | None = None,
    ) -> None:
        super().__init__(
            start_date,
            fmt or _HOUR_FORMAT,
            end_date,
            ScheduleType.HOURLY,
            timezone,
            end_offset,
            minute_offset,
            exclusions=exclusions,
        )


class DailyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """One partition a day."""

    kind = "daily"

    @refuse_unknown
    def __init__(  # noqa: PLR0917 -- users know the order
        self,
        start_date: datetime | str,
        end_date: datetime | str | None = None,
        minute_offset: int = 0,
        hour_offset: int = 0,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Sequence[str] | None = None,
    ) -> None:
        super().__init__(
            start_date,
            fmt or _DAY_FORMAT,
            end_date,
            ScheduleType.DAILY,
            timezone,
            end_offset,
            minute_offset,
            hour_offset,
            exclusions=exclusions,
        )


class WeeklyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """One partition a week, from day `day_offset` on (0 is Sunday)."""

    kind = "weekly"

    @refuse_unknown
    def __init__(  # noqa: PLR0917 -- users know the order
        self,
        start_date: datetime | str,
        end_date: datetime | str | None = None,
        minute_offset: int = 0,
        hour_offset: int = 0,
        day_offset: int = 0,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Sequence[str] | None = None,
    ) -> None:
        super().__init__(
            start_date,
            fmt or _DAY_FORMAT,
            end_date,
            ScheduleType.WEEKLY,
            timezone,
            end_offset,
            minute_offset,
            hour_offset,
            day_offset,
            exclusions=exclusions,
        )


class MonthlyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """One partition a month, from day `day_offset` on (1 is the first)."""

    kind = "monthly"

    @refuse_unknown
    def __init__(  # noqa: PLR0917 -- users know the order
        self,
        start_date: datetime | str,
        end_date: datetime | str | None = None,
        minute_offset: int = 0,
        hour_offset: int = 0,
        day_offset: int = 1,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Sequence[str] | None = None,
    ) -> None:
        super().__init__(
            start_date,
            fmt or _DAY_FORMAT,
            end_date,
            ScheduleType.MONTHLY,
            timezone,
            end_offset,
            minute_offset,
            hour_offset,
            day_offset,
            exclusions=exclusions,
        )


def read_time(value: Any, fmt: str, what: str) -> str:
    """A moment as text in the format; a text must be in it already.

    Raises:
        DefinitionError: it is not.
    """
    if hasattr(value, "strftime"):
        return str(value.strftime(fmt))
    check_type(value, str, what, "a datetime or a string")
    valid = _is_common(value, fmt) if fmt in (_DAY_FORMAT, _HOUR_FORMAT) else _is_parsed(value, fmt)
    if not valid:
        raise DefinitionError(f"{what} {show(value)} is no time in the format {fmt!r}")
    return str(value)


def _is_common(text: str, fmt: str) -> bool:
    """What `strptime` would tell for the two usual formats, without importing it."""
    shape = _DAY_SHAPE if fmt == _DAY_FORMAT else _HOUR_SHAPE
    if not text.isascii() or "".join("0" if character.isdigit() else character for character in text) != shape:
        return False
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    hour, minute = (0, 0) if fmt == _DAY_FORMAT else (int(text[11:13]), int(text[14:16]))
    if not (year and 1 <= month <= len(_DAYS_IN_MONTH)):
        return False
    longest = _DAYS_IN_MONTH[month - 1]
    if month == _FEBRUARY and (year % 4 != 0 or (year % 100 == 0 and year % 400 != 0)):
        longest -= 1
    return 1 <= day <= longest and hour <= _LAST_HOUR and minute <= _LAST_MINUTE


def _is_parsed(text: str, fmt: str) -> bool:
    from datetime import datetime

    try:
        datetime.strptime(text, fmt)  # noqa: DTZ007 -- only whether it can be read
    except ValueError:
        return False
    return True
