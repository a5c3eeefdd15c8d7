"""Keep the last snapshot of each location that loaded, so that a load which fails does not lose it."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.workspace.shapes import find_misshapen

if TYPE_CHECKING:
    from atoll_host.envs.layout import StateFolder

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One location's definitions, and how they were loaded.

    Attributes:
        location: name of the location.
        definitions: as the SDK describes them.
        worker: what the worker said of itself: Python and SDK.
        trace: what shaped the load.
        seconds: how long each phase took.
        loaded_at: seconds since the epoch.
        fingerprint: of the environment; None for an interpreter as it is.
    """

    location: str
    definitions: dict[str, Any]
    worker: dict[str, Any]
    trace: dict[str, Any]
    seconds: dict[str, float]
    loaded_at: float
    fingerprint: str | None

    def to_json(self) -> dict[str, Any]:
        """Give the snapshot under a format number."""
        return {
            "format": _FORMAT,
            "location": self.location,
            "loaded_at": self.loaded_at,
            "fingerprint": self.fingerprint,
            "worker": self.worker,
            "seconds": self.seconds,
            "trace": self.trace,
            "definitions": self.definitions,
        }


def write_snapshot(state: StateFolder, snapshot: Snapshot) -> None:
    """Replace the snapshot of a location in one step."""
    state.make()
    state.snapshots.mkdir(exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{snapshot.location}-", dir=state.snapshots)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            # In one piece: what writes piece by piece is five times slower.
            file.write(json.dumps(snapshot.to_json()))
        Path(temporary).replace(_file(state, snapshot.location))
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def read_snapshot(state: StateFolder, location: str) -> Snapshot | None:
    """Read the last snapshot of a location; None where there is none that we can read."""
    try:
        data = json.loads(_file(state, location).read_text(encoding="utf-8"))
        if data["format"] != _FORMAT or find_misshapen(data, "snapshot") is not None:
            return None
        return Snapshot(**{name: data[name] for name in Snapshot.__slots__})
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def forget_snapshot(state: StateFolder, location: str) -> None:
    """Remove the snapshot of a location that is no more."""
    _file(state, location).unlink(missing_ok=True)


def _file(state: StateFolder, location: str) -> Path:
    return state.snapshots / f"{location}.json"
