"""Files that a killed writer has left half-written beside their place."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


def remove_parts(directory: str, pids: Collection[int]) -> None:
    """Remove what killed processes were writing when they ended.

    Args:
        directory: folder of values.
        pids: of the processes, none of which is there any more.
    """
    for pid in pids:
        with contextlib.suppress(OSError):
            for path in Path(directory).rglob(f".atoll-{pid}-*.part"):
                path.unlink(missing_ok=True)
