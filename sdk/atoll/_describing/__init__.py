"""The snapshot: a location's definitions as JSON."""

from __future__ import annotations

from .._text import clean_json
from ._assets import describe_assets, describe_checks
from ._computations import describe_computations, name_computations
from ._jobs import describe_jobs
from ._resources import describe_loggers, describe_resources, describe_variables
from ._ticks import describe_schedules, describe_sensors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._catalog import Catalog
    from .._sources import Source

FORMAT = 1


def describe(catalog: Catalog, source: Source, attribute: str) -> dict[str, Any]:
    """The snapshot without its warnings: deterministic, in order of declaration, JSON types only."""
    from .._metadata import describe_metadata

    names = name_computations(catalog)
    metadata = {name: given[-1].value for name, given in catalog.definitions.metadata.items()}
    executors = catalog.definitions.executors
    executor = executors[-1].value if executors else None
    snapshot = {
        "format": FORMAT,
        "source": {"file": source.file, "line": source.line, "attribute": attribute},
        "metadata": describe_metadata(metadata),
        "executor": None if executor is None else {"name": executor.name, "config": executor.config},
        "loggers": describe_loggers(catalog),
        "assets": describe_assets(catalog, names),
        "computations": describe_computations(catalog, names),
        "checks": describe_checks(catalog, names),
        "jobs": describe_jobs(catalog, names),
        "schedules": describe_schedules(catalog),
        "sensors": describe_sensors(catalog),
        "resources": describe_resources(catalog, names),
        "environment_variables": describe_variables(catalog),
    }
    cleaned: dict[str, Any] = clean_json(snapshot)
    return cleaned
