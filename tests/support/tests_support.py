"""Small helpers that several folders of tests share."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def asset_names(outcome) -> list[str]:
    """Give the keys of the assets that an outcome defines, or fail with what is wrong."""
    assert outcome.definitions is not None, outcome.problems
    return [asset["key"] for asset in outcome.definitions["assets"]]


def gone(pid: int) -> bool:
    """Tell whether a process has ended; a zombie that nobody has waited for has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return not sys.platform.startswith("linux") or not Path(f"/proc/{pid}").exists()


def until(condition, *, seconds: float = 60.0) -> bool:
    """Wait until the condition holds; tell whether it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())
