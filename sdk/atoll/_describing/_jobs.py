"""Jobs in the snapshot."""

from __future__ import annotations

from .._graphs import JobDefinition
from .._metadata import describe_metadata
from .._plain import to_plain
from ._computations import describe_hook, describe_nodes, describe_retry_policy
from ._resources import describe_resource_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._catalog import Catalog
    from .._jobs import AssetJobDefinition

    Names = dict[int, str]


def describe_jobs(catalog: Catalog, names: Names) -> list[dict[str, Any]]:
    return [
        _describe_op_job(catalog, job, names) if isinstance(job, JobDefinition) else _describe_asset_job(catalog, job)
        for job in catalog.jobs
    ]


def _describe_common(job: Any) -> dict[str, Any]:
    executor = job.executor_def
    return {
        "name": job.name,
        "type": "op" if isinstance(job, JobDefinition) else "asset",
        "description": job.description,
        "config": to_plain(job.config, redact=True),
        "tags": job.tags,
        "run_tags": job.run_tags,
        "metadata": describe_metadata(job.metadata),
        "retry_policy": describe_retry_policy(job.op_retry_policy),
        "executor": None if executor is None else {"name": executor.name, "config": executor.config},
        "hooks": [describe_hook(hook) for hook in job.hooks],
        "source": job.source.describe(),
    }


def _describe_op_job(catalog: Catalog, job: JobDefinition, names: Names) -> dict[str, Any]:
    description = _describe_common(job)
    description.update(
        {
            "selection": None,
            "assets": [],
            "checks": [],
            "graph": names[id(job.graph)] if job.graph.type == "graph" else None,
            "nodes": describe_nodes(job.graph, names),
            "partitions": None if job.partitions_def is None else job.partitions_def.describe(),
            "resources": catalog.get_resource_names(job.graph),
            "resource_defs": {name: describe_resource_value(value) for name, value in job.resource_defs.items()},
            "loggers": {name: describe_logger(value) for name, value in job.logger_defs.items()},
        }
    )
    return description


def _describe_asset_job(catalog: Catalog, job: AssetJobDefinition) -> dict[str, Any]:
    keys = catalog.resolve_selection(job.selection)
    checks = dict.fromkeys(catalog.resolve_selection_checks(job.selection))
    partitions = job.partitions_def
    resources: list[str] = []
    for key in keys:
        asset = catalog.by_key[key]
        partitions = partitions or asset.spec.partitions_def
        resources += [name for name in catalog.get_resource_names(asset.computation) if name not in resources]
    for check in catalog.checks:
        if (check.spec.asset_key, check.spec.name) in checks:
            needed = catalog.get_resource_names(check.made_by.computation)
            resources += [name for name in needed if name not in resources]
    description = _describe_common(job)
    description.update(
        {
            "selection": job.selection.write(),
            "assets": [str(key) for key in keys],
            "checks": [{"asset": str(key), "name": name} for key, name in checks],
            "graph": None,
            "nodes": [],
            "partitions": None if partitions is None else partitions.describe(),
            "resources": resources,
            "resource_defs": {},
            "loggers": {},
        }
    )
    return description


def describe_logger(value: Any) -> dict[str, Any]:
    return {"description": value.description, "source": value.source.describe()}
