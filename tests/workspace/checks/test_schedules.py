"""Cron expressions and time zones: what means nothing is found, at the user's own line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from reports import asset, definitions, schedule

from atoll_host.workspace.checks.schedules import check_schedules, next_ticks


def problems(*cron, **more):
    return check_schedules(definitions(schedules=[schedule("nightly", *cron, **more)]))


@pytest.mark.parametrize(
    "cron",
    ["0 6 * * *", "*/5 * * * *", "@daily", "@Hourly", "0 0 L * *", "0 0 * JAN MON-FRI", "0 0 * * 7", "5,6 1-3 * * 5#2"],
)
def test_what_means_something_is_left_alone(cron):
    assert problems(cron) == ()


@pytest.mark.parametrize(
    ("cron", "said", "hint"),
    [
        ("61 * * * *", "whose minute means nothing", "0 to 59"),
        ("0 24 * * *", "whose hour means nothing", "0 to 23"),
        ("0 0 32 * *", "whose day of month means nothing", "1 to 31"),
        ("0 0 30 2 *", "whose day of month means nothing", "as many as the months have"),
        ("0 0 * 13 *", "whose month means nothing", "1 to 12"),
        ("0 0 * * 8", "whose day of week means nothing", "SUN to SAT"),
        ("0 0 * * FRI-MON", "whose day of week means nothing", "upwards"),
        ("*/0 * * * *", "whose minute means nothing", "0 to 59"),
        ("? * * * *", "whose minute means nothing", "0 to 59"),
        ("0 0 * *", "which means nothing", "five fields"),
    ],
)
def test_a_cron_expression_that_means_nothing_is_said_with_its_field(cron, said, hint):
    (problem,) = problems(cron)
    assert problem.kind == "invalid_cron"
    assert problem.message == f"Schedule 'nightly' has the cron expression '{cron}', {said}"
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("europe/berlin", None),
        ("Berlin", "did you mean 'Europe/Berlin'?"),
        ("America/New York", "did you mean 'America/New_York'?"),
        ("../etc/passwd", "use a name of the tz database"),
        ("Nowhere/Land", "use a name of the tz database"),
    ],
)
def test_a_time_zone_that_is_not_there_is_said_with_one_that_is(zone, hint):
    found = problems("0 6 * * *", timezone=zone)
    if hint is None:
        # Where the file system does not tell upper from lower case, there is such a zone.
        assert all("did you mean 'Europe/Berlin'?" in problem.hint for problem in found)
        return
    (problem,) = found
    assert problem.kind == "invalid_timezone"
    assert hint in problem.hint


def test_the_place_is_where_the_text_stands(tmp_path):
    file = tmp_path / "definitions.py"
    file.write_text(
        'nightly = Schedule(\n    "nightly",\n    cron_schedule="61 * * * *",\n    execution_timezone="Mars",\n)\n'
    )
    place = {"file": str(file), "line": 1, "function": None}
    cron, zone = problems("61 * * * *", timezone="Mars", source=place, cron_source=place)
    assert (cron.file, cron.line, cron.column) == (str(file), 3, 19)
    assert (zone.file, zone.line, zone.column) == (str(file), 4, 24)


def test_a_text_that_is_put_together_is_placed_at_the_declaration(tmp_path):
    file = tmp_path / "definitions.py"
    file.write_text("nightly = Schedule(make_cron())\n")
    for name in (str(file), str(tmp_path / "gone.py")):
        (problem,) = problems("61 * * * *", source={"file": name, "line": 1}, cron_source={"file": name, "line": 1})
        assert (problem.file, problem.line, problem.column) == (name, 1, None)


def test_partitions_in_time_are_looked_at_too_and_each_partitioning_once():
    wrong = {"type": "time_window", "cron": "0 25 * * *", "timezone": "Mars"}
    multi = {"type": "multi", "dimensions": {"day": wrong, "region": {"type": "static", "keys": ["a"]}}}
    found = check_schedules(definitions(assets=[asset("a", partitions=multi), asset("b", partitions=wrong)]))
    assert [problem.kind for problem in found] == ["invalid_cron", "invalid_timezone"]
    assert found[0].message.startswith("Asset 'a' has partitions by the cron expression '0 25 * * *'")


def test_the_next_ticks_are_told_in_the_schedules_own_zone():
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    ticks = next_ticks(schedule("s", "30 4 * * *", timezone="Europe/Berlin"), 2, after=start)
    assert [tick.isoformat() for tick in ticks] == ["2026-03-29T04:30:00+02:00", "2026-03-30T04:30:00+02:00"]


def test_several_expressions_are_merged_and_a_moment_of_both_comes_once():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ticks = next_ticks(schedule("s", "0 6 * * *", "0 */6 * * *"), 3, after=start)
    assert [tick.hour for tick in ticks] == [6, 12, 18]


def test_where_nothing_is_meant_there_are_no_ticks():
    assert next_ticks(schedule("s", "61 * * * *"), 3) == []
    assert next_ticks(schedule("s", timezone="Mars"), 3) == []


def test_an_hour_that_comes_twice_has_two_ticks_of_one_name():
    start = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    ticks = next_ticks(schedule("s", "0 * * * *", timezone="Europe/Berlin"), 3, after=start)
    assert [tick.isoformat() for tick in ticks] == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]
