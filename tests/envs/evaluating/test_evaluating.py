"""What functions of schedules and sensors give becomes run requests, in the oldest and the newest Python alike."""

from datetime import UTC, datetime

import pytest
from ticking_modules import ASSETS

NOTHING = {"run_key": None, "job": None, "assets": None, "checks": None, "partition": None, "tags": {}, "config": None}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize("version", ["3.8", "3.13"])
def test_every_way_to_ask_for_a_run_means_the_same_in_old_and_new_pythons(locate, python, version):
    location = locate(
        ASSETS
        + """
plain = ScheduleDefinition("plain", target=[orders], cron_schedule="0 2 * * *", run_config=configure(4), tags={"a": "b"})

@schedule("@daily", job=both)
def one(context):
    return RunRequest(run_key=context.scheduled_execution_time.isoformat(), tags={"x": "y"})

@schedule("@daily", job=both)
def several(context): return [RunRequest("1"), RunRequest("2", asset_selection=["totals"])]

@schedule("@daily", job=both)
def yields(context):
    for number in range(3):
        yield RunRequest(str(number))

@schedule("@daily", job=both)
def skips(context): return SkipReason("too early")

@schedule("@daily", target=[orders])
def config(context): return configure(7)

@schedule("@daily", job=both)
def nothing(): return None

@schedule("@daily", job=both, should_execute=lambda context: context.scheduled_execution_time.hour > 5)
def late(context): return RunRequest()

@sensor(jobs=[both], tags={"team": "x"})
def watch(context):
    print("looking")
    context.log.info("since %s", context.last_tick_completion_time)
    context.update_cursor(str(int(context.cursor or 0) + 1))
    if context.last_run_key == "stop":
        return SkipReason("stopped")
    return RunRequest(job_name="both")

@sensor(target=[totals])
def result(context):
    return SensorResult([RunRequest(run_key="r")], cursor="from the result")

defs = Definitions(schedules=[plain, one, several, yields, skips, config, nothing, late], sensors=[watch, result], **ASSETS)
""",
        python(version),
    )
    moment = at("2024-05-06T04:00:00")
    (request,) = location.schedule("plain", moment).requests
    assert request == {
        **NOTHING,
        "assets": ["orders"],
        "tags": {"a": "b"},
        "config": {"ops": {"orders": {"config": {"rows": 4}}}},
    }
    (request,) = location.schedule("one", moment).requests
    assert request == {**NOTHING, "run_key": "2024-05-06T04:00:00+00:00", "job": "both", "tags": {"x": "y"}}
    first, second = location.schedule("several").requests
    assert (first["run_key"], first["assets"], second["run_key"], second["assets"]) == ("1", None, "2", ["totals"])
    assert [request["run_key"] for request in location.schedule("yields").requests] == ["0", "1", "2"]
    assert location.schedule("skips").skip_reason == "too early"
    (request,) = location.schedule("config").requests
    assert request["config"] == {"ops": {"orders": {"config": {"rows": 7}}}}
    assert location.schedule("nothing").skip_reason == "the function asked for no run"
    assert location.schedule("late", moment).skip_reason == "should_execute gave False"
    assert len(location.schedule("late", at("2024-05-06T06:00:00")).requests) == 1

    found = location.sensor("watch", cursor="4", last_tick=12.5, last_run_key=None)
    assert (found.cursor, found.output) == ("5", "looking\n")
    assert [(log["level"], log["message"]) for log in found.logs] == [("info", "since 12.5")]
    assert found.requests == ({**NOTHING, "job": "both", "tags": {"team": "x"}},)
    found = location.sensor("watch", cursor=None, last_run_key="stop")
    assert (found.requests, found.skip_reason, found.cursor) == ((), "stopped", "1")
    assert location.sensor("result", cursor="before").cursor == "from the result"
    assert location.worker.is_usable


def test_a_schedule_that_follows_partitions_starts_the_one_that_is_complete_at_its_moment(locate):
    location = locate("""
days = DailyPartitionsDefinition("2024-01-03", end_date="2024-01-08", exclusions=["2024-01-06"], timezone="Europe/Berlin")
hours = HourlyPartitionsDefinition("2024-01-01-00:00", end_offset=1)
months = MonthlyPartitionsDefinition("2023-01-01")
places = StaticPartitionsDefinition(["north", "south"])
both = MultiPartitionsDefinition({"when": MonthlyPartitionsDefinition("2023-01-01"), "where": places})

def make(name, partitions, **more):
    made = asset(name=name, partitions_def=partitions)(lambda: None)
    job = define_asset_job(f"{name}_job", [made], partitions_def=partitions)
    return made, build_schedule_from_partitioned_job(job, name=name, **more)

pairs = [make("daily", days, hour_of_day=4), make("hourly", hours), make("monthly", months), make("places", both)]
defs = Definitions(assets=[one for one, _ in pairs], schedules=[other for _, other in pairs])
""")

    def partitions(name, moment):
        return [request["partition"] for request in location.schedule(name, at(moment)).requests]

    assert partitions("daily", "2024-01-05T03:00:00") == ["2024-01-04"]
    assert partitions("daily", "2024-01-04T22:59:59") == ["2024-01-03"]
    assert partitions("daily", "2024-01-04T23:00:00") == ["2024-01-04"]
    assert partitions("daily", "2024-01-03T03:00:00") == []
    assert partitions("daily", "2024-01-07T03:00:00") == []
    assert partitions("daily", "2024-01-08T03:00:00") == ["2024-01-07"]
    assert partitions("daily", "2024-01-09T03:00:00") == []
    assert "no partition" in location.schedule("daily", at("2024-01-09T03:00:00")).skip_reason
    assert partitions("hourly", "2024-01-09T03:00:00") == ["2024-01-09-03:00"]
    assert partitions("monthly", "2024-03-01T00:00:00") == ["2024-02-01"]
    assert partitions("places", "2024-03-01T00:00:00") == ["2024-02-01|north", "2024-02-01|south"]
    # One of the future is looked at as if it were now.
    assert partitions("monthly", "2100-03-01T00:00:00") == ["2100-02-01"]


def test_a_sensor_adds_dynamic_partitions_and_asks_for_their_runs_at_once(locate):
    location = locate("""
pets = DynamicPartitionsDefinition(name="pets")

@asset(partitions_def=pets)
def food(): ...

@sensor(target=[food])
def arrivals(context):
    known = context.get_dynamic_partitions("pets")
    yield SensorResult(
        [RunRequest(partition_key=key) for key in [*known, "cat"]],
        dynamic_partitions_requests=[pets.build_add_request(["cat"]), pets.build_delete_request(["fish"])],
    )

@sensor(target=[food])
def gone(context):
    return SensorResult([RunRequest(partition_key="dog")], dynamic_partitions_requests=[pets.build_delete_request(["dog"])])

@sensor(target=[food])
def others(context):
    return SensorResult(dynamic_partitions_requests=[DynamicPartitionsDefinition(name="pet").build_add_request(["x"])])

defs = Definitions(assets=[food], sensors=[arrivals, gone, others])
""")
    found = location.sensor("arrivals", dynamic_partitions={"pets": ["dog"]})
    assert [request["partition"] for request in found.requests] == ["dog", "cat"]
    assert found.dynamic == (
        {"name": "pets", "add": ["cat"], "delete": []},
        {"name": "pets", "add": [], "delete": ["fish"]},
    )
    _, problem = location.fail("gone", dynamic_partitions={"pets": ["dog"]})
    assert (problem.kind, "partition 'dog'" in problem.message) == ("unknown_partition", True)
    _, problem = location.fail("others")
    assert (problem.kind, problem.hint) == ("unknown_target", "did you mean 'pets'?")


def test_resources_are_there_while_a_function_runs_and_torn_down_whatever_happens(locate):
    location = locate(
        ASSETS
        + """
class Store(ConfigurableResource):
    url: str
    def setup_for_execution(self, context): print("up", len(self.url))
    def teardown_after_execution(self, context): print("down")

class Broken(ConfigurableResource):
    def setup_for_execution(self, context): raise OSError("no route")

@resource(required_resource_keys={"store"})
def connection(context):
    yield context.resources.store.url
    print("closed")

@sensor(target=[orders])
def yields(context, store: Store):
    print("in", context.resources.store is store)
    yield RunRequest("1")
    context.log.info("secret is %s", store.url)

@sensor(target=[orders], required_resource_keys={"connection"})
def fails(context):
    raise KeyError(len(context.resources.connection))

@sensor(target=[orders])
def unready(broken: Broken): ...

defs = Definitions(
    sensors=[yields, fails, unready],
    resources={"store": Store(url=EnvVar("SECRET_URL")), "connection": connection, "broken": Broken()},
    **ASSETS,
)
""",
        SECRET_URL="swordfish",
    )
    found = location.sensor("yields")
    assert (len(found.requests), found.output) == (1, "up 9\nin True\ndown\n")
    assert [log["message"] for log in found.logs] == ["secret is ***"]
    error, problem = location.fail("fails")
    assert (problem.message, error.output) == ("KeyError: 9", "up 9\nclosed\ndown\n")
    _, problem = location.fail("unready")
    assert problem.message == "resource 'broken' could not be set up: OSError: no route"
    assert location.worker.is_usable


def test_a_variable_that_is_not_set_is_a_problem_of_the_evaluation(locate):
    location = locate("""
class Store(ConfigurableResource):
    url: str

@sensor(job_name="j")
def watch(store: Store): raise AssertionError("never called")

defs = Definitions(sensors=[watch], jobs=[define_asset_job("j")], resources={"store": Store(url=EnvVar("NOT_SET_ANYWHERE"))})
""")
    _, problem = location.fail("watch")
    assert problem.kind == "unset_variable"
    assert "NOT_SET_ANYWHERE is not set" in problem.message
