"""How definitions relate, checked once on the object that is loaded. Every problem is found, none stops the rest."""

from __future__ import annotations

from ._assets import find_asset_problems
from ._names import find_name_problems
from ._partitions import find_partition_problems
from ._resources import find_resource_problems
from ._targets import find_target_problems, find_target_warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._catalog import Catalog


def find_problems(catalog: Catalog) -> list[dict[str, Any]]:
    """What is wrong with the location as a whole, as problems of the snapshot contract."""
    return [
        problem
        for find in (
            find_name_problems,
            find_asset_problems,
            find_target_problems,
            find_resource_problems,
            find_partition_problems,
        )
        for problem in find(catalog)
    ]


def find_warnings(catalog: Catalog) -> list[dict[str, Any]]:
    """What is likely not meant, but works."""
    return list(find_target_warnings(catalog))
