"""Sizes in bytes, in the unit that fits them."""

from __future__ import annotations

_STEP = 1024


def size(count: float) -> str:
    """Give a number of bytes in B, KiB, MiB or GiB."""
    for unit in ("B", "KiB", "MiB"):
        if count < _STEP:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"  # noqa: PLR2004 — three digits are enough
        count /= _STEP
    return f"{count:.1f} GiB"
