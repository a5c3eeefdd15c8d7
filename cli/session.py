"""What a command works with: the consoles, the caller's variables, and what it opens of the workspace."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from atoll_host.cli.rendering import Renderer
from atoll_host.cli.result import Result
from atoll_host.cli.statuses import INTERRUPTED
from atoll_host.envs.errors import AtollError, ConfigurationError, Problem, ToolFailedError, UsageError
from atoll_host.envs.layout import StateFolder
from atoll_host.envs.processes import Runner, RunnerClosedError
from atoll_host.workspace.findings.located import LocatedProblem
from atoll_host.workspace.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    from atoll_host.envs.environments.environments import Environments
    from atoll_host.envs.interpreters.discovery import Discovery
    from atoll_host.workspace.loading import Loader
    from atoll_host.workspace.location import Location, Workspace


class Session:
    """One run of one command.

    Attributes:
        renderer: prints.
        runner: starts processes, and ends them when the command ends.
        variables: the caller's environment.
        directory: the caller's working directory.
        sources: what the command line names instead of the nearest workspace.
    """

    def __init__(self, renderer: Renderer, runner: Runner, workspace: Path | Sources | None) -> None:
        self.renderer = renderer
        self.runner = runner
        self.variables: Mapping[str, str] = dict(os.environ)
        self.directory = Path.cwd()
        files = () if workspace is None or isinstance(workspace, Sources) else (workspace,)
        self.sources = workspace if isinstance(workspace, Sources) else Sources(files)

    @property
    def workspace_file(self) -> Path | None:
        """What `--workspace` names, where that is one file."""
        return next(iter(self.sources.files), None)

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace that the caller stands in, or named; what is wrong with its file alone is in its `problems`."""
        from atoll_host.workspace.configuration import open_sources  # noqa: PLC0415 — not for commands that open none

        return open_sources(self.directory, self.sources, variables=self.variables, tolerant=True)

    @property
    def whole_workspace(self) -> Workspace:
        """The workspace, for what must know all of its locations.

        Raises:
            ConfigurationError: something is wrong with its file, so that some may be missing.
        """
        if self.workspace.problems:
            raise ConfigurationError.of(self.workspace.problems)
        return self.workspace

    @cached_property
    def state(self) -> StateFolder:
        """The workspace's `.atoll` folder."""
        return StateFolder(self.workspace.root / ".atoll")

    @cached_property
    def discovery(self) -> Discovery:
        """The interpreters of this machine."""
        import platformdirs  # noqa: PLC0415 — only where interpreters are looked for

        from atoll_host.envs.interpreters.discovery import Discovery  # noqa: PLC0415 — as above

        cache = Path(platformdirs.user_cache_dir("atoll", appauthor=False)) / "interpreters"
        return Discovery(self.runner, variables=self.variables, cache=cache)

    @cached_property
    def environments(self) -> Environments:
        """The environments of the workspace."""
        from atoll_host.envs.environments.environments import Environments  # noqa: PLC0415 — only where environments are built or looked at

        return Environments(self.runner, self.state, self.discovery, self.variables)

    @cached_property
    def loader(self) -> Loader:
        """What loads locations."""
        from atoll_host.envs.loading.temporary import remove_leftovers  # noqa: PLC0415 — only where something is loaded
        from atoll_host.envs.sdk_copy import ensure_sdk  # noqa: PLC0415 — as above
        from atoll_host.workspace.loading import Loader  # noqa: PLC0415 — as above

        remove_leftovers()
        return Loader(self.runner, self.environments, self.state, self.variables, ensure_sdk(self.state))

    def locations(self, names: Sequence[str] | None) -> list[Location]:
        """Give the locations that were named, or all of them.

        Raises:
            UsageError: there is no location of such a name.
            ConfigurationError: there is none, and something is wrong with the workspace's file, which may be why.
        """
        known = {location.name: location for location in self.workspace.locations}
        for name in names or ():
            if name not in known and self.whole_workspace:
                raise UsageError(f"There is no location {name!r} in this workspace", hint=_similar(name, list(known)))
        return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def perform(
    command: str,
    body: Callable[[Session], Result],
    *,
    as_json: bool = False,
    workspace_file: Path | Sources | None = None,
    alone: bool = True,
) -> NoReturn:
    """Run the body of a command, print what it gives back, and exit.

    Args:
        command: its words.
        body: does the work.
        as_json: whether the result is printed as JSON.
        workspace_file: what the command line names instead of the nearest workspace.
        alone: whether all processes below this one were started by the session's runner, and end with it.

    Raises:
        typer.Exit: always, with the exit status.
    """
    renderer = Renderer(as_json=as_json)
    try:
        with _interruptible(), Runner(alone=alone) as runner:
            try:
                session = Session(renderer, runner, workspace_file)
                result = _with_problems_of_workspace(body(session), session)
            except AtollError as error:
                problems = tuple(LocatedProblem(None, problem) for problem in error.problems)
                result = Result(command, None, None, problems, exit_status=error.exit_status)
            except OSError as error:
                result = Result(command, None, None, (_refused(error),), exit_status=ToolFailedError.exit_status)
            renderer.show(result)
    except (KeyboardInterrupt, RunnerClosedError):
        # What was running has ended with the runner.
        renderer.note("Interrupted")
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(result.status)


def _with_problems_of_workspace(result: Result, session: Session) -> Result:
    """Add what is wrong with the workspace's file, where the command has not thought of it itself."""
    opened = vars(session).get("workspace")
    if opened is None or result.exit_status is not None:
        return result
    said = {item.problem for item in result.problems}
    found = (LocatedProblem(None, problem) for problem in opened.problems if problem not in said)
    return replace(result, problems=(*found, *result.problems))


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM end the command and what it started; further ones do not disturb that."""

    def interrupt(number: int, _: FrameType | None) -> None:
        for other in signals:
            signal.signal(other, signal.SIG_IGN)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    # What the caller has set to be ignored, as nohup does, stays so.
    signals = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) is not signal.SIG_IGN]
    for number in signals:
        signal.signal(number, interrupt)
    yield


def _refused(error: OSError) -> LocatedProblem:
    """Say what the operating system refused: a full disk, a folder that cannot be written."""
    file = None if error.filename is None else os.fspath(error.filename)
    return LocatedProblem(None, Problem("tool", f"The operating system refused: {error.strerror or error}", file=file))


def _similar(name: str, known: list[str]) -> str:
    import difflib  # noqa: PLC0415 — only to complain

    close = difflib.get_close_matches(name, known, n=1)
    if not known:
        return "it has none yet: `atoll create location NAME` makes one"
    return f"did you mean {close[0]}?" if close else "the locations are: " + ", ".join(known)
