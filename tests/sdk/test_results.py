"""Every argument of what tests make or functions return can be read back from the object."""

import inspect

import pytest

import atoll

VALUES = {
    "Output": {"value": 1, "output_name": "o", "metadata": {"a": 1}, "data_version": "1", "tags": {"a": "b"}},
    "MaterializeResult": {
        "asset_key": "a/b", "metadata": {"a": 1}, "check_results": [atoll.AssetCheckResult(passed=True)],
        "data_version": "1", "tags": {"a": "b"}, "value": 2,
    },
    "AssetCheckResult": {
        "passed": True, "asset_key": "a", "check_name": "c", "metadata": {"a": 1},
        "severity": atoll.AssetCheckSeverity.WARN, "description": "d",
    },
    "RunRequest": {
        "run_key": "k", "run_config": {"ops": {}}, "tags": {"a": "b"}, "job_name": "j", "asset_selection": ["a"],
        "partition_key": "p",
    },
    "SkipReason": {"skip_message": "m"},
    "SensorResult": {
        "run_requests": [atoll.RunRequest()], "skip_reason": atoll.SkipReason("x"), "cursor": "c",
        "dynamic_partitions_requests": [atoll.DynamicPartitionsDefinition(name="d").build_add_request(["k"])],
    },
    "AssetEvent": {
        "asset_key": "a", "partition": "p", "metadata": {}, "tags": {"a": "b"}, "run_id": "r", "timestamp": 1.5,
        "number": 3,
    },
    "InputContext": {
        "asset_key": "a", "partition_key": "p", "metadata": {"a": 1}, "name": "n",
        "upstream_output": atoll.OutputContext("a", "p"),
    },
    "AssetMaterialization": {"asset_key": "a", "description": "d", "metadata": {}, "partition": "p", "tags": {"a": "b"}},
    "AssetObservation": {"asset_key": "a", "description": "d", "metadata": {}, "partition": "p", "tags": {"a": "b"}},
    "OutputContext": {"asset_key": "a", "partition_key": "p", "metadata": {"a": 1}, "name": "n"},
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_every_argument_is_kept(name):
    made = getattr(atoll, name)(**VALUES[name])
    assert set(inspect.signature(getattr(atoll, name)).parameters) == set(VALUES[name])
    for argument, value in VALUES[name].items():
        kept = getattr(made, argument)
        expected = [atoll.AssetKey("a")] if argument == "asset_selection" else value
        assert kept == expected or str(kept) == value
    assert made == getattr(atoll, name)(**VALUES[name])


def test_a_failed_check_is_an_error_unless_it_says_otherwise():
    assert atoll.AssetCheckResult(passed=False).severity is atoll.AssetCheckSeverity.ERROR


def test_a_skip_reason_may_be_text():
    assert atoll.SensorResult(skip_reason="none").skip_reason == atoll.SkipReason("none")


def test_run_config_may_hold_config_objects():
    class Settings(atoll.Config):
        n: int

    request = atoll.RunRequest(run_config=atoll.RunConfig(ops={"a": Settings(n=1)}))
    assert request.run_config == {"ops": {"a": {"config": {"n": 1}}}}


def test_a_key_of_several_dimensions_is_text_with_its_parts():
    key = atoll.MultiPartitionKey(keys_by_dimension={"b": "2", "a": "1"})
    assert key == "1|2"
    assert atoll.build_asset_context(partition_key=key).partition_key.keys_by_dimension == {"a": "1", "b": "2"}


def test_outputs_may_be_annotated_with_their_type():
    assert atoll.Output[int] is atoll.Output
