"""Which mappings fit which partitions."""

import pytest

import atoll
from atoll._partitions._fit import find_default_misfit

DAILY = atoll.DailyPartitionsDefinition("2024-01-01")
HOURLY = atoll.HourlyPartitionsDefinition("2024-01-01-00:00")
EU = atoll.StaticPartitionsDefinition(["eu", "us"])
CITY = atoll.StaticPartitionsDefinition(["berlin"])
ONE = atoll.DynamicPartitionsDefinition(name="one")
TWO = atoll.DynamicPartitionsDefinition(name="two")
GRID = atoll.MultiPartitionsDefinition({"day": DAILY, "area": EU})
OTHER = atoll.MultiPartitionsDefinition({"date": DAILY, "area": EU})
CITIES = atoll.MultiPartitionsDefinition({"day": DAILY, "area": CITY})
STATICS = atoll.MultiPartitionsDefinition({"a": EU, "b": EU})


@pytest.mark.parametrize(
    ("upstream", "downstream", "said"),
    [
        pytest.param(DAILY, HOURLY, None, id="times"),
        pytest.param(EU, atoll.StaticPartitionsDefinition(["us", "cn"]), None, id="keys-in-common"),
        pytest.param(EU, CITY, "no key in common", id="no-keys-in-common"),
        pytest.param(ONE, atoll.DynamicPartitionsDefinition(name="one"), None, id="same-dynamic"),
        pytest.param(ONE, TWO, "different ones, 'one' and 'two'", id="other-dynamic"),
        pytest.param(DAILY, EU, "it has static partitions, the other daily partitions", id="kinds"),
        pytest.param(GRID, HOURLY, None, id="time-of-several"),
        pytest.param(EU, GRID, None, id="one-of-several"),
        pytest.param(CITY, GRID, "not exactly one dimension suits", id="none-of-several"),
        pytest.param(STATICS, EU, "not exactly one dimension suits", id="two-of-several"),
        pytest.param(GRID, OTHER, "their dimensions differ", id="dimensions"),
        pytest.param(GRID, CITIES, "no key in common", id="keys-of-a-dimension"),
    ],
)
def test_partitions_go_together_without_a_mapping(upstream, downstream, said):
    found = find_default_misfit(upstream, downstream)
    assert found is None if said is None else said in found


TIME = atoll.TimeWindowPartitionMapping()
SAME = atoll.IdentityPartitionMapping()
SINGLE = atoll.MultiToSingleDimensionPartitionMapping
MULTI = atoll.MultiPartitionMapping


@pytest.mark.parametrize(
    ("mapping", "upstream", "downstream", "said"),
    [
        pytest.param(TIME, HOURLY, DAILY, None, id="time"),
        pytest.param(TIME, EU, DAILY, "in time on both sides", id="time-of-keys"),
        pytest.param(SAME, EU, EU, None, id="same"),
        pytest.param(SAME, DAILY, HOURLY, "the same kind", id="same-of-other-kinds"),
        pytest.param(SAME, None, EU, "on both sides", id="same-of-none"),
        pytest.param(SAME, EU, CITY, "no key in common", id="same-of-other-keys"),
        pytest.param(atoll.AllPartitionMapping(), DAILY, None, None, id="all"),
        pytest.param(atoll.AllPartitionMapping(), None, DAILY, "no partitions to choose from", id="all-of-none"),
        pytest.param(atoll.SpecificPartitionsPartitionMapping(["eu"]), EU, DAILY, None, id="specific"),
        pytest.param(atoll.SpecificPartitionsPartitionMapping(["x"]), EU, None, "upstream partition 'x'", id="unknown"),
        pytest.param(atoll.StaticPartitionMapping({"eu": "berlin"}), EU, CITY, None, id="static"),
        pytest.param(atoll.StaticPartitionMapping({"eu": "rome"}), EU, CITY, "downstream partition 'rome'", id="rome"),
        pytest.param(atoll.StaticPartitionMapping({}), DAILY, CITY, "static partitions on both sides", id="not-static"),
        pytest.param(SINGLE(), GRID, DAILY, None, id="single-found"),
        pytest.param(SINGLE("area"), EU, GRID, None, id="single-named"),
        pytest.param(SINGLE("zone"), GRID, EU, "no dimension 'zone'", id="single-unknown"),
        pytest.param(SINGLE(), STATICS, EU, "must name one", id="single-of-two"),
        pytest.param(SINGLE(), EU, EU, "exactly one side", id="single-of-none"),
        pytest.param(SINGLE("day", SAME), GRID, EU, "the same kind", id="single-of-another-kind"),
        pytest.param(SINGLE("area"), GRID, CITY, "no key in common", id="single-of-other-keys"),
        pytest.param(MULTI({"day": atoll.DimensionPartitionMapping("date", TIME)}), GRID, OTHER, None, id="multi"),
        pytest.param(MULTI({"x": atoll.DimensionPartitionMapping("date", TIME)}), GRID, OTHER, "'x'", id="multi-up"),
        pytest.param(MULTI({"day": atoll.DimensionPartitionMapping("x", TIME)}), GRID, OTHER, "'x'", id="multi-down"),
        pytest.param(MULTI({"day": atoll.DimensionPartitionMapping("area", TIME)}), GRID, OTHER, "in time", id="inner"),
        pytest.param(MULTI({}), EU, OTHER, "several dimensions on both sides", id="multi-of-one"),
    ],
)
def test_a_mapping_fits_or_says_why_not(mapping, upstream, downstream, said):
    found = mapping.find_misfit(upstream, downstream)
    assert found is None if said is None else said in found


@pytest.mark.parametrize(
    ("partitions", "offsets", "cron"),
    [
        (HOURLY, {}, "0 * * * *"),
        (HOURLY, {"minute_of_hour": 5}, "5 * * * *"),
        (DAILY, {"hour_of_day": 3, "minute_of_hour": 5}, "5 3 * * *"),
        (atoll.WeeklyPartitionsDefinition("2024-01-01", day_offset=2), {"hour_of_day": 1}, "0 1 * * 2"),
        (atoll.MonthlyPartitionsDefinition("2024-01-01"), {"day_of_month": 31}, "0 0 31 * *"),
        (GRID, {}, "0 0 * * *"),
        (DAILY, {"cron_schedule": "1 2 3 4 5"}, "1 2 3 4 5"),
    ],
)
def test_a_schedule_follows_its_jobs_partitions(partitions, offsets, cron):
    job = atoll.define_asset_job("j", partitions_def=partitions)
    schedule = atoll.build_schedule_from_partitioned_job(job, **offsets)
    assert (schedule.name, schedule.cron, schedule.timezone) == ("j_schedule", [cron], None)


def test_a_schedule_takes_the_time_zone_of_the_partitions():
    partitions = atoll.DailyPartitionsDefinition("2024-01-01", timezone="Asia/Tokyo")
    job = atoll.define_asset_job("j", partitions_def=partitions)
    assert atoll.build_schedule_from_partitioned_job(job).timezone == "Asia/Tokyo"


def test_cron_and_offsets_are_not_both_given():
    job = atoll.define_asset_job("j", partitions_def=DAILY)
    with pytest.raises(atoll.DefinitionError, match="not both"):
        atoll.build_schedule_from_partitioned_job(job, cron_schedule="@daily", hour_of_day=1)
    with pytest.raises(atoll.DefinitionError, match="write them there"):
        atoll.TimeWindowPartitionsDefinition("2024-01-01", "%Y-%m-%d", cron_schedule="@daily", hour_offset=1)
    with pytest.raises(atoll.DefinitionError, match="only for weeks and months"):
        atoll.TimeWindowPartitionsDefinition(
            "2024-01-01", "%Y-%m-%d", schedule_type=atoll.ScheduleType.DAILY, day_offset=1
        )


def test_keys_of_static_partitions_are_listed():
    assert EU.get_partition_keys() == ["eu", "us"]
