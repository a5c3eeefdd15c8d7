"""What a worker is asked to load, and what came of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from atoll_host.envs.errors import Problem

TargetForm = Literal["module", "package", "autoload", "file"]
Way = Literal["fresh", "warm"]
"""How a load was made: in a new process, or in one forked from a parent that holds the third-party imports."""


@dataclass(frozen=True, slots=True)
class LoadTarget:
    """Where a location's `Definitions` live.

    Attributes:
        form: `module` or `package` (imported by name), `autoload` (a package whose modules are all imported, and what
            they define taken together) or `file` (run by path).
        module: dotted name; for a file, the name that it is given.
        file: absolute path, for `file` only.
        attribute: name in the module, or None to find the only `Definitions` there.
    """

    form: TargetForm
    module: str
    file: Path | None = None
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class Debug:
    """A load that waits for a debugger, and goes on when one has attached.

    Attributes:
        port: where it listens, on 127.0.0.1.
        path: folder that holds the host's package `debugpy`.
    """

    port: int
    path: Path


@dataclass(frozen=True, slots=True)
class TerminalDebug:
    """A load after which `breakpoint()` opens pdb in a terminal.

    Attributes:
        terminal: device of the terminal, such as `/dev/pts/3`.
    """

    terminal: str


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Everything that a load depends on.

    Attributes:
        executable: the interpreter of the location's environment.
        isolated: whether it is started with `-I` (every kind but `interpreter`).
        directory: working directory, absolute.
        search_paths: put before everything else on `sys.path`.
        variables: the whole of the worker's environment.
        sdk: folder that holds the package `atoll`.
        target: what to load.
        timeout: seconds until the load is given up.
        memory: bytes that its processes may hold together; None for three quarters of the machine's.
        cpu: seconds of processor time that they may take together; None for any number.
        debug: what to wait for, or where `breakpoint()` stops; then there is no timeout. None for a load as always.
    """

    executable: Path
    isolated: bool
    directory: Path
    search_paths: tuple[Path, ...]
    variables: Mapping[str, str]
    sdk: Path
    target: LoadTarget
    timeout: float = 60.0
    memory: int | None = None
    cpu: float | None = None
    debug: Debug | TerminalDebug | None = None


class LoadCancelledError(Exception):
    """The load was cancelled: its process has ended, and nothing came of it."""


class Cancellation:
    """Ends a load from another thread. Each load needs one of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether it was asked for."""
        return self._cancelled

    def cancel(self) -> None:
        """End the load, now or as soon as it begins. Nothing happens when it has ended."""
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Have a function called when the load is cancelled, at once when it was already. It must not wait."""
        with self._lock:
            if not self._cancelled:
                self._callbacks.append(callback)
                return
        callback()

    def check(self) -> None:
        """Raise when the load was cancelled.

        Raises:
            LoadCancelledError: it was.
        """
        if self._cancelled:
            raise LoadCancelledError


def patience(timeout: float) -> float:
    """Give the seconds after which a load is slow: it keeps others from starting no more, and lets them go first."""
    return min(5.0, timeout / 10)


@dataclass(frozen=True, slots=True)
class Output:
    """What a worker printed: its first and last lines, and how much there was.

    Attributes:
        text: everything when it was little, else beginning and end with a line between them that says what is left out.
        size: in bytes, of everything.
    """

    text: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What came of a load: definitions, or problems.

    Attributes:
        definitions: the SDK's snapshot (see `envs/protocol.md`); None when the load failed.
        problems: why it failed; warnings when it did not.
        worker: what the worker said of itself (Python, SDK); None when it said nothing.
        trace: what shaped the load, of a failed one too; None when the worker ended without an answer.
        seconds: how long each phase took, and `total`, as measured here.
        output: what the worker printed.
        way: how it was made.
        started_at: when it began, in seconds since the epoch.
        read: what each of the user's own sources was when it was read: `[st_mtime_ns, st_size, st_ino, st_ctime_ns]`.
    """

    definitions: dict[str, Any] | None
    problems: tuple[Problem, ...]
    worker: dict[str, Any] | None
    trace: dict[str, Any] | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    output: Output = field(default_factory=Output)
    way: Way = "fresh"
    started_at: float = 0.0
    read: Mapping[str, list[int]] = field(default_factory=dict)
