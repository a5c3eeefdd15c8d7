"""Shapes are checked where they are declared: the user's own call raises."""

import pathlib
import traceback
from functools import partial

import pytest

import atoll
from atoll import DefinitionError


def function(context): ...


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        pytest.param(lambda: atoll.AssetKey("a b"), "asset key 'a b' is not valid", id="key-with-a-space"),
        pytest.param(lambda: atoll.AssetKey(""), "asset key '' is not valid", id="empty-key"),
        pytest.param(lambda: atoll.AssetKey([]), "at least one part", id="key-without-parts"),
        pytest.param(lambda: atoll.AssetKey(["a", 1]), "list of strings", id="key-of-numbers"),
        pytest.param(lambda: atoll.AssetKey(["a/b"]), "not valid", id="slash-in-a-part"),
        pytest.param(lambda: atoll.AssetSpec("a", deps="b"), "deps must be a list", id="deps-as-text"),
        pytest.param(lambda: atoll.AssetSpec("a", deps=["b", "b"]), "names 'b' twice", id="same-dep-twice"),
        pytest.param(lambda: atoll.AssetSpec("a", deps=[3]), "must be an asset or an asset key", id="dep-of-a-number"),
        pytest.param(lambda: atoll.AssetSpec("a", owners=["bob"]), "invalid owner 'bob'", id="owner-without-form"),
        pytest.param(lambda: atoll.AssetSpec("a", owners=["team:"]), "invalid owner 'team:'", id="empty-team"),
        pytest.param(lambda: atoll.AssetSpec("a", owners=["a@b"]), "invalid owner", id="address-without-domain"),
        pytest.param(lambda: atoll.AssetSpec("a", tags={"a b": "c"}), "invalid key 'a b'", id="tag-key"),
        pytest.param(lambda: atoll.AssetSpec("a", tags={"a": 1}), "must be a string", id="tag-value-of-a-number"),
        pytest.param(lambda: atoll.AssetSpec("a", tags={"a": "x" * 64}), "invalid value", id="long-tag-value"),
        pytest.param(lambda: atoll.AssetSpec("a", tags=["a"]), "must be a dict", id="tags-as-a-list"),
        pytest.param(lambda: atoll.AssetSpec("a", kinds=[str(n) for n in range(11)]), "lists 11 kinds", id="kinds"),
        pytest.param(lambda: atoll.AssetSpec("a", group_name="a b"), "not a valid name", id="group-name"),
        pytest.param(lambda: atoll.AssetSpec("a", skippable="yes"), "must be True or False", id="bool-as-text"),
        pytest.param(lambda: atoll.AssetSpec("a", description=3), "must be a string", id="description-of-a-number"),
        pytest.param(lambda: atoll.AssetSpec("a", metadata={1: 2}), "strings as keys", id="metadata-key"),
        pytest.param(lambda: atoll.AssetSpec("a", partitions_def="daily"), "partitions definition", id="partitions"),
        pytest.param(lambda: atoll.AssetIn("a", key_prefix="b"), "not both", id="asset-in-key-and-prefix"),
        pytest.param(lambda: atoll.AssetOut(key="a", key_prefix="b"), "not both", id="asset-out-key-and-prefix"),
        pytest.param(lambda: atoll.asset(name="a-b")(function), "not a valid name", id="asset-name"),
        pytest.param(lambda: atoll.asset(key="a", name="b")(function), "not both", id="key-and-name"),
        pytest.param(lambda: atoll.asset(ins={"x": atoll.AssetIn()})(function), "no parameter", id="ins-unknown"),
        pytest.param(lambda: atoll.asset(name="a")(lambda *a: None), "takes *args", id="variadic"),
        pytest.param(lambda: atoll.asset(len), "written as a function", id="builtin"),
        pytest.param(lambda: atoll.asset(3), "must decorate a function", id="no-function"),
        pytest.param(lambda: atoll.sensor(job_name="j")(3), "must be a function", id="sensor-of-no-function"),
        pytest.param(
            lambda: atoll.multi_asset(specs=[])(3), "must decorate a function", id="multi-asset-of-no-function"
        ),
        pytest.param(lambda: atoll.asset(partial(function, 1)), "must decorate a function", id="partial"),
        pytest.param(lambda: atoll.asset(retry_policy=3)(function), "must be a RetryPolicy", id="retry"),
        pytest.param(
            lambda: atoll.asset(check_specs=[atoll.AssetCheckSpec("c", asset="z")])(function),
            "does not make",
            id="check",
        ),
        pytest.param(lambda: atoll.multi_asset()(function), "either specs or outs", id="multi-asset-of-nothing"),
        pytest.param(
            lambda: atoll.multi_asset(specs=[atoll.AssetSpec("a"), atoll.AssetSpec("a")])(function),
            "makes 'a' twice",
            id="multi-asset-twice",
        ),
        pytest.param(
            lambda: atoll.multi_asset(outs={"a": atoll.AssetOut()}, internal_asset_deps={"b": ["a"]})(function),
            "names the output 'b'",
            id="unknown-output",
        ),
        pytest.param(lambda: atoll.RetryPolicy(max_retries=-1), "0 or more", id="negative-retries"),
        pytest.param(lambda: atoll.RetryPolicy(max_retries=1.5), "whole number", id="half-a-retry"),
        pytest.param(lambda: atoll.RetryPolicy(delay=float("nan")), "number of seconds", id="delay-nan"),
        pytest.param(lambda: atoll.RetryPolicy(backoff=atoll.Backoff.LINEAR), "shape a delay", id="backoff-alone"),
        pytest.param(lambda: atoll.RetryPolicy(delay=1, jitter="FULL"), "one of Jitter.FULL", id="jitter-as-text"),
        pytest.param(lambda: schedule("* * * *"), "has 4 fields instead of five", id="cron-of-four-fields"),
        pytest.param(lambda: schedule("* * * * * *"), "has 6 fields instead of five", id="cron-of-six-fields"),
        pytest.param(lambda: schedule("@often"), "no name for a time", id="cron-name"),
        pytest.param(lambda: schedule("0 0 * * {}"), "invalid field '{}'", id="cron-character"),
        pytest.param(lambda: schedule([]), "no cron expression", id="no-cron"),
        pytest.param(lambda: schedule(5), "cron expression", id="cron-of-a-number"),
        pytest.param(lambda: schedule("@daily", execution_timezone="Berlin now"), "no time zone", id="time-zone"),
        pytest.param(lambda: schedule("@daily", job=None), "has no target", id="no-target"),
        pytest.param(lambda: schedule("@daily", target="a"), "give only one of", id="two-targets"),
        pytest.param(lambda: schedule("@daily", default_status="RUNNING"), "DefaultScheduleStatus", id="status"),
        pytest.param(
            lambda: atoll.ScheduleDefinition(cron_schedule="@daily", target="a"), "needs a name", id="nameless-schedule"
        ),
        pytest.param(
            lambda: schedule("@daily", required_resource_keys={"a"}), "no function", id="keys-without-function"
        ),
        pytest.param(lambda: schedule("@daily", run_config={"opps": {}}), "unknown section 'opps'", id="run-config"),
        pytest.param(lambda: schedule("@daily", should_execute=3), "must be a function", id="should-execute"),
        pytest.param(
            lambda: atoll.sensor(job_name="j", minimum_interval_seconds=0)(function), "1 or more", id="sensor-interval"
        ),
        pytest.param(lambda: atoll.sensor(job="j")(function), "name a job by job_name", id="job-as-text"),
        pytest.param(
            lambda: atoll.sensor(job_name="j", asset_selection="a")(function), "not both", id="selection-and-job"
        ),
        pytest.param(lambda: atoll.define_asset_job("a b"), "not a valid name", id="job-name"),
        pytest.param(lambda: atoll.define_asset_job("a", "key:"), "a value is missing", id="selection"),
        pytest.param(lambda: atoll.define_asset_job("a", executor_def="x"), "in_process_executor", id="executor"),
        pytest.param(
            lambda: atoll.multiprocess_executor.configured({"max_concurent": 2}), "no setting", id="executor-setting"
        ),
        pytest.param(
            lambda: atoll.multiprocess_executor.configured({"max_concurrent": 0}), "1 or more", id="executor-value"
        ),
        pytest.param(lambda: atoll.op(ins={"a": 3})(function), "must be an In", id="op-in"),
        pytest.param(lambda: atoll.op(out=3)(function), "must be a dict", id="op-out"),
        pytest.param(lambda: atoll.op(tags={"a": "b c"})(function), "invalid value", id="op-tags"),
        pytest.param(lambda: atoll.job(lambda x: None), "not a valid name", id="job-of-a-lambda"),
        pytest.param(lambda: atoll.job(name="j")(function), "takes parameters", id="job-with-parameters"),
        pytest.param(lambda: atoll.graph(name="g")(lambda: 3), "returns 3", id="graph-returns-a-value"),
        pytest.param(lambda: atoll.EnvVar("a b"), "name of an environment variable", id="variable-name"),
        pytest.param(lambda: atoll.EnvVar.int(""), "name of an environment variable", id="empty-variable-name"),
        pytest.param(lambda: atoll.Definitions(assets=[function]), "is its decorator missing?", id="bare-function"),
        pytest.param(lambda: atoll.Definitions(assets=[[]]), "unpack the inner list", id="list-in-a-list"),
        pytest.param(lambda: atoll.Definitions(jobs=[atoll.AssetSpec("a")]), "belongs in assets=", id="misplaced"),
        pytest.param(lambda: atoll.Definitions(loggers={"a": 1}), "@logger", id="logger"),
        pytest.param(lambda: atoll.Definitions(resources={"a b": 1}), "not a valid name", id="resource-name"),
        pytest.param(
            lambda: atoll.Definitions(resources={"a": type("R", (atoll.ConfigurableResource,), {})}),
            "is a class",
            id="r",
        ),
        pytest.param(
            lambda: atoll.StaticPartitionsDefinition(["a", "a"]), "lists 'a' twice", id="same-partition-twice"
        ),
        pytest.param(lambda: atoll.StaticPartitionsDefinition(["a|b"]), "invalid partition key", id="partition-key"),
        pytest.param(lambda: atoll.StaticPartitionsDefinition([""]), "empty string", id="empty-partition-key"),
        pytest.param(lambda: atoll.DynamicPartitionsDefinition(name=""), "not a valid name", id="dynamic-name"),
        pytest.param(lambda: atoll.MultiPartitionsDefinition({}), "at least two dimensions", id="no-dimensions"),
        pytest.param(lambda: atoll.MultiPartitionsDefinition({"a": 1, "b": 2}), "dimension 'a'", id="dimension"),
        pytest.param(lambda: atoll.DailyPartitionsDefinition("2023-02-29"), "no time in the format", id="no-leap-year"),
        pytest.param(lambda: atoll.DailyPartitionsDefinition("2024-13-01"), "no time in the format", id="month-13"),
        pytest.param(lambda: atoll.DailyPartitionsDefinition("yesterday"), "no time in the format", id="no-date"),
        pytest.param(
            lambda: atoll.DailyPartitionsDefinition(20240101), "a datetime or a string", id="date-of-a-number"
        ),
        pytest.param(
            lambda: atoll.DailyPartitionsDefinition("24", fmt="%Y"), "no time in the format", id="other-format"
        ),
        pytest.param(lambda: atoll.DailyPartitionsDefinition("x", fmt="x"), "no part that changes", id="format"),
        pytest.param(lambda: atoll.HourlyPartitionsDefinition("2024-01-01"), "no time in the format", id="no-hour"),
        pytest.param(lambda: atoll.HourlyPartitionsDefinition("2024-01-01-24:00"), "no time", id="hour-24"),
        pytest.param(lambda: atoll.WeeklyPartitionsDefinition("2024-01-01", day_offset=7), "from 0 to 6", id="day-7"),
        pytest.param(lambda: atoll.MonthlyPartitionsDefinition("2024-01-01", day_offset=0), "from 1 to 31", id="day-0"),
        pytest.param(
            lambda: atoll.TimeWindowPartitionsDefinition("2024-01-01", "%Y-%m-%d"), "either schedule_type", id="windows"
        ),
        pytest.param(lambda: atoll.TimeWindowPartitionMapping(1, 0), "must not be after", id="mapping-offsets"),
        pytest.param(
            lambda: atoll.build_schedule_from_partitioned_job(atoll.define_asset_job("j")),
            "no partitions in time",
            id="schedule-of-an-unpartitioned-job",
        ),
        pytest.param(
            lambda: atoll.build_schedule_from_partitioned_job(
                atoll.define_asset_job("j", partitions_def=atoll.DailyPartitionsDefinition("2024-01-01")), day_of_week=2
            ),
            "does not suit",
            id="offset-that-does-not-suit",
        ),
        pytest.param(lambda: atoll.AssetCheckResult(passed="yes"), "must be True or False", id="check-result"),
        pytest.param(lambda: atoll.AssetCheckSpec("a b", asset="a"), "not a valid name", id="check-name"),
        pytest.param(lambda: atoll.multi_asset_check(specs=[])(function), "at least one", id="no-check-specs"),
        pytest.param(lambda: atoll.RunRequest(tags={"a": 1}), "must be a string", id="run-request-tags"),
        pytest.param(lambda: atoll.load_assets_from_modules([3]), "list of modules", id="no-module"),
        pytest.param(lambda: atoll.definitions(function), "takes no arguments", id="definitions-with-arguments"),
    ],
)
def test_a_wrong_shape_is_said_at_the_users_call(declare, said):
    with pytest.raises(DefinitionError) as caught:
        declare()
    assert said in f"{caught.value}; {caught.value.hint}"
    assert traceback.extract_tb(caught.value.__traceback__)[1].filename == __file__


def schedule(cron, **options):
    if "job" not in options:
        options["job_name"] = "j"
    return atoll.ScheduleDefinition("s", cron_schedule=cron, **options)


PUBLIC = [
    name
    for name in atoll.__all__
    if callable(getattr(atoll, name))
    and not hasattr(getattr(atoll, name), "_members")
    and not name.endswith(("Context", "PartitionMapping"))
    and name
    not in {
        "AssetsDefinition", "AssetChecksDefinition", "AssetSelection", "ConfigurableResource", "Config", "IOManager",
        "ConfigurableIOManager", "DefinitionError", "EnvVar", "GraphDefinition", "JobDefinition", "AssetJobDefinition",
        "SensorDefinition", "ExecutorDefinition", "MetadataValue", "Nothing", "OpDefinition", "PartitionsDefinition",
        "TableColumn", "TableRecord", "TableSchema", "MultiPartitionKey", "AssetKey", "definitions", "map_asset_specs",
        "ResourceParam", "ResourceDependency", "ExecutionError", "InvalidConfigError", "ExecuteInProcessResult",
        "HookDefinition", "ResourceDefinition", "TimeWindow", "PartitionKeyRange", "AssetCheckEvaluation",
        "FilesystemIOManager", "InMemoryIOManager",
    }
]  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_an_unknown_argument_is_a_type_error_that_names_it(name):
    with pytest.raises(TypeError, match=r"\(\) got an unexpected keyword argument 'zzz'"):
        getattr(atoll, name)(zzz=1)


def test_a_mistyped_argument_comes_with_the_one_that_was_meant():
    with pytest.raises(TypeError, match=r"'grup_name'; did you mean 'group_name'\?"):
        atoll.asset(grup_name="x")
    with pytest.raises(TypeError, match=r"Definitions\(\) .* 'asset'; did you mean 'assets'?"):
        atoll.Definitions(asset=[])


def test_a_mistyped_name_of_the_sdk_comes_with_the_one_that_was_meant():
    with pytest.raises(AttributeError, match=r"did you mean 'AssetSpec'\?"):
        atoll.AssetSpecs  # noqa: B018 -- reading it raises


def test_keys_are_the_same_however_they_are_written():
    assert atoll.AssetKey("a/b") == atoll.AssetKey(["a", "b"]) == atoll.AssetKey.from_user_string(text="a/b")
    assert hash(atoll.AssetKey("a/b")) == hash(atoll.AssetKey(path=["a", "b"]))
    assert atoll.AssetKey("b").with_prefix("a") == atoll.AssetKey("a/b")
    assert atoll.AssetKey("a/b").has_prefix(["a"])
    assert not atoll.AssetKey("a").has_prefix(["a", "b"])
    assert atoll.AssetKey("größe-1.x").to_user_string() == "größe-1.x"
    assert atoll.AssetKey("a/b-c").to_python_identifier() == "a__b_c"
    assert min(atoll.AssetKey("b"), atoll.AssetKey("a")).path == ["a"]


@pytest.mark.parametrize("date", ["2024-02-29", "2000-02-29", "1999-12-31"])
def test_dates_that_there_are_are_taken(date):
    assert atoll.DailyPartitionsDefinition(date).start == date


def test_datetimes_are_written_in_the_format():
    from datetime import UTC, datetime

    moment = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
    assert atoll.DailyPartitionsDefinition(moment).start == "2024-05-06"
    assert atoll.HourlyPartitionsDefinition(moment).start == "2024-05-06-07:08"


def test_choices_survive_a_copy():
    import copy
    import pickle

    assert copy.deepcopy(atoll.Backoff.LINEAR) is atoll.Backoff.LINEAR
    assert pickle.loads(pickle.dumps(atoll.Jitter.FULL)) is atoll.Jitter.FULL


def test_every_file_of_the_sdk_is_short():
    folder = pathlib.Path(atoll.__file__).parent
    assert {str(path) for path in folder.rglob("*.py") if len(path.read_text().split("\n")) >= 400} == set()
