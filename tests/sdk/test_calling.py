"""Calling a definition in a unit test calls the function, with fakes in place of resources."""

import types

import pytest

import atoll


class Database(atoll.ConfigurableResource):
    host: str


class Settings(atoll.Config):
    limit: int = 10
    label: str = "x"


class Fake:
    host = "fake"


@atoll.asset
def plain():
    return 1


@atoll.asset
def full(context, plain, database: Database, config: Settings):
    return plain, database.host, config.limit, context.partition_key


@atoll.op(ins={"x": atoll.In(default_value=3), "start": atoll.In(atoll.Nothing)})
def an_op(context, x):
    return x, context.op_config


@atoll.op
def add(a, b=2):
    return a + b


@atoll.sensor(job_name="j")
def a_sensor(anything, database: Database):
    anything.update_cursor("2")
    return atoll.RunRequest(run_key=anything.cursor, tags={"host": database.host})


@atoll.schedule("@daily", job_name="j")
def a_schedule(context):
    return atoll.RunRequest(tags={"at": str(context.scheduled_execution_time)})


@atoll.asset_sensor("a", job_name="j")
def an_asset_sensor(context, event):
    return atoll.SkipReason(f"{event}")


@atoll.asset_check(asset=plain)
def a_check(plain, database: Database):
    return atoll.AssetCheckResult(passed=plain == 1, metadata={"host": database.host})


def test_an_asset_returns_what_its_function_returns():
    assert plain() == 1


def test_upstream_values_fakes_and_config_are_given_by_name_or_place():
    context = atoll.build_asset_context(partition_key="2024")
    assert full(context, 5, database=Fake(), config=Settings(limit=3)) == (5, "fake", 3, "2024")
    assert full(context=context, plain=5, database=Fake(), config={"limit": 4}) == (5, "fake", 4, "2024")
    assert full(context, 5, Fake()) == (5, "fake", 10, "2024")


def test_resources_and_config_may_come_from_the_context():
    context = atoll.build_asset_context(
        resources={"database": Fake()},
        asset_config={"limit": 2},
        partition_key="a",
        run_tags={"x": "y"},
        asset_keys=["full"],
    )
    assert full(context, 1) == (1, "fake", 2, "a")
    assert context.run_tags == {"x": "y"}
    assert context.asset_key == atoll.AssetKey("full")


def test_a_resource_given_twice_is_refused():
    context = atoll.build_asset_context(resources={"database": Fake()})
    with pytest.raises(TypeError, match="both directly and in its context"):
        full(context, 1, database=Fake())


@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param(full, "pass atoll.build_asset_context", id="no-context"),
        pytest.param(lambda: full(atoll.build_asset_context()), "missing the argument 'plain'", id="no-upstream"),
        pytest.param(lambda: full(5, database=1), "its context was 5", id="value-in-place-of-the-context"),
        pytest.param(lambda: full(atoll.build_asset_context(), 1, 2, {}, 3), "takes 3 arguments", id="too-many"),
        pytest.param(lambda: full(atoll.build_asset_context(), 1, plain=1), "multiple values", id="twice"),
        pytest.param(lambda: plain(other=1), "unexpected keyword argument 'other'", id="unknown"),
        pytest.param(an_op, "pass atoll.build_op_context", id="op-without-context"),
        pytest.param(a_sensor, "pass atoll.build_sensor_context", id="sensor-without-context"),
        pytest.param(a_schedule, "pass atoll.build_schedule_context", id="schedule-without-context"),
    ],
)
def test_a_call_that_does_not_fit_says_why(call, said):
    with pytest.raises(TypeError, match=said):
        call()


def test_a_config_of_the_wrong_shape_is_said():
    with pytest.raises(atoll.DefinitionError, match="Settings has no field 'limits'"):
        full(atoll.build_asset_context(), 1, database=1, config={"limits": 1})


def test_a_fake_context_will_do():
    context = types.SimpleNamespace(partition_key="p")
    assert full(context, 1, database=Fake()) == (1, "fake", 10, "p")


def test_ops_take_defaults_config_and_leave_out_what_only_waits():
    context = atoll.build_op_context(op_config={"a": 1}, partition_key="p", resources={"r": 1}, run_tags={"t": "u"})
    assert an_op(context) == (3, {"a": 1})
    assert an_op(context, 4, start=None) == (4, {"a": 1})
    assert add(1) == 3
    assert (context.partition_key, context.resources.r, context.run_tags) == ("p", 1, {"t": "u"})


def test_an_op_under_another_name_is_still_its_function():
    assert add.alias("plus")(1, b=1) == 2


def test_a_graph_called_outside_another_runs_its_ops():
    @atoll.graph
    def twice(x):
        return add(add(x))

    assert twice(1) == 5


def test_generators_stay_generators():
    @atoll.asset
    def stream():
        yield atoll.Output(1)

    assert [output.value for output in stream()] == [1]


def test_sensors_schedules_and_checks_are_called_too():
    context = atoll.build_sensor_context(cursor="1", resources={"database": Fake()}, last_run_key="k")
    assert a_sensor(context).run_key == "2"
    assert context.last_run_key == "k"
    assert a_schedule(atoll.build_schedule_context(scheduled_execution_time="now", resources={})).tags == {"at": "now"}
    assert an_asset_sensor(atoll.build_sensor_context(), "event").skip_message == "event"
    assert a_check(1, database=Fake()).passed
    assert a_check(atoll.build_asset_check_context(resources={"database": Fake()}), 2).passed is False


def test_a_sensor_of_runs_is_told_of_a_run():
    @atoll.run_failure_sensor(required_resource_keys={"database"})
    def on_failure(context):
        context.log.warning("it failed")
        told = (context.run_id, context.job_name, context.location, context.status, context.failure_message)
        return atoll.SkipReason(f"{told} {context.tags} {context.partition_key} {context.resources.database}")

    context = atoll.build_run_status_sensor_context(
        run_id="r1",
        job_name="j",
        location="l",
        status="failed",
        tags={"a": "b"},
        failure_message="broken",
        partition="p",
        resources={"database": "d"},
        cursor="c",
    )
    assert on_failure(context).skip_message == "('r1', 'j', 'l', 'failed', 'broken') {'a': 'b'} p d"
    assert context.cursor == "c"
    with pytest.raises(TypeError, match="build_run_status_sensor_context"):
        on_failure()


def test_contexts_of_ticks_know_dynamic_partitions_and_the_tick_before():
    known = {"pets": ["cat"]}
    context = atoll.build_sensor_context(last_tick_completion_time=5.0, dynamic_partitions=known)
    assert (context.last_tick_completion_time, context.get_dynamic_partitions("pets")) == (5.0, ["cat"])
    assert atoll.build_schedule_context(dynamic_partitions=known).get_dynamic_partitions("dogs") == []


def test_a_sensor_of_an_asset_is_told_of_its_materialization():
    event = atoll.AssetEvent(["raw", "orders"], partition="p", metadata={"rows": 3}, run_id="r")
    assert an_asset_sensor(atoll.build_sensor_context(), event).skip_message == f"{event}"
    assert (str(event.asset_key), event.metadata["rows"].value) == ("raw/orders", 3)


def test_a_schedule_without_a_function_cannot_be_called():
    with pytest.raises(TypeError, match="no function to call"):
        atoll.ScheduleDefinition("s", cron_schedule="@daily", job_name="j")()


def test_a_context_says_what_it_does_not_have():
    context = atoll.build_asset_context()
    with pytest.raises(ValueError, match="no partition key"):
        context.partition_key  # noqa: B018 -- reading it raises
    with pytest.raises(AttributeError, match="no resource 'database' was given"):
        context.resources.database  # noqa: B018 -- reading it raises
    with pytest.raises(ValueError, match="0 asset keys"):
        context.asset_key  # noqa: B018 -- reading it raises
    assert not context.has_partition_key


def test_a_context_keeps_metadata_and_logs(caplog):
    context = atoll.build_asset_context()
    context.add_output_metadata({"rows": 1})
    context.log.warning("hello")
    assert context.output_metadata == {"result": {"rows": 1}}
    assert "hello" in caplog.text


def test_what_functions_of_another_module_keep_is_the_plain_function():
    assert plain.computation.function() == 1
