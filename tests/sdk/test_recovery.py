"""No argument is accepted and ignored: every one that the sample gives is found again in the JSON alone."""

import inspect
import json

import atoll
import pytest
from atoll._loading import load
from atoll._plain import to_plain
from atoll._selection import AssetSelection, read_selection
from recovery import RECOVER, variable
from support_sdk import SAMPLE_NAME, Built, Recorder, import_file, list_public_arguments

HERE = "tests/sdk"

# Objects that users are given, never make: their constructors are not for them.
GIVEN = {
    "AssetsDefinition", "AssetChecksDefinition", "OpDefinition", "GraphDefinition", "JobDefinition",
    "AssetJobDefinition", "SensorDefinition", "ExecutorDefinition", "AssetExecutionContext", "OpExecutionContext",
    "AssetCheckExecutionContext", "ScheduleEvaluationContext", "SensorEvaluationContext", "MetadataValue",
    "PartitionsDefinition", "PartitionMapping", "DefinitionError",
}  # fmt: skip

# What is made in unit tests or returned at run time: test_results.py holds each argument against the object.
RETURNED = {
    "Output", "MaterializeResult", "AssetCheckResult", "RunRequest", "SkipReason", "SensorResult", "MultiPartitionKey",
    "InputContext", "OutputContext", "build_asset_context", "build_op_context", "build_asset_check_context",
    "build_schedule_context", "build_sensor_context",
}  # fmt: skip

# What changes or collects other definitions, each with a test of its own.
TESTED = {
    "Definitions.merge": "test_merging", "Definitions.map_asset_specs": "test_modules",
    "Definitions.validate_loadable": "test_relations", "definitions": "test_loading", "map_asset_specs": "test_modules",
    "AssetSpec.replace_attributes": "test_modules", "AssetSpec.merge_attributes": "test_modules",
    "AssetSelection": "test_selection", "MetadataValue.from_raw": "test_metadata", "AssetKey": "test_shapes",
    "AssetKey.from_user_string": "test_shapes",
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
    """Whether a recovered value is the given one, of which defaults may be left out."""
    built = recorder.as_built()

    def compare(recovered, given):
        made = built.get(id(given))
        if made is not None and made.name in RECOVER and isinstance(recovered, str):
            name = getattr(given, "name", None) or str(given.key)
            return recovered == name or compare_text(recovered, given)
        if isinstance(given, atoll.JobDefinition):
            return recovered == given.name
        if made is not None and made.name in ("logger", "LoggerDefinition"):
            return recovered.arguments["description"] == made.arguments["description"]
        if made is not None and made.name.startswith("EnvVar"):
            return recovered.name == "EnvVar" and recovered.arguments["name"] == made.arguments["name"]
        if made is not None and isinstance(recovered, Built):
            return compare_built(recovered, made)
        if isinstance(given, AssetSelection):
            return recovered == given.write()
        if isinstance(recovered, Built):
            return compare_raw(recovered, given)
        return compare_plain(recovered, given)

    def compare_built(recovered, made):
        assert recovered.name == made.name, (recovered, made)
        for name, value in made.arguments.items():
            assert compare(recovered.arguments[name], value), (recovered.name, name, recovered.arguments[name], value)
        return True

    def compare_raw(recovered, given):
        if hasattr(given, "_atoll_values"):
            fields = given._atoll_values.items()
            return all(compare_field(recovered.arguments[name], value) for name, value in fields)
        if recovered.name in ("AssetDep", "AssetIn") and isinstance(given, str):
            return recovered.arguments.get("asset", recovered.arguments.get("key")) == given
        if recovered.name == "dict":
            return recovered.arguments["value"] == given
        return compare(recovered.arguments["raw"], given)

    def compare_field(recovered, value):
        if recovered == {"redacted": True}:
            return value == "unsafe"
        if isinstance(recovered, dict) and "resource" in recovered:
            return value is recorder.module.vault
        if isinstance(recovered, dict) and hasattr(value, "_atoll_values") and "type" in recovered:
            fields = {name: variable(field) for name, field in recovered["config"].items()}
            return compare_plain(fields, value._atoll_values)
        return compare(recovered, value)

    def compare_plain(recovered, given):
        if isinstance(given, dict):
            given_ins = all(isinstance(value, Built) and value.name == "AssetIn" for value in recovered.values())
            assert set(given) <= set(recovered) if given_ins else set(given) == set(recovered), (recovered, given)
            return all(compare_field(recovered[name], value) for name, value in given.items())
        if isinstance(given, (list, tuple)) and isinstance(recovered, list):
            return len(recovered) == len(given) and all(map(compare, recovered, given))
        if isinstance(given, (set, frozenset)):
            return recovered == sorted(given)
        if isinstance(given, str) and isinstance(recovered, list):
            return recovered in (given.split("/"), [given])
        if isinstance(given, list) and isinstance(recovered, str):
            return recovered == "/".join(map(str, given)) or compare_text(recovered, given)
        if hasattr(given, "_members") or inspect.isfunction(given):
            return recovered == getattr(given, "name", None) or recovered == getattr(given, "__name__", None)
        if isinstance(given, atoll.ExecutorDefinition):
            return recovered == f"{given.name}_executor"
        if hasattr(given, "_atoll_values"):
            return compare_plain(recovered, given._atoll_values)
        if given is int or given is str or given is atoll.Nothing:
            return recovered == given.__name__
        plain = to_plain(given)
        return recovered == plain or compare_text(recovered, given)

    def compare_text(recovered, given):
        try:
            return recovered == read_selection(given, "").write()
        except ValueError:
            return False

    return compare


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
    "op_retry_policy", "partitions_def",
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
    }
    assert set(given) == set(TO_JOB)
    for argument, value in given.items():
        assert fit(recovered[argument], value), (argument, recovered[argument], value)


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
        assert "atoll." in line or "def " in line or "Vault(" in line or "Database(" in line or "defs =" in line or (
            "files" in line or "resources=" in line or "lambda" in line
        ), (source, line)  # fmt: skip


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
