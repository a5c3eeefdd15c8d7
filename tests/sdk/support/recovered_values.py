"""From the JSON of values in a snapshot (metadata, partitions, policies …) back to what they were made with."""

from support_sdk import Built


def metadata(described):
    return {name: metadata_value(value) for name, value in described.items()}


def metadata_value(described):
    kind, value = described["type"], described["value"]
    if kind == "table":
        rows = [Built("TableRecord", {"data": row}) for row in value["records"]]
        schema = None if value["schema"] is None else table_schema(value["schema"])
        return Built("MetadataValue.table", {"records": rows, "schema": schema})
    if kind == "table_schema":
        return Built("MetadataValue.table_schema", {"schema": table_schema(value)})
    method = {"markdown": "md"}.get(kind, kind)
    argument = {
        "text": "text", "markdown": "data", "url": "url", "path": "path", "notebook": "path", "json": "data",
        "python_artifact": "python_artifact", "asset": "asset_key", "job": "job_name",
    }.get(kind, "value")  # fmt: skip
    return Built(f"MetadataValue.{method}", {} if kind == "null" else {argument: value, "raw": value})


def table_schema(described):
    return Built("TableSchema", {"columns": [Built("TableColumn", column) for column in described["columns"]]})


def retry(described):
    return None if described is None else Built("RetryPolicy", described)


def executor(described):
    if described is None:
        return None
    config = described["config"]
    name = f"{described['name']}_executor"
    return Built("multiprocess_executor.configured", {"config": config}) if config else name


def hook(described):
    return Built(
        f"{described['on']}_hook", {"name": described["name"], "required_resource_keys": described["resources"]}
    )


def run_config(described):
    if described is None:
        return None
    ops = {name: entry.get("config", entry) for name, entry in described.get("ops", {}).items()}
    sections = {name: described.get(name, {}) for name in ("resources", "loggers", "execution")}
    return Built("RunConfig", {"ops": ops, **sections, "raw": described})


def partitions(described):
    if described is None:
        return None
    kind = described["type"]
    if kind == "static":
        return Built("StaticPartitionsDefinition", {"partition_keys": described["keys"]})
    if kind == "dynamic":
        return Built("DynamicPartitionsDefinition", {"name": described["name"]})
    if kind == "multi":
        dimensions = {name: partitions(value) for name, value in described["dimensions"].items()}
        return Built("MultiPartitionsDefinition", {"partitions_defs": dimensions})
    arguments = {name: described[name] for name in ("timezone", "end_offset", "minute_offset", "exclusions")}
    arguments.update(fmt=described["format"], hour_offset=described["hour_offset"], day_offset=described["day_offset"])
    if kind == "time_window":
        arguments.update(start=described["start"], end=described["end"], schedule_type=described["schedule_type"])
        arguments["cron_schedule"] = described["cron"] if described["is_cron_given"] else None
        return Built("TimeWindowPartitionsDefinition", arguments)
    arguments.update(start_date=described["start"], end_date=described["end"])
    return Built(f"{kind.capitalize()}PartitionsDefinition", arguments)


def mapping(described):
    if described is None:
        return None
    kind = described["type"]
    if kind in ("all", "last", "identity"):
        return Built(f"{kind.capitalize()}PartitionMapping", {})
    if kind == "specific":
        return Built("SpecificPartitionsPartitionMapping", {"partition_keys": described["keys"]})
    if kind == "time_window":
        return Built("TimeWindowPartitionMapping", {k: v for k, v in described.items() if k != "type"})
    if kind == "static":
        name = "downstream_partition_keys_by_upstream_partition_key"
        return Built("StaticPartitionMapping", {name: described["downstream_keys_by_upstream_key"]})
    if kind == "multi_to_single":
        inner = mapping(described["partition_mapping"])
        arguments = {"partition_dimension_name": described["dimension"], "partition_mapping": inner}
        return Built("MultiToSingleDimensionPartitionMapping", arguments)
    dimensions = {
        name: Built(
            "DimensionPartitionMapping",
            {"dimension_name": value["dimension"], "partition_mapping": mapping(value["partition_mapping"])},
        )
        for name, value in described["dimensions"].items()
    }
    return Built("MultiPartitionMapping", {"downstream_mappings_by_upstream_dimension": dimensions})


def dep(described):
    arguments = {
        "asset": described["key"],
        "partition_mapping": mapping(described["partition_mapping"]),
        "metadata": metadata(described["metadata"]),
    }
    return Built("AssetDep", arguments)


def asset_in(described):
    return Built(
        "AssetIn",
        {
            "key": described["key"],
            "key_prefix": described["key"].split("/")[:-1],
            "metadata": metadata(described["metadata"]),
            "input_manager_key": described["input_manager"],
            "partition_mapping": mapping(described["partition_mapping"]),
        },
    )


def resource(entry):
    """A resource's class and fields; what is hidden comes back as the mark that it is."""
    if "required_resource_keys" in entry:
        names = ("description", "required_resource_keys")
        return Built("resource", {name: entry[name] for name in names})
    return Built(entry["type"].rpartition(".")[2], {name: variable(value) for name, value in entry["config"].items()})


def variable(value):
    if isinstance(value, dict) and "env" in value:
        return Built("EnvVar", {"name": value["env"]})
    return value
