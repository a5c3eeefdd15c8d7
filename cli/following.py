"""Follow a run from the terminal: its lines, Ctrl-C, and what it came to."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from atoll_host.cli.result import Result
from atoll_host.cli.statuses import INTERRUPTED
from atoll_host.cli.views.runs.progress import ProgressLines
from atoll_host.cli.views.runs.summary import draw_summary
from atoll_host.runs.describing import describe_whole_run
from atoll_host.runs.instance import read_instance
from atoll_host.runs.launching.following import follow, kill
from atoll_host.runs.launching.settling import settle_lost
from atoll_host.runs.launching.telling import Teller
from atoll_host.runs.problems import find_problems, read_problem
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

    from rich.console import Console

    from atoll_host.cli.session import Session
    from atoll_host.runs.instance import Instance
    from atoll_host.runs.launching.launcher import Launched
    from atoll_host.runs.storage.records import Event
    from atoll_host.runs.storage.store import Storage

_LONG = 0.5
"""Seconds after which a run is one that takes a while."""


def import_storage() -> None:
    """Import what opens the database: a tenth of a second and more, beside other work."""
    import atoll_host.runs.storage.store  # noqa: F401, PLC0415 — this is what it is for


def read_session_instance(session: Session) -> Instance:
    """Give what the workspace says of its runs.

    Raises:
        ConfigurationError: `instance.yaml` can't be understood.
    """
    return read_instance(session.workspace.root, session.state, session.variables)


def make_teller(session: Session) -> Teller:
    """Give what has failed runs told of whose own process can't.

    Raises:
        ConfigurationError: `instance.yaml` can't be understood.
    """
    return Teller.of(read_session_instance(session), session.variables)


def open_storage(session: Session) -> Storage:
    """Open the database in which runs of this workspace are remembered, and end the runs whose process is gone.

    Raises:
        StorageError: it can't be opened.
    """
    instance = read_session_instance(session)
    storage = instance.open_storage()
    try:
        settle_lost(storage, Teller.of(instance, session.variables))
    except BaseException:
        storage.close()
        raise
    return storage


def show_launched(session: Session, launched: Launched, command: str) -> Result:
    """Show a run that goes on without us.

    Args:
        session: of the command.
        launched: the run.
        command: its words.
    """
    with read_session_instance(session).open_storage() as storage:
        run = storage.runs.get(launched.id)
        return _result(command, describe_whole_run(run, storage.steps.list(run.id)), detached=True)


def watch_run(
    session: Session, launched: Launched, command: str, interrupts: Interrupts, *, is_silent: bool = False
) -> Result:
    """Show what a run does until it has ended, and give what it came to.

    Ctrl-C cancels it; the second time it is ended at once.

    Args:
        session: of the command.
        launched: the run.
        command: its words.
        interrupts: what counts Ctrl-C, since before the run was started.
        is_silent: whether only its end is shown: somebody works in the terminal meanwhile.
    """
    wanted = not session.renderer.as_json and not is_silent
    lines = ProgressLines(session.renderer.err, wanted=wanted, waits=launched.waits is not None)
    problems: list[LocatedProblem] = []
    if launched.waits:
        session.renderer.note(f"Run {launched.number} {launched.waits}")
    with WatchedRun(session, launched, interrupts, lines.look) as watched, lines:
        for event in watched.follow():
            problems += find_problems(event)
            lines.show(event)
        data, problem = watched.describe_end()
    if not problems and problem is not None:
        problems.append(LocatedProblem(None, read_problem(problem)))
        lines.show_problems(problems)
    status = {"succeeded": 0, "canceled": INTERRUPTED if interrupts.count else 1}.get(data["status"], 1)
    return _result(command, data, tuple(problems), status=status, shown=wanted)


class WatchedRun:
    """A run that is followed to its end, and canceled by Ctrl-C.

    What happens in it is told by its process, so that the database need not be opened; that is asked where the process
    has no more to tell.

    Args:
        session: of the command.
        launched: the run.
        interrupts: what counts Ctrl-C.
        on_idle: called some times a second.
    """

    def __init__(
        self, session: Session, launched: Launched, interrupts: Interrupts, on_idle: Callable[[], None]
    ) -> None:
        self._session = session
        self._launched = launched
        self._interrupts = interrupts
        self._on_idle = on_idle
        self._storage: Storage | None = None
        self._started = time.monotonic()
        self._importing: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._storage is not None:
            self._storage.close()

    def follow(self) -> Iterator[Event]:
        """Give its events until it has ended.

        Raises:
            StorageError: its process tells nothing more, and the storage can't be opened.
        """
        stream = self._launched.stream
        after = 0
        if stream is not None:
            yield from stream.follow(self._look)
            if stream.ended is not None:
                return
            after = stream.last
        tell = make_teller(self._session)
        yield from follow(self._open(), self._launched.id, tell, after=after, on_idle=self._look)

    def describe_end(self) -> tuple[dict[str, Any], Mapping[str, Any] | None]:
        """Give what it came to, and its problem."""
        stream = self._launched.stream
        if stream is not None and stream.ended is not None:
            return stream.ended["run"], stream.ended["problem"]
        storage = self._open()
        run = storage.runs.get(self._launched.id)
        return describe_whole_run(run, storage.steps.list(run.id)), run.problem

    def _look(self) -> None:
        self._on_idle()
        if self._interrupts.take_first():
            self._session.renderer.note("Canceling: resources are torn down (Ctrl-C again ends it at once)")
            self._open().runs.cancel(self._launched.id, reason="it was interrupted")
        elif self._interrupts.take_next():
            kill(self._open(), self._launched.id)
        elif self._importing is None and time.monotonic() - self._started > _LONG:
            # So that Ctrl-C finds it there.
            self._importing = threading.Thread(target=import_storage, daemon=True)
            self._importing.start()

    def _open(self) -> Storage:
        if self._storage is None:
            self._storage = read_session_instance(self._session).open_storage()
        return self._storage


def _result(
    command: str,
    data: dict[str, Any],
    problems: tuple[LocatedProblem, ...] = (),
    *,
    status: int = 0,
    shown: bool = True,
    detached: bool = False,
) -> Result:
    def view(console: Console) -> None:
        draw_summary(console, data, detached=detached)

    return Result(command, data, view, problems, exit_status=status, problems_in_view=shown)


class Interrupts:
    """While it is entered, Ctrl-C and SIGTERM are counted, and nothing else."""

    def __init__(self) -> None:
        self.count = 0
        self._taken = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        def count(_number: int, _frame: FrameType | None) -> None:
            self.count += 1

        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, count)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            with contextlib.suppress(ValueError):
                signal.signal(number, before)

    def take_first(self) -> bool:
        """Tell whether the first one has come, once."""
        if self._taken == 0 and self.count:
            self._taken = 1
            return True
        return False

    def take_next(self) -> bool:
        """Tell whether another has come since."""
        if self._taken and self.count > self._taken:
            self._taken = self.count
            return True
        return False
