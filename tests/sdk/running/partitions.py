"""Partitions in runs: keys, windows of time, and which upstream values are loaded."""

# ruff: noqa: UP017, UP036 -- Python 3.8 runs it

import datetime as dt
import sys

from helping import raises

import atoll

DAYS = atoll.DailyPartitionsDefinition("2024-01-01", end_date="2024-02-01")
WEEKS = atoll.WeeklyPartitionsDefinition("2023-12-31", end_date="2024-02-04")
REGIONS = atoll.StaticPartitionsDefinition(["north", "south"])
BOTH = atoll.MultiPartitionsDefinition({"day": DAYS, "region": REGIONS})


def _run(assets, key, memory, **options):
    return atoll.materialize(assets, partition_key=key, resources={"io_manager": memory}, **options)


def the_context_tells_the_partition():
    seen = []

    @atoll.asset(partitions_def=DAYS)
    def a(context):
        window = context.partition_time_window
        seen.append((context.partition_key, window.start, window.end, list(context.partition_keys)))
        assert context.partition_key_range == atoll.PartitionKeyRange("2024-01-05", "2024-01-05")

    result = atoll.materialize([a], partition_key="2024-01-05")
    utc = dt.timezone.utc
    start = dt.datetime(2024, 1, 5, tzinfo=utc)
    assert seen == [("2024-01-05", start, start + dt.timedelta(days=1), ["2024-01-05"])]
    assert result.get_asset_materialization_events()[0].partition == "2024-01-05"


def a_partition_that_is_not_there_is_refused_before_anything_starts():
    a = atoll.asset(name="a", partitions_def=REGIONS)(lambda: None)
    b = atoll.asset(name="b", partitions_def=DAYS)(lambda: None)
    plain = atoll.asset(name="plain")(lambda: None)
    for assets, key, said in (
        ([a], "nort", "did you mean 'north'?"),
        ([a], None, "asset 'a' has static partitions, and no partition is chosen"),
        ([b], "2024-02-01", "they begin with 2024-01-01"),
        ([b], "yesterday", "there is no partition 'yesterday' of daily partitions"),
        ([plain], "north", "nothing that is made has partitions"),
        ([a, b], "north", "a run has partitions of one kind only"),
    ):
        with raises(atoll.InvalidConfigError, said):
            atoll.materialize(assets, partition_key=key)


def assets_without_partitions_can_be_made_beside():
    a = atoll.asset(name="a", partitions_def=REGIONS)(lambda plain: plain)
    plain = atoll.asset(name="plain")(lambda: 1)
    result = atoll.materialize([a, plain], partition_key="north")
    assert result.asset_value("a") == 1
    assert [event.partition for event in result.get_asset_materialization_events()] == [None, "north"]


def the_same_partition_is_loaded_from_upstream():
    memory = atoll.InMemoryIOManager()

    @atoll.asset(partitions_def=REGIONS)
    def up(context):
        return context.partition_key.upper()

    down = atoll.asset(name="down", partitions_def=REGIONS)(lambda up: up)
    for key in ("north", "south"):
        assert _run([up, down], key, memory).asset_value("down") == key.upper()


def all_partitions_are_loaded_as_a_dict():
    memory = atoll.InMemoryIOManager()

    @atoll.asset(partitions_def=REGIONS)
    def up(context):
        return context.partition_key.upper()

    @atoll.asset
    def whole(context, up: dict):
        return up, list(context.asset_partition_keys_for_input("up"))

    for key in ("north", "south"):
        _run([up], key, memory)
    result = atoll.materialize([up, whole], selection=["whole"], resources={"io_manager": memory})
    assert result.asset_value("whole") == ({"north": "NORTH", "south": "SOUTH"}, ["north", "south"])


def a_week_loads_its_days():
    memory = atoll.InMemoryIOManager()

    @atoll.asset(partitions_def=DAYS)
    def day(context):
        return int(context.partition_key[-2:])

    week = atoll.asset(name="week", partitions_def=WEEKS)(lambda day: day)
    for number in range(7, 14):
        _run([day], f"2024-01-{number:02}", memory)
    result = _run([day, week], "2024-01-07", memory, selection=["week"])
    assert list(result.asset_value("week").values()) == list(range(7, 14))
    with raises(atoll.DefinitionError, "there is no upstream partition '2023-12-31'"):
        _run([day, week], "2023-12-31", memory, selection=["week"])
    with raises(atoll.ExecutionError, "no value of asset 'day' is stored for partition=2024-01-14"):
        _run([day, week], "2024-01-14", memory, selection=["week"])


def mappings_choose_what_is_loaded():
    memory = atoll.InMemoryIOManager()

    @atoll.asset(partitions_def=REGIONS)
    def up(context):
        return context.partition_key

    for key in ("north", "south"):
        _run([up], key, memory)
    for mapping, expected in (
        (atoll.LastPartitionMapping(), "south"),
        (atoll.AllPartitionMapping(), {"north": "north", "south": "south"}),
        (atoll.SpecificPartitionsPartitionMapping(["south"]), "south"),
        (atoll.IdentityPartitionMapping(), "north"),
        (atoll.StaticPartitionMapping({"south": "north", "north": "south"}), "south"),
    ):

        @atoll.asset(partitions_def=REGIONS, ins={"up": atoll.AssetIn(partition_mapping=mapping)})
        def down(up):
            return up

        assert _run([up, down], "north", memory, selection=["down"]).asset_value("down") == expected, mapping


def several_dimensions_have_keys_of_their_own():
    @atoll.asset(partitions_def=BOTH)
    def a(context):
        assert context.partition_time_window.start.day == 2
        return context.partition_key.keys_by_dimension

    key = atoll.MultiPartitionKey({"day": "2024-01-02", "region": "north"})
    expected = {"day": "2024-01-02", "region": "north"}
    assert atoll.materialize([a], partition_key=key).asset_value("a") == expected
    assert atoll.materialize([a], partition_key="2024-01-02|north").asset_value("a") == expected
    with raises(atoll.InvalidConfigError, "there is no partition '2024-01-02|east'"):
        atoll.materialize([a], partition_key="2024-01-02|east")


def one_dimension_of_several_is_loaded():
    memory = atoll.InMemoryIOManager()

    @atoll.asset(partitions_def=BOTH)
    def both(context):
        return str(context.partition_key)

    @atoll.asset(partitions_def=DAYS)
    def daily(both):
        return both

    @atoll.asset(partitions_def=BOTH)
    def back(daily):
        return daily

    for region in ("north", "south"):
        _run([both], f"2024-01-02|{region}", memory)
    found = _run([both, daily], "2024-01-02", memory, selection=["daily"]).asset_value("daily")
    assert found == {"2024-01-02|north": "2024-01-02|north", "2024-01-02|south": "2024-01-02|south"}
    assert _run([daily, back], "2024-01-02|south", memory, selection=["back"]).asset_value("back") == found


def a_range_of_partitions_is_made_in_one_run(folder):
    from atoll._catalog import Catalog
    from atoll._running._entry import execute

    seen = []

    @atoll.asset(partitions_def=DAYS)
    def a(context):
        seen.append((context.partition_key_range.start, context.partition_time_window.end.day))
        return {key: key[-1] for key in context.partition_keys}

    @atoll.asset(partitions_def=DAYS)
    def b(a: dict):
        return a

    keys = ["2024-01-02", "2024-01-03"]
    events = []
    catalog = Catalog(atoll.Definitions(assets=[a, b]))
    assert execute(catalog, {"partition_keys": keys, "directory": str(folder)}, events.append)
    assert seen == [("2024-01-02", 4)]
    made = [(event["asset"], event["partition"]) for event in events if event["type"] == "materialization"]
    assert made == [(asset, key) for asset in ("a", "b") for key in keys]
    assert sorted(path.name for path in (folder / "b").iterdir()) == [f"partition={key}.json" for key in keys]


def a_value_for_each_partition_of_a_range_is_asked_for(folder):
    from atoll._catalog import Catalog
    from atoll._running._entry import execute

    a = atoll.asset(name="a", partitions_def=REGIONS)(lambda: 5)
    events = []
    execute(Catalog(atoll.Definitions(assets=[a])), {"partition_keys": ["north", "south"]}, events.append)
    (event,) = [event for event in events if event["type"] == "step_failed"]
    assert "must be a dict with a value for each, not 5" in event["problem"]["message"]


def partitions_of_an_asset_in_another_location_are_known_by_their_description():
    from atoll._catalog import Catalog
    from atoll._running._entry import execute

    memory = atoll.InMemoryIOManager()
    up = atoll.asset(name="up", partitions_def=DAYS)(lambda context: context.partition_key)
    for number in range(7, 14):
        _run([up], f"2024-01-{number:02}", memory)
    found = []
    week = atoll.asset(name="week", partitions_def=WEEKS)(lambda up: found.append(sorted(up)))
    catalog = Catalog(atoll.Definitions(assets=[week], resources={"io_manager": memory}))
    external = {"up": {"partitions": DAYS.describe()}}
    assert execute(catalog, {"partition_keys": ["2024-01-07"], "external_assets": external}, lambda event: None)
    assert found == [[f"2024-01-{number:02}" for number in range(7, 14)]]


def dynamic_partitions_are_those_that_a_plan_names():
    from atoll._catalog import Catalog
    from atoll._running._entry import describe_plan, execute

    customers = atoll.DynamicPartitionsDefinition(name="customers")
    a = atoll.asset(name="a", partitions_def=customers)(lambda context: context.partition_key)
    assert atoll.materialize([a], partition_key="anyone").asset_value("a") == "anyone"
    catalog = Catalog(atoll.Definitions(assets=[a]))
    plan = {"partition_keys": ["x"], "dynamic_partitions": {"customers": ["x"]}}
    assert execute(catalog, plan, lambda event: None)
    with raises(atoll.InvalidConfigError, "there is no partition 'y'"):
        describe_plan(catalog, {**plan, "partition_keys": ["y"]})


def keys_are_listed_with_offsets_exclusions_and_cron():
    assert atoll.MonthlyPartitionsDefinition("2024-01-15", "2024-05-01").get_partition_keys() == [
        "2024-02-01", "2024-03-01", "2024-04-01",
    ]  # fmt: skip
    working = atoll.TimeWindowPartitionsDefinition("2024-01-04", "%Y-%m-%d", "2024-01-10", cron_schedule="0 0 * * 1-5")
    assert working.get_partition_keys() == ["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"][:4]
    without = atoll.DailyPartitionsDefinition("2024-01-01", "2024-01-04", exclusions=["2024-01-02"])
    assert without.get_partition_keys() == ["2024-01-01", "2024-01-03"]
    assert not without.has_partition_key("2024-01-02")
    assert without.get_last_partition_key() == "2024-01-03"
    for offset, count in ((-2, 1), (-1, 2), (0, 3), (1, 4), (2, 5)):
        moved = atoll.DailyPartitionsDefinition("2024-01-01", "2024-01-04", end_offset=offset)
        keys = moved.get_partition_keys()
        assert len(keys) == count
        assert [f"2024-01-{day:02}" for day in range(1, 9) if moved.has_partition_key(f"2024-01-{day:02}")] == keys


def keys_end_with_what_is_over_now():
    now = dt.datetime(2024, 1, 3, 12, tzinfo=dt.timezone.utc)
    days = atoll.DailyPartitionsDefinition("2024-01-01")
    assert days.get_partition_keys(current_time=now) == ["2024-01-01", "2024-01-02"]
    assert days.get_first_partition_key() == "2024-01-01"


def hours_follow_the_clock_through_daylight_saving():
    if sys.version_info < (3, 9):
        return  # time zones came with 3.9
    hours = atoll.HourlyPartitionsDefinition("2024-03-31-00:00", "2024-03-31-05:00", timezone="Europe/Berlin")
    assert [key[-5:] for key in hours.get_partition_keys()] == ["00:00", "01:00", "03:00", "04:00"]
    days = atoll.DailyPartitionsDefinition("2024-03-30", "2024-04-02", timezone="Europe/Berlin")
    utc = dt.timezone.utc
    windows = [days.time_window_for_partition_key(key) for key in days.get_partition_keys()]
    hours = [(w.end.astimezone(utc) - w.start.astimezone(utc)).total_seconds() / 3600 for w in windows]
    assert hours == [24, 23, 24]


def an_unknown_time_zone_is_a_problem_of_the_run():
    days = atoll.DailyPartitionsDefinition("2024-01-01", timezone="Europe/Atlantis")
    a = atoll.asset(name="a", partitions_def=days)(lambda: None)
    with raises(atoll.InvalidConfigError, "time zone 'Europe/Atlantis' is not known here"):
        atoll.materialize([a], partition_key="2024-01-01")


def checks_alone_may_look_at_one_partition():
    memory = atoll.InMemoryIOManager()
    a = atoll.asset(name="a", partitions_def=REGIONS)(lambda context: context.partition_key)

    @atoll.asset_check(asset=a)
    def check(context, a):
        return atoll.AssetCheckResult(passed=a == context.partition_key)

    _run([a], "north", memory)
    result = _run([a, check], "north", memory, selection=atoll.AssetSelection.checks(check))
    assert result.get_asset_check_evaluations()[0].passed
    assert result.get_events("check_result")[0]["partitions"] == ["north"]
    with raises(atoll.InvalidConfigError, "there is no partition 'east'"):
        _run([a, check], "east", memory, selection=atoll.AssetSelection.checks(check))
