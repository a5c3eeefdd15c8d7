"""Sensors of assets and of runs are told of what happened."""

import pytest
from ticking_modules import ASSETS

EVENT = {
    "asset": "raw/deliveries",
    "partition": "2024-01-01",
    "metadata": {"rows": {"type": "int", "value": 3}},
    "tags": {"x": "y"},
    "run_id": "r1",
    "timestamp": 12.5,
    "number": 8,
    "location": "elsewhere",
}
RUN = {
    "id": "r2",
    "number": 17,
    "job": "nightly",
    "location": "here",
    "status": "failed",
    "partition": None,
    "reason": "1 step failed",
    "problem": {"kind": "exception", "message": "ValueError: boom"},
    "tags": {"team": "x"},
    "started": 1.0,
    "ended": 2.0,
}


@pytest.mark.parametrize("version", ["3.8", "3.13"])
def test_functions_are_given_the_event_and_the_run(locate, python, version):
    location = locate(
        ASSETS
        + """
@asset_sensor(["raw", "deliveries"], target=[orders])
def on_delivery(context, event):
    context.update_cursor(str(event.number))
    told = (str(event.asset_key), event.partition, event.metadata["rows"].value, event.tags, event.timestamp)
    return RunRequest(run_key=event.run_id, tags={"told": repr(told)})

@run_failure_sensor(request_job=both)
def on_failure(context):
    print(context.run_id, context.run_number, context.job_name, context.location, context.status, context.tags)
    print(context.failure_message, context.problem["kind"], context.start_time, context.end_time, context.partition)
    return RunRequest()

@run_status_sensor(RunStatus.SUCCEEDED, monitored_jobs=[both, "elsewhere"], monitor_all_locations=True)
def on_success(context): ...

defs = Definitions(sensors=[on_delivery, on_failure, on_success], **ASSETS)
""",
        python(version),
    )
    found = location.sensor("on_delivery", event=EVENT)
    (request,) = found.requests
    assert (request["run_key"], found.cursor) == ("r1", "8")
    assert request["tags"] == {"told": "('raw/deliveries', '2024-01-01', 3, {'x': 'y'}, 12.5)"}
    found = location.sensor("on_failure", run=RUN)
    assert [request["job"] for request in found.requests] == ["both"]
    assert found.output.splitlines() == [
        "r2 17 nightly here failed {'team': 'x'}",
        "ValueError: boom exception 1.0 2.0 None",
    ]
    described = {sensor["name"]: sensor for sensor in location.loaded.definitions["sensors"]}
    names = ("type", "run_status", "monitored_jobs", "monitor_all_locations")
    assert [described["on_failure"][name] for name in names] == ["run_status_sensor", "failed", None, False]
    assert [described["on_success"][name] for name in names] == [
        "run_status_sensor",
        "succeeded",
        ["both", "elsewhere"],
        True,
    ]
    assert [described["on_delivery"][name] for name in names] == ["asset_sensor", None, None, False]


def test_a_sensor_of_events_is_not_evaluated_without_one(locate):
    location = locate(
        ASSETS
        + """
@asset_sensor("orders", job=both)
def on_orders(context, event): ...

@run_failure_sensor
def on_failure(context): ...

defs = Definitions(sensors=[on_orders, on_failure], **ASSETS)
"""
    )
    assert "for an event, and none was given" in location.fail("on_orders")[1].message
    assert "for a run, and none was given" in location.fail("on_failure")[1].message
