"""What of a location's definitions a plan depends on, as a digest: a plan is refused where it is another."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHAPE = {
    "assets": ("key", "type", "computation", "dependencies", "partitions", "io_manager"),
    "computations": ("name", "type", "keys", "can_subset"),
    "checks": ("name", "asset", "blocking", "computation"),
    "jobs": ("name", "type", "assets", "checks", "partitions"),
}


def digest_shape(definitions: Mapping[str, Any]) -> str:
    """Give the digest of what a plan depends on."""
    shape = {
        part: [{name: item.get(name) for name in names} for item in definitions.get(part, ())]
        for part, names in _SHAPE.items()
    }
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
