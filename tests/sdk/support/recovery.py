"""From a snapshot back to the calls that declared what it describes, by a function for each public constructor.

`RECOVER[name](snapshot, result)` gives the arguments of the call of `name` that made `result`, read from the JSON
alone; `result` serves only to know which entry of the JSON is meant. A nested object comes back as `Built`.
"""

from recovered_values import asset_in, dep, executor, hook, metadata, partitions, resource, retry, run_config
from support_sdk import Built


def find(entries, **wanted):
    """The only entry with these values."""
    found = [entry for entry in entries if all(entry[name] == value for name, value in wanted.items())]
    assert len(found) == 1, (wanted, len(found))
    return found[0]


def asset_of(snapshot, key):
    return find(snapshot["assets"], key=str(key))


def computation_of(snapshot, name):
    return find(snapshot["computations"], name=name)


# --- assets and checks ----------------------------------------------------------------------------------------------


def describe_spec(snapshot, key):
    entry = asset_of(snapshot, key)
    return {
        "key": entry["key"],
        "name": entry["key"].split("/")[-1],
        "key_prefix": entry["key"].split("/")[:-1],
        "deps": [dep(value) for value in entry["dependencies"] if value["argument"] is None],
        "ins": {value["argument"]: asset_in(value) for value in entry["dependencies"] if value["argument"]},
        "description": entry["description"],
        "metadata": metadata(entry["metadata"]),
        "skippable": entry["skippable"],
        "group_name": entry["group"],
        "code_version": entry["code_version"],
        "owners": entry["owners"],
        "tags": entry["tags"],
        "kinds": entry["kinds"],
        "partitions_def": partitions(entry["partitions"]),
        "io_manager_key": entry["io_manager"],
        "check_specs": [
            check_spec(value) for value in snapshot["checks"] if value["computation"] == entry["computation"]
        ],
    }


def check_spec(entry):
    return Built(
        "AssetCheckSpec",
        {
            "name": entry["name"],
            "asset": entry["asset"],
            "description": entry["description"],
            "blocking": entry["blocking"],
            "metadata": metadata(entry["metadata"]),
            "additional_deps": [dep(value) for value in entry["dependencies"] if value["argument"] is None],
        },
    )


def describe_computation(snapshot, name):
    entry = computation_of(snapshot, name)
    return {
        "name": entry["name"],
        "description": entry["description"],
        "required_resource_keys": entry["required_resource_keys"],
        "retry_policy": retry(entry["retry_policy"]),
        "op_tags": entry["tags"],
        "tags": entry["tags"],
        "code_version": entry["code_version"],
        "can_subset": entry["can_subset"],
        "pool": entry["pool"],
    }


def recover_asset(snapshot, result):
    spec = describe_spec(snapshot, result.key)
    computation = describe_computation(snapshot, asset_of(snapshot, result.key)["computation"])
    shared = {name: computation[name] for name in ("required_resource_keys", "retry_policy", "op_tags", "pool")}
    return {**spec, **shared, "output_required": not spec["skippable"]}


def recover_multi_asset(snapshot, result):
    specs = [describe_spec(snapshot, key) for key in result.keys]
    outputs = {asset_of(snapshot, key)["output"]: key for key in result.keys}
    made = [str(key) for key in result.keys]
    internal = {
        output: [d.arguments["asset"] for d in describe_spec(snapshot, key)["deps"] if d.arguments["asset"] in made]
        for output, key in outputs.items()
    }
    computation = describe_computation(snapshot, asset_of(snapshot, result.keys[0])["computation"])
    return {
        **computation,
        "outs": {output: Built("AssetOut", recover_out(snapshot, key)) for output, key in outputs.items()},
        "specs": [Built("AssetSpec", spec) for spec in specs],
        "ins": specs[0]["ins"],
        "deps": [d for d in specs[0]["deps"] if d.arguments["asset"] not in made],
        "internal_asset_deps": {output: keys for output, keys in internal.items() if keys},
        "partitions_def": specs[0]["partitions_def"],
        "group_name": specs[0]["group_name"],
        "check_specs": specs[0]["check_specs"],
    }


def recover_out(snapshot, key):
    spec = describe_spec(snapshot, key)
    return {**spec, "is_required": not spec["skippable"]}


def recover_graph_asset(snapshot, result):
    return describe_spec(snapshot, result.key)


def recover_check(snapshot, result):
    spec = result.check_specs[0]
    entry = find(snapshot["checks"], name=spec.name, asset=str(spec.asset_key))
    arguments = {d["argument"]: asset_in(d) for d in entry["dependencies"] if d["argument"]}
    described = {**describe_computation(snapshot, entry["computation"]), **check_spec(entry).arguments}
    return {**described, "additional_ins": arguments}


def recover_multi_check(snapshot, result):
    spec = result.check_specs[0]
    entry = find(snapshot["checks"], name=spec.name, asset=str(spec.asset_key))
    specs = [check_spec(value) for value in snapshot["checks"] if value["computation"] == entry["computation"]]
    return {**describe_computation(snapshot, entry["computation"]), "specs": specs}


# --- ops and jobs ---------------------------------------------------------------------------------------------------


def recover_op(snapshot, result):
    entry = computation_of(snapshot, result.name)
    ins = {
        name: Built(
            "In",
            {
                "dagster_type": value["type"],
                "description": value["description"],
                "default_value": value["default"],
                "metadata": metadata(value["metadata"]),
                "asset_key": value["asset_key"],
                "input_manager_key": value["input_manager"],
            },
        )
        for name, value in entry["inputs"].items()
    }
    outs = {
        name: Built(
            "Out",
            {
                "dagster_type": value["type"],
                "description": value["description"],
                "is_required": value["is_required"],
                "io_manager_key": value["io_manager"],
                "metadata": metadata(value["metadata"]),
                "code_version": value["code_version"],
            },
        )
        for name, value in entry["outputs"].items()
    }
    only = outs["result"] if list(outs) == ["result"] else outs
    return {**describe_computation(snapshot, result.name), "ins": ins, "out": only}


def recover_graph(snapshot, result):
    entry = computation_of(snapshot, result.name)
    return {"name": entry["name"], "description": entry["description"], "tags": entry["tags"]}


def recover_job(snapshot, result):
    entry = find(snapshot["jobs"], name=result.name)
    config = run_config(entry["config"])
    loggers = {
        name: Built("LoggerDefinition", {"description": v["description"]}) for name, v in entry["loggers"].items()
    }
    return {
        "name": entry["name"],
        "description": entry["description"],
        "resource_defs": {name: resource(value) for name, value in entry["resource_defs"].items()},
        "config": config,
        "tags": entry["tags"],
        "run_tags": entry["run_tags"],
        "metadata": metadata(entry["metadata"]),
        "logger_defs": loggers,
        "executor_def": executor(entry["executor"]),
        "op_retry_policy": retry(entry["retry_policy"]),
        "hooks": [hook(value) for value in entry["hooks"]],
        "partitions_def": partitions(entry["partitions"]),
        "selection": entry["selection"],
    }


# --- schedules and sensors ------------------------------------------------------------------------------------------


def targets(entries):
    jobs = [entry["job"] for entry in entries if "job" in entry]
    selections = [entry["selection"] for entry in entries if "selection" in entry]
    return {
        "job": jobs[0] if jobs else None,
        "job_name": jobs[0] if jobs else None,
        "jobs": jobs,
        "target": selections[0] if selections else None,
    }


def recover_schedule(snapshot, result):
    entry = find(snapshot["schedules"], name=result.name)
    cron = entry["cron"]
    minute, hour, day, _, weekday = (cron[0].split() + [None] * 5)[:5]
    return {
        **targets([entry["target"]]),
        "name": entry["name"],
        "cron_schedule": cron if len(cron) > 1 else cron[0],
        "run_config": run_config(entry["config"]),
        "tags": entry["tags"],
        "should_execute": entry["should_execute"] and entry["should_execute"]["name"].rpartition(".")[2],
        "execution_timezone": entry["timezone"],
        "execution_fn": entry["function"] and entry["function"]["function"],
        "description": entry["description"],
        "default_status": entry["default_status"],
        "required_resource_keys": entry["required_resource_keys"],
        "metadata": metadata(entry["metadata"]),
        "minute_of_hour": int(minute) if minute and minute.isdigit() else None,
        "hour_of_day": int(hour) if hour and hour.isdigit() else None,
        "day_of_week": int(weekday) if weekday and weekday.isdigit() else None,
        "day_of_month": int(day) if day and day.isdigit() else None,
    }


def recover_sensor(snapshot, result):
    entry = find(snapshot["sensors"], name=result.name)
    selection = entry["asset_selection"]
    return {
        **targets(entry["targets"]),
        "name": entry["name"],
        "asset_key": entry["asset"],
        "asset_selection": None if selection is None else selection["selection"],
        "run_status": entry["run_status"] and entry["run_status"].upper(),
        "monitored_jobs": entry["monitored_jobs"],
        "monitor_all_locations": entry["monitor_all_locations"],
        "request_job": entry["targets"] and entry["targets"][0].get("job"),
        "request_jobs": [target.get("job") for target in entry["targets"]],
        "minimum_interval_seconds": entry["minimum_interval_seconds"],
        "default_status": entry["default_status"],
        "description": entry["description"],
        "tags": entry["tags"],
        "metadata": metadata(entry["metadata"]),
        "required_resource_keys": entry["required_resource_keys"],
    }


# --- the whole ------------------------------------------------------------------------------------------------------


def recover_definitions(snapshot, _result):
    loggers = snapshot["loggers"].items()
    return {
        "assets": [entry["key"] for entry in snapshot["assets"]],
        "asset_checks": [entry["name"] for entry in snapshot["checks"]],
        "jobs": [entry["name"] for entry in snapshot["jobs"]],
        "schedules": [entry["name"] for entry in snapshot["schedules"]],
        "sensors": [entry["name"] for entry in snapshot["sensors"]],
        "resources": {entry["name"]: resource(entry) for entry in snapshot["resources"]},
        "executor": executor(snapshot["executor"]),
        "loggers": {name: Built("LoggerDefinition", {"description": v["description"]}) for name, v in loggers},
        "metadata": metadata(snapshot["metadata"]),
    }


RECOVER = {
    "AssetSpec": lambda snapshot, result: describe_spec(snapshot, result.key),
    "asset": recover_asset,
    "multi_asset": recover_multi_asset,
    "graph_asset": recover_graph_asset,
    "asset_check": recover_check,
    "multi_asset_check": recover_multi_check,
    "op": recover_op,
    "graph": recover_graph,
    "job": recover_job,
    "define_asset_job": recover_job,
    "ScheduleDefinition": recover_schedule,
    "schedule": recover_schedule,
    "build_schedule_from_partitioned_job": recover_schedule,
    "sensor": recover_sensor,
    "asset_sensor": recover_sensor,
    "run_status_sensor": recover_sensor,
    "run_failure_sensor": recover_sensor,
    "Definitions": recover_definitions,
}
