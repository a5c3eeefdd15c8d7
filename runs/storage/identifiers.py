"""Identifiers of runs: UUIDs of version 7, which sort by the time they were made."""

from __future__ import annotations

import secrets
import threading
import time
from uuid import UUID

_COUNTER_BITS = 12
_RANDOM_BITS = 62
_lock = threading.Lock()
_last = 0
"""Milliseconds since 1970 and a counter, of the last identifier of this process."""


def make_id() -> str:
    """Make an identifier that sorts after all that this process has made, even when the clock was set back."""
    global _last  # noqa: PLW0603 — the order holds across the whole process
    with _lock:
        _last = max(_last + 1, (time.time_ns() // 1_000_000) << _COUNTER_BITS)
        stamp = _last
    milliseconds, counter = stamp >> _COUNTER_BITS, stamp & ((1 << _COUNTER_BITS) - 1)
    number = (milliseconds & ((1 << 48) - 1)) << 80 | 7 << 76 | counter << 64 | 0b10 << 62
    return str(UUID(int=number | secrets.randbits(_RANDOM_BITS)))
