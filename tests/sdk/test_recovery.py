"""No argument is accepted and ignored: every one that the sample gives is found again in the JSON alone."""

import json

import pytest
from comparing import Comparison
from recovery import RECOVER
from support_sdk import SAMPLE_NAME, Recorder, import_file, list_public_arguments

import atoll
from atoll._loading import load

HERE = "tests/sdk"

# Objects that users are given, never make: their constructors are not for them.
GIVEN = {
    "AssetsDefinition", "AssetChecksDefinition", "OpDefinition", "GraphDefinition", "JobDefinition",
    "AssetJobDefinition", "SensorDefinition", "ExecutorDefinition", "AssetExecutionContext", "OpExecutionContext",
    "AssetCheckExecutionContext", "ScheduleEvaluationContext", "SensorEvaluationContext", "MetadataValue",
    "PartitionsDefinition", "PartitionMapping", "DefinitionError", "ExecutionError", "InvalidConfigError",
    "ExecuteInProcessResult", "HookContext", "HookDefinition", "InitResourceContext", "ResourceDefinition", "TimeWindow",
    "PartitionKeyRange", "AssetCheckEvaluation", "AddDynamicPartitionsRequest", "DeleteDynamicPartitionsRequest",
    "RunStatusSensorContext",
}  # fmt: skip

# What is made in unit tests or returned at run time: test_results.py holds each argument against the object.
RETURNED = {
    "Output", "MaterializeResult", "AssetCheckResult", "RunRequest", "SkipReason", "SensorResult", "MultiPartitionKey",
    "InputContext", "OutputContext", "build_asset_context", "build_op_context", "build_asset_check_context",
    "build_schedule_context", "build_sensor_context", "build_input_context", "build_output_context",
    "build_init_resource_context", "AssetMaterialization", "AssetObservation", "Failure", "RetryRequested",
    "AssetEvent", "build_run_status_sensor_context",
}  # fmt: skip

# What changes or collects other definitions, each with a test of its own.
TESTED = {
    "Definitions.merge": "test_merging", "Definitions.map_asset_specs": "test_modules",
    "Definitions.validate_loadable": "test_relations", "definitions": "test_loading", "map_asset_specs": "test_modules",
    "AssetSpec.replace_attributes": "test_modules", "AssetSpec.merge_attributes": "test_modules",
    "AssetSelection": "test_selection", "MetadataValue.from_raw": "test_metadata", "AssetKey": "test_shapes",
    "AssetKey.from_user_string": "test_shapes", "materialize": "running", "materialize_to_memory": "running",
    "FilesystemIOManager": "running", "InMemoryIOManager": "running",
    **{name: "test_modules" for name in atoll.__all__ if name.startswith("load_")},
}  # fmt: skip


@pytest.fixture(scope="module")
def recorder(samples):
    recorder = Recorder(atoll)
    recorder.module = recorder.record(samples / "everything.py", SAMPLE_NAME)
    return recorder


@pytest.fixture(scope="module")
def snapshot(recorder):
    """The sample's snapshot, as it comes out of JSON text."""
    return json.loads(json.dumps(load(recorder.module), allow_nan=False))


@pytest.fixture(scope="module")
def fit(recorder):
    """Tell whether a recovered value is the given one."""
    return Comparison(recorder.as_built(), recorder.module.vault).compare


def test_the_sample_has_at_least_sixty_definitions(snapshot):
    kinds = ("assets", "checks", "jobs", "schedules", "sensors", "resources")
    ops = [entry for entry in snapshot["computations"] if entry["type"] in ("op", "graph")]
    assert sum(len(snapshot[kind]) for kind in kinds) + len(ops) >= 60


@pytest.mark.parametrize("name", sorted(set(RECOVER) - {"Definitions"}))
def test_every_argument_is_recovered_from_the_json(recorder, snapshot, fit, name):
    calls = [(arguments, result) for called, arguments, result in recorder.calls if called == name]
    assert calls, f"the sample never calls {name}"
    for arguments, result in calls:
        if name == "AssetSpec" and not any(str(result.key) == asset["key"] for asset in snapshot["assets"]):
            continue
        if name == "graph" and result.name == "lone":
            continue
        recovered = RECOVER[name](snapshot, result)
        for argument, given in arguments.items():
            if argument == "function":
                continue
            assert argument in recovered, f"{name}.{argument} is nowhere in the JSON"
            assert fit(recovered[argument], given), (name, argument, recovered[argument], given)


def test_everything_that_is_handed_in_is_recovered(recorder, snapshot, fit):
    ((_, arguments, result),) = [call for call in recorder.calls if call[0] == "Definitions"]
    recovered = RECOVER["Definitions"](snapshot, result)
    keys = [str(spec.key) for item in arguments["assets"] for spec in getattr(item, "specs", [item])]
    assert recovered["assets"] == keys
    assert recovered["asset_checks"][-3:] == ["plausible", "fresh", "fresh"]
    assert recovered["jobs"][:3] == [job.name for job in arguments["jobs"]]
    assert recovered["schedules"] == [schedule.name for schedule in arguments["schedules"]]
    assert recovered["sensors"] == [sensor.name for sensor in arguments["sensors"]]
    for argument in ("resources", "executor", "loggers", "metadata"):
        assert fit(recovered[argument], arguments[argument]), argument


def test_a_graphs_own_arguments_are_recovered_where_only_its_job_is_handed_in(snapshot):
    job = next(job for job in snapshot["jobs"] if job["name"] == "lone_job")
    assert job["graph"] == "lone"
    assert next(c for c in snapshot["computations"] if c["name"] == "lone")["tags"] == {"from": "graph"}


def test_nodes_tell_their_names_inputs_tags_and_retries(snapshot):
    job = next(job for job in snapshot["jobs"] if job["name"] == "cleanup")
    nodes = {node["name"]: node for node in job["nodes"]}
    assert list(nodes) == ["begin", "cleaning", "begin_2", "third", "join"]
    assert nodes["begin"]["tags"] == {"node": "one"}
    assert nodes["begin"]["retry_policy"]["max_retries"] == 6
    assert nodes["cleaning"]["dependencies"][0]["from"] == [{"node": "begin", "output": "result"}]
    assert nodes["join"]["dependencies"][1]["fan_in"] is True
    inner = next(entry for entry in snapshot["computations"] if entry["name"] == "cleaning")["nodes"]
    assert inner[0]["name"] == "first_fetch"
    assert inner[0]["dependencies"] == [{"input": "start", "from": [{"graph_input": "raw_rows"}], "fan_in": False}]


def test_the_meaning_of_selections_is_recovered_too(snapshot):
    sensors = {sensor["name"]: sensor["targets"][0]["assets"] for sensor in snapshot["sensors"] if sensor["targets"][:1]
               and "assets" in sensor["targets"][0]}  # fmt: skip
    assert sensors["sensor_groups"] == ["pair/left", "pair/other", "graphs/merged"]
    assert sensors["sensor_tag"] == ["shop/core/orders"]
    assert sensors["sensor_upstream"] == ["weeks"]
    assert sensors["sensor_downstream"] == ["weeks", "months", "by_place"]
    assert sensors["sensor_shape"] == ["ticks", "twin_b"]
    assert sensors["sensor_rest"] == ["twin_a", "twin_b"]
    assert sensors["sensor_prefixes"] == ["lake/prices"]


def test_no_public_argument_is_without_a_use(recorder):
    used = {(name, argument) for name, arguments, _ in recorder.calls for argument in arguments}
    used |= {("GraphDefinition.to_job", argument) for argument in TO_JOB}
    used |= {("ExecutorDefinition.configured", "config")} & {
        (f"ExecutorDefinition.{name.partition('.')[2]}", argument) for name, argument in used
    }
    missing = [
        f"{name}.{argument}"
        for name, argument in list_public_arguments(atoll)
        if (name, argument) not in used
        and name not in GIVEN | RETURNED | set(TESTED)
        and name.partition(".")[0] not in RETURNED | {"AssetSelection"}
    ]
    assert missing == []


TO_JOB = (
    "name", "description", "resource_defs", "config", "tags", "run_tags", "metadata", "logger_defs", "executor_def",
    "op_retry_policy", "partitions_def", "hooks",
)  # fmt: skip


def test_a_job_made_of_a_graph_tells_every_argument(recorder, snapshot, fit):
    module = recorder.module
    recovered = RECOVER["job"](snapshot, module.graph_job)
    given = {
        "name": "lone_job",
        "description": "Alone.",
        "resource_defs": {"vault": module.vault},
        "config": {"ops": {"begin": {"config": 1}}},
        "tags": {"from": "graph", "team": "b"},
        "run_tags": {"note": "other"},
        "metadata": {"page": "book"},
        "logger_defs": {"file": module.file_logger},
        "executor_def": atoll.in_process_executor,
        "op_retry_policy": module.graph_job.op_retry_policy,
        "partitions_def": module.regions,
        "hooks": [module.tell],
    }
    assert set(given) == set(TO_JOB)
    for argument, value in given.items():
        assert fit(recovered[argument], value), (argument, recovered[argument], value)


MARKS = ("atoll.", "def ", "Vault(", "Database(", "Files(", "to_job(")


def test_every_definition_tells_the_users_own_file_and_line(samples):
    path = samples / "everything.py"
    lines = path.read_text(encoding="utf-8").split("\n")
    snapshot = load(import_file(path, SAMPLE_NAME))
    sources = [snapshot["source"]]
    for kind in ("assets", "computations", "checks", "jobs", "schedules", "sensors", "resources"):
        sources += [entry["source"] for entry in snapshot[kind]]
    assert {source["file"] for source in sources} == {str(path)}
    for source in sources:
        line = lines[source["line"] - 1]
        assert any(mark in line for mark in MARKS), (source, line)


def test_the_cron_expression_is_found_at_its_own_line(samples):
    path = samples / "everything.py"
    lines = path.read_text(encoding="utf-8").split("\n")
    for schedule in load(import_file(path, SAMPLE_NAME))["schedules"][:6]:
        assert schedule["cron"][0] in lines[schedule["cron_source"]["line"] - 1]


def test_the_snapshot_holds_no_secret_and_no_address(snapshot):
    text = json.dumps(snapshot)
    assert "unsafe" not in text
    assert " at 0x" not in text
    assert {entry["name"] for entry in snapshot["environment_variables"]} == {"VAULT_TOKEN", "DB_HOST", "DB_PORT"}
