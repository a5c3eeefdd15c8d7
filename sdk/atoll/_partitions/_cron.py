"""When a cron expression of five fields matches: for partitions, whose windows it divides."""

from __future__ import annotations

from datetime import datetime, timedelta

from .._errors import DefinitionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_FIELDS = 5
_FARTHEST = 366 * 12  # days without a match, after which there is none: 29 February on a weekday
_SUNDAY = 7


def iterate_times(expression: str, first: datetime) -> Iterator[datetime]:
    """The matching moments from `first` on.

    Raises:
        DefinitionError: the expression can't be read, or never matches.
    """
    minutes, hours, days, months, weekdays, either = _read(expression)
    day = first.replace(hour=0, minute=0, second=0, microsecond=0)
    last = day
    while (day - last).days < _FARTHEST:
        fits_day, fits_weekday = day.day in days, day.isoweekday() % _SUNDAY in weekdays
        fits = (fits_day or fits_weekday) if either else (fits_day and fits_weekday)
        if fits and day.month in months:
            for hour in hours:
                for minute in minutes:
                    moment = day.replace(hour=hour, minute=minute)
                    if moment >= first:
                        last = day
                        yield moment
        day += timedelta(days=1)
    raise DefinitionError(f"cron expression {expression!r} matches no time")


def _read(expression: str) -> tuple[list[int], list[int], list[int], list[int], list[int], bool]:
    fields = _NAMED.get(expression.strip().lower(), expression).upper().split()
    if len(fields) != _FIELDS:
        raise DefinitionError(f"cron expression {expression!r} has {len(fields)} fields, and not {_FIELDS}")
    sets = [_read_field(field, position, expression) for position, field in enumerate(fields)]
    sets[4] = sorted({value % _SUNDAY for value in sets[4]})
    either = not fields[2].startswith("*") and not fields[4].startswith("*")
    return sets[0], sets[1], sets[2], sets[3], sets[4], either


def _read_field(field: str, position: int, expression: str) -> list[int]:
    lowest, highest = _BOUNDS[position]
    values: set[int] = set()
    for part in field.split(","):
        body, _, step = part.partition("/")
        start, _, end = body.partition("-")
        try:
            if body in ("*", "?"):
                low, high = lowest, highest if position != 4 else 6  # noqa: PLR2004 -- weekdays: 7 is 0 again
            else:
                low = _read_value(start, position)
                high = _read_value(end, position) if end else (highest if step else low)
            values.update(range(low, high + 1, int(step) if step else 1))
        except ValueError:
            message = f"cron expression {expression!r}: {part!r} can't be read"
            raise DefinitionError(message, "partitions take numbers, names, lists, ranges and steps") from None
        if not lowest <= low <= high <= highest:
            raise DefinitionError(f"cron expression {expression!r}: {part!r} is out of range")
    return sorted(values)


def _read_value(text: str, position: int) -> int:
    names = {3: _MONTHS, 4: _DAYS}.get(position, ())
    return names.index(text) + (1 if position == 3 else 0) if text in names else int(text)  # noqa: PLR2004 -- the months' names begin with 1
