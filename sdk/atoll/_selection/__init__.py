"""Which assets and checks: built with `AssetSelection` or read from text, resolved on a graph of assets."""

from __future__ import annotations

from ._nodes import AssetSelection
from ._read import read_selection

__all__ = ["AssetSelection", "read_selection"]
