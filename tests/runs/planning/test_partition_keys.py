"""The host's list of partition keys is the SDK's."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "sdk"))

import atoll
from atoll._partitions._keys import list_keys as list_keys_of_sdk
from atoll_host.envs.errors import UsageError
from atoll_host.runs.planning.partition_keys import check_existing, choose_range, list_keys

NOW = datetime(2024, 11, 5, 13, 37, tzinfo=UTC)
DAILY = atoll.DailyPartitionsDefinition(start_date="2024-10-20")
COLOURS = atoll.StaticPartitionsDefinition(["red", "green", "blue"])
CUSTOMERS = atoll.DynamicPartitionsDefinition(name="customers")
DEFINITIONS = {
    "static": COLOURS,
    "daily": DAILY,
    "until an end": atoll.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-03-01"),
    "with the day that goes on": atoll.DailyPartitionsDefinition(start_date="2024-10-20", end_offset=1),
    "without the last two": atoll.DailyPartitionsDefinition(start_date="2024-10-20", end_offset=-2),
    "at another hour": atoll.DailyPartitionsDefinition(start_date="2024-10-20", hour_offset=14, minute_offset=5),
    "hours of a clock that is put back": atoll.HourlyPartitionsDefinition(
        start_date="2024-10-26-00:00", timezone="Europe/Berlin"
    ),
    "hours of a clock that is put forward": atoll.HourlyPartitionsDefinition(
        start_date="2024-03-30-00:00", end_date="2024-04-01-00:00", timezone="Europe/Berlin"
    ),
    "half hours": atoll.HourlyPartitionsDefinition(start_date="2024-11-01-00:00", minute_offset=30),
    "weekly": atoll.WeeklyPartitionsDefinition(start_date="2024-01-01", day_offset=3),
    "monthly": atoll.MonthlyPartitionsDefinition(start_date="2020-01-15"),
    "the last day of months": atoll.MonthlyPartitionsDefinition(start_date="2020-01-01", day_offset=31),
    "cron": atoll.TimeWindowPartitionsDefinition(
        start="2024-10-01", fmt="%Y-%m-%d", cron_schedule="0 0 * * 1-5", timezone="America/New_York"
    ),
    "cron by hours": atoll.TimeWindowPartitionsDefinition(
        start="2024-11-01-00:00", fmt="%Y-%m-%d-%H:%M", cron_schedule="15 */6 * * *"
    ),
    "dynamic": CUSTOMERS,
    "multi": atoll.MultiPartitionsDefinition({"day": DAILY, "colour": COLOURS}),
    "multi with dynamic": atoll.MultiPartitionsDefinition({"day": DAILY, "customer": CUSTOMERS}),
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_keys_are_those_of_the_sdk(name):
    definition, dynamic = DEFINITIONS[name], {"customers": ["b", "a"]}
    wanted = [str(key) for key in list_keys_of_sdk(definition, dynamic, NOW)]
    assert wanted
    assert list_keys(definition.describe(), dynamic, NOW) == wanted


def test_a_key_that_is_not_there_is_refused_with_one_that_is_like_it():
    described = COLOURS.describe()
    check_existing(described, ["red", "blue"])
    with pytest.raises(UsageError, match="no partition 'gren'") as caught:
        check_existing(described, ["gren"])
    assert caught.value.problems[0].hint == "did you mean 'green'?"


def test_any_key_does_for_dynamic_partitions_that_nobody_has_listed():
    described = atoll.MultiPartitionsDefinition({"customer": CUSTOMERS, "colour": COLOURS}).describe()
    check_existing(described, ["x|anybody"])
    with pytest.raises(UsageError):
        check_existing(described, ["x|anybody"], {"customers": ["a"]})


def test_a_range_goes_from_its_first_key_to_its_last():
    known = ["a", "b", "c", "d"]
    assert choose_range(known, "b", "d") == ["b", "c", "d"]
    with pytest.raises(UsageError, match="comes after"):
        choose_range(known, "d", "b")
    with pytest.raises(UsageError, match="no partition 'e'"):
        choose_range(known, "a", "e")
