"""Whether the partitions of assets that depend on each other, and of assets in one job, go together."""

from __future__ import annotations

from .._errors import describe_problem
from .._jobs import AssetJobDefinition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from .._catalog import Asset, Catalog, Dependency


def find_partition_problems(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Mappings that do not fit, different partitions without a mapping, jobs over differently partitioned assets."""
    for asset in catalog.assets:
        for dependency in asset.dependencies:
            upstream = catalog.by_key.get(dependency.key)
            if upstream is not None:
                yield from _check_edge(asset, upstream, dependency)
    for job in catalog.jobs:
        if isinstance(job, AssetJobDefinition):
            yield from _check_job(catalog, job)


def _check_edge(asset: Asset, upstream: Asset, dependency: Dependency) -> Iterator[dict[str, Any]]:
    above, below = upstream.spec.partitions_def, asset.spec.partitions_def
    mapping = dependency.partition_mapping
    if mapping is None:
        if above is None or below is None or above == below:
            return
        from .._partitions._fit import find_default_misfit

        misfit = find_default_misfit(above, below)
        hint = "say how they relate with a partition mapping: AssetDep(…, partition_mapping=…)"
    else:
        misfit = mapping.find_misfit(above, below)
        hint = "choose another partition mapping, or change the partitions of one of the assets"
    if misfit is not None:
        message = f"asset '{asset.key}' can't depend on '{upstream.key}' this way: {misfit}"
        yield describe_problem("partition_mapping", message, hint=hint, source=asset.spec.source)


def _check_job(catalog: Catalog, job: AssetJobDefinition) -> Iterator[dict[str, Any]]:
    first = None
    for key in catalog.resolve_selection(job.selection):
        spec = catalog.by_key[key].spec
        partitions = spec.partitions_def
        if partitions is None:
            continue
        if job.partitions_def is not None and partitions != job.partitions_def:
            message = f"job '{job.name}' has other partitions than its asset '{key}'"
            hint = "leave partitions_def out of the job, or give both the same"
            yield describe_problem("invalid_definition", message, hint=hint, source=job.source)
            return
        if first is None:
            first = spec
        elif partitions != first.partitions_def:
            message = f"job '{job.name}' selects assets with different partitions: '{first.key}' and '{key}'"
            yield describe_problem("invalid_definition", message, hint="make a job for each", source=job.source)
            return
