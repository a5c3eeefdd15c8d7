"""Tells of failed runs whose own process can't: it is gone, or there never was one.

That is done by a process of its own, for which nobody waits: `python -m atoll_host.runs.launching.telling`. What it
needs comes as one line of JSON on standard input.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any, Protocol, Self

from atoll_host.envs.errors import AtollError
from atoll_host.envs.processes import Runner
from atoll_host.envs.processes.detached import start_detached
from atoll_host.runs.launching.alerting import tell_of_failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from atoll_host.runs.instance import Instance


class Tell(Protocol):
    """Has whoever wants to know told of failed runs, and doesn't wait for that."""

    def __call__(self, runs: Sequence[str], /) -> None:
        """Tell of runs.

        Args:
            runs: their ids.
        """


def tell_nobody(runs: Sequence[str], /) -> None:
    """Tell nobody."""


class Teller:
    """Starts the process that tells.

    Args:
        storage: URL of the database.
        alerts: as `Alerts.to_json` gives them.
        directory: where a command is started.
        variables: of the process.
    """

    def __init__(self, storage: str, alerts: Mapping[str, Any], directory: Path, variables: Mapping[str, str]) -> None:
        self._storage = storage
        self._alerts = alerts
        self._directory = directory
        self._variables = variables

    @classmethod
    def of(cls, instance: Instance, variables: Mapping[str, str] | None = None) -> Self:
        """Tell whom an instance names.

        Args:
            instance: of the workspace.
            variables: of the process; those of this one by default.
        """
        directory = instance.state.path.parent if instance.file is None else instance.file.parent
        given = os.environ if variables is None else variables
        return cls(instance.storage_url, instance.alerts.to_json(), directory, given)

    def __call__(self, runs: Sequence[str], /) -> None:
        """Tell of runs; what keeps the process from starting is no reason to stop anything else."""
        if not self._alerts or not runs:
            return
        words = [sys.executable, "-P", "-m", "atoll_host.runs.launching.telling"]
        request = {"storage": self._storage, "alerts": self._alerts, "runs": list(runs)}
        with contextlib.suppress(AtollError), tempfile.TemporaryFile() as errors:
            process = start_detached(words, directory=self._directory, environment=self._variables, errors=errors)
            process.send(json.dumps(request).encode() + b"\n")
            process.let_go()


def main() -> int:
    """Read the request, and tell."""
    request = json.loads(sys.stdin.buffer.readline())
    from atoll_host.runs.storage.records import Event  # noqa: PLC0415 — whoever starts this process needs no database
    from atoll_host.runs.storage.store import Storage  # noqa: PLC0415 — as above

    with Storage.open(request["storage"]) as storage, Runner(alone=True) as runner:
        for run in request["runs"]:
            for kind, facts in tell_of_failure(runner, storage, run, request["alerts"]):
                last = storage.events.read(run, newest_first=True, limit=1)
                sequence = last[0].sequence + 1 if last else 1
                storage.events.append(run, [Event(sequence, time.time(), kind, payload=facts)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
