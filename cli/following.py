"""Follow a run from the terminal: its lines, Ctrl-C, and what it came to."""

from __future__ import annotations

import contextlib
import signal
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
    from types import FrameType

    from rich.console import Console

    from atoll_host.cli.session import Session
    from atoll_host.runs.instance import Instance
    from atoll_host.runs.launching.launcher import Launched
    from atoll_host.runs.storage.records import Run
    from atoll_host.runs.storage.store import Storage


def import_storage() -> None:
    """Import what opens the database: a tenth of a second and more, beside other work."""
    import atoll_host.runs.storage.store  # noqa: F401, PLC0415 — this is what it is for


def read_session_instance(session: Session) -> Instance:
    """Give what the workspace says of its runs.

    Raises:
        ConfigurationError: `instance.yaml` can't be understood.
    """
    return read_instance(session.workspace.root, session.state, session.variables)


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


def watch_run(
    session: Session, launched: Launched, command: str, interrupts: Interrupts | None, *, is_silent: bool = False
) -> Result:
    """Show what a run does until it has ended, and give what it came to.

    Ctrl-C cancels it; the second time it is ended at once.

    Args:
        session: of the command.
        launched: the run.
        command: its words.
        interrupts: what counts Ctrl-C, since before the run was started; None where the run goes on without us.
        is_silent: whether only its end is shown: somebody works in the terminal meanwhile.
    """
    instance = read_session_instance(session)
    with instance.open_storage() as storage:
        if interrupts is None:
            run = storage.runs.get(launched.id)
            return _result(command, storage, run, (), detached=True)
        wanted = not session.renderer.as_json and not is_silent
        lines = ProgressLines(session.renderer.err, wanted=wanted)
        problems: list[LocatedProblem] = []

        def look() -> None:
            if interrupts.take_first():
                session.renderer.note("Canceling: resources are torn down (Ctrl-C again ends it at once)")
                storage.runs.cancel(launched.id, reason="it was interrupted")
            elif interrupts.take_next():
                kill(storage, launched.id)

        waiting = storage.runs.get(launched.id)
        if waiting.status == "queued" and waiting.reason:
            session.renderer.note(f"Run {waiting.number} {waiting.reason}")
        for event in follow(storage, launched.id, Teller.of(instance, session.variables), on_idle=look):
            problems += find_problems(event)
            lines.show(event)
        run = storage.runs.get(launched.id)
        if not problems and run.problem is not None:
            problems.append(LocatedProblem(None, read_problem(run.problem)))
            lines.show_problems(problems)
        status = {"succeeded": 0, "canceled": INTERRUPTED if interrupts.count else 1}.get(run.status, 1)
        return _result(command, storage, run, tuple(problems), status=status, shown=wanted)


def _result(
    command: str,
    storage: Storage,
    run: Run,
    problems: tuple[LocatedProblem, ...],
    *,
    status: int = 0,
    shown: bool = True,
    detached: bool = False,
) -> Result:
    data = describe_whole_run(run, storage.steps.list(run.id))

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
