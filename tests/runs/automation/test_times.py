"""Moments of schedules through changes of the clock, against moments that are found minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest

from atoll_host.runs.automation.times import MOST_MISSED, Timetable, choose_policy, list_missed

CHANGES = [
    pytest.param("Europe/Berlin", "2024-03-31", id="berlin-spring"),
    pytest.param("Europe/Berlin", "2024-10-27", id="berlin-autumn"),
    pytest.param("America/New_York", "2024-03-10", id="new-york-spring"),
    pytest.param("America/New_York", "2024-11-03", id="new-york-autumn"),
    pytest.param("Australia/Lord_Howe", "2024-10-06", id="lord-howe-spring"),
    pytest.param("Australia/Lord_Howe", "2024-04-07", id="lord-howe-autumn"),
]
"""Zones, and the day on which the clock changes there."""


def table(*cron, zone="UTC"):
    return Timetable.of({"cron": list(cron), "timezone": zone})


@cache
def every_minute(zone, day):
    """All minutes that there really are from the day before to the day after, each as (moment, clock there)."""
    start = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=UTC) - timedelta(days=1, hours=12)
    every = [start + timedelta(minutes=number) for number in range(84 * 60)]
    return [(moment.timestamp(), moment.astimezone(ZoneInfo(zone))) for moment in every]


def at(zone, text, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def moments(zone, day, *cron):
    minutes = [moment for moment, _ in every_minute(zone, day)]
    timetable = table(*cron, zone=zone)
    return list(takewhile(lambda moment: moment <= minutes[-1], timetable.iterate(minutes[0] - 1)))


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize(
    ("cron", "fits"),
    [
        ("* * * * *", lambda clock: True),
        ("*/15 * * * *", lambda clock: clock.minute % 15 == 0),
        ("7 * * * *", lambda clock: clock.minute == 7),
        ("@hourly", lambda clock: clock.minute == 0),
        ("*/20 1-3 * * *", lambda clock: clock.minute % 20 == 0 and 1 <= clock.hour <= 3),
    ],
)
def test_what_goes_by_minutes_or_hours_is_due_at_every_real_one_once(zone, day, cron, fits):
    assert moments(zone, day, cron) == [moment for moment, clock in every_minute(zone, day) if fits(clock)]


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize("time", ["00:00", "01:15", "01:45", "02:00", "02:15", "02:30", "02:59", "03:00", "12:00"])
def test_a_time_of_the_day_is_due_once_a_day_whatever_the_clock_does(zone, day, time):
    minute, hour = int(time[3:]), int(time[:2])
    found = moments(zone, day, f"{minute} {hour} * * *")
    expected = {}
    for moment, clock in every_minute(zone, day):
        # The first minute of the day at which the clock shows the time or more.
        if clock.strftime("%H:%M") >= time:
            expected.setdefault(clock.date(), moment)
    days = [moment for date, moment in expected.items() if found[0] <= moment <= found[-1]]
    assert found == days
    assert len(found) >= 3


def test_a_time_that_is_skipped_comes_at_the_next_moment_that_there_is():
    assert table("30 2 * * *", zone="Europe/Berlin").find_next(at("Europe/Berlin", "2024-03-31T01:00")) == at(
        "Europe/Berlin", "2024-03-31T03:00"
    )
    assert table("15 2 * * *", zone="Australia/Lord_Howe").find_next(
        at("Australia/Lord_Howe", "2024-10-06T01:00")
    ) == at("Australia/Lord_Howe", "2024-10-06T02:30")


def test_two_times_that_are_skipped_together_are_one_moment():
    zone = "Europe/Berlin"
    found = moments(zone, "2024-03-31", "10,40 2 * * *", "0 3 * * *")
    of_the_day = [moment for moment in found if at(zone, "2024-03-31T00:00") <= moment < at(zone, "2024-04-01T00:00")]
    assert of_the_day == [at(zone, "2024-03-31T03:00")]


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize("cron", ["30 2 * * *", "45 1 * * *", "*/15 * * * *", "0 */2 * * *"])
def test_from_wherever_one_begins_the_moments_are_the_same(zone, day, cron):
    every = moments(zone, day, cron)
    timetable = table(cron, zone=zone)
    for start in range(int(every[0]), int(every[-1]) - 1, 1700):
        assert timetable.find_next(start) == next(moment for moment in every if moment > start)
        assert timetable.list_latest(start + 0.5) == [max(moment for moment in every if moment <= start + 0.5)]


def test_the_last_moments_come_in_order_and_end_with_the_one_of_now():
    day = at("UTC", "2024-02-01T00:00")
    timetable = table("0 0 * * *")
    assert timetable.list_latest(day, limit=3) == [day - 2 * 86400, day - 86400, day]
    assert timetable.list_latest(day, since=day) == []
    assert timetable.list_latest(day, since=day - 86400, limit=9) == [day]
    assert timetable.list_latest(day - 1, since=day - 86400, limit=9) == []


def test_what_comes_once_in_years_is_found_backwards_too():
    timetable = table("0 0 29 2 *")
    assert timetable.list_latest(at("UTC", "2027-01-01T00:00")) == [at("UTC", "2024-02-29T00:00")]
    assert timetable.find_next(at("UTC", "2024-03-01T00:00")) == at("UTC", "2028-02-29T00:00")


def test_after_a_pause_the_latest_is_made_up_or_all_but_not_more_than_the_bound():
    start = at("UTC", "2024-01-01T00:00")
    timetable = table("* * * * *")
    now = start + 86400 * 300 + 30
    assert list_missed(timetable, start, now, "latest") == [now - 30]
    found = list_missed(timetable, start, now, "all")
    assert found == [now - 30 - 60 * back for back in reversed(range(MOST_MISSED))]
    assert list_missed(timetable, now - 30, now, "all") == []
    assert list_missed(table("0 * * * *"), start, start + 3 * 3600, "all") == [start + 3600 * n for n in (1, 2, 3)]


def test_what_means_nothing_is_never_due():
    assert Timetable.of({"cron": ["0 0 * * *"], "timezone": "Mars"}) is None
    assert Timetable.of({"cron": []}) is None
    assert table("61 * * * *").find_next(0.0) is None
    assert table("61 * * * *").list_latest(1e9) == []


def test_a_schedule_of_partitions_makes_up_all_of_them():
    daily = {"type": "time_window"}
    definitions = {
        "jobs": [
            {"name": "plain", "assets": ["a"]},
            {"name": "parted", "partitions": daily, "assets": []},
            {"name": "of_parted_assets", "assets": ["a", "b"]},
        ],
        "assets": [{"key": "a"}, {"key": "b", "partitions": daily}],
    }
    policies = {
        target: choose_policy({"target": {"job": target}}, definitions)
        for target in ("plain", "parted", "of_parted_assets")
    }
    assert policies == {"plain": "latest", "parted": "all", "of_parted_assets": "all"}
    assert choose_policy({"target": {"selection": "x", "assets": ["b"]}}, definitions) == "all"
    assert choose_policy({"target": {"selection": "x", "assets": ["a"]}}, definitions) == "latest"
