"""Starts runs. What is above this interface knows nothing of the processes, disks or clocks behind it."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol, Self

from atoll_host.envs.errors import Problem, ToolFailedError
from atoll_host.envs.processes.detached import Detached, start_detached

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from atoll_host.runs.launching.request import RunRequest
    from atoll_host.runs.launching.streaming import Receiver

_LONGEST_COMPLAINT = 20_000


@dataclass(frozen=True, slots=True)
class Launched:
    """A run that has begun.

    Attributes:
        id: of the run.
        number: counts the runs of the storage.
        waits: why it waits in the queue; None where it has begun.
        stream: tells what happens in it, where that was asked for and can be told.
    """

    id: str
    number: int
    waits: str | None = None
    stream: Receiver | None = None


class Launcher(Protocol):
    """Something that starts runs."""

    def launch(self, request: RunRequest) -> Launched:
        """Start a run that goes on by itself, and wait until it is remembered.

        Raises:
            ToolFailedError: it could not be started, or not remembered.
        """


class LocalLauncher:
    """Starts each run in a host process of its own on this machine. Leaving the context ends one that was not needed.

    Args:
        directory: working directory of the host.
        variables: of the host, and below it of the workers.
    """

    def __init__(self, directory: Path, variables: Mapping[str, str]) -> None:
        self._directory = directory
        self._variables = variables
        self._stack = contextlib.ExitStack()
        self._waiting: tuple[Detached, IO[bytes]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting[0].let_go()
        self._stack.close()

    def warm_up(self) -> None:
        """Start a host now that waits for its request: it imports what it needs meanwhile."""
        if self._waiting is None:
            errors = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 — in the stack
            words = [sys.executable, "-P", "-m", "atoll_host.runs.host"]
            host = start_detached(words, directory=self._directory, environment=self._variables, errors=errors)
            self._waiting = host, errors

    def launch(self, request: RunRequest) -> Launched:
        """Start a run that goes on by itself, and wait until it is remembered.

        Raises:
            ToolFailedError: it could not be started, or not remembered.
        """
        self.warm_up()
        assert self._waiting is not None  # noqa: S101 — just started
        (host, errors), self._waiting = self._waiting, None
        is_followed = False
        try:
            host.send(json.dumps(request.to_json()).encode() + b"\n")
            line = host.read_line()
            answer = json.loads(line) if line.endswith(b"\n") else None
            is_followed = request.followed and answer is not None and not answer["problems"]
        finally:
            if not is_followed:
                host.let_go()
        if answer is None:
            status = host.wait(5)
            errors.seek(0)
            said = errors.read(_LONGEST_COMPLAINT).decode("utf-8", "replace")
            raise ToolFailedError(f"The process of the run ended with status {status} before it began", detail=said)
        if answer["problems"]:
            raise ToolFailedError.of(tuple(map(Problem.from_json, answer["problems"])))
        stream = None
        if is_followed:
            from atoll_host.runs.launching.streaming import Receiver  # noqa: PLC0415 — after the process is started

            stream = Receiver(host)
        return Launched(answer["run"], answer["number"], answer.get("waits"), stream)
