"""What `atoll dev` and `atoll daemon` do: bind the socket, begin to load, serve the page, and end all of it."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.cli.debugging import find_debugger
from atoll_host.cli.result import Result
from atoll_host.cli.views.dev import News, draw_start
from atoll_host.envs.errors import AtollError, ConfigurationError, UsageError
from atoll_host.server.automating import Automating
from atoll_host.server.operations.operations import Operations
from atoll_host.server.running import RunningServer, forget, read_down, write_down
from atoll_host.server.serving import has_browser, listen, open_in_browser, serve, stopping_by_signals

if TYPE_CHECKING:
    from atoll_host.cli.session import Session
    from atoll_host.envs.loading.target import Debug
    from atoll_host.server.serving import Listener, Stopping
    from atoll_host.server.supervising.supervisor import Supervisor
    from atoll_host.workspace.location import Workspace

TOKEN_VARIABLE = "ATOLL_TOKEN"  # noqa: S105 — the name of a variable
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{8,200}")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for.

    Attributes:
        locations: names; empty for all.
        host: where to serve.
        port: where to serve; None for any that is free.
        token: what everyone has to know.
        opens: whether the page is opened in a browser.
        poll: whether files are looked at again and again.
        debug: the location that is loaded under a debugger.
        debug_port: where the debugger listens.
        editor: what opens files from the page.
        command: its word.
        watch: whether files are watched.
        automation: whether schedules and sensors are evaluated, and runs in the queue launched.
        grace: seconds that evaluations have at the end.
    """

    locations: tuple[str, ...]
    host: str
    port: int | None
    token: str | None
    opens: bool
    poll: bool
    debug: str | None
    debug_port: int
    editor: str
    command: str = "dev"
    watch: bool = True
    automation: bool = True
    grace: float = 0.3
    ends_runs: bool = False


def perform_serving(session: Session, request: Request) -> Result:
    """Serve until a signal comes.

    Raises:
        UsageError: the command line makes no sense, or the port is taken.
        ConfigurationError: there is no workspace.
    """
    from atoll_host.server.web.links import check_editor  # noqa: PLC0415 — the page's modules are imported when it is served

    if request.token is not None and not _TOKEN.fullmatch(request.token):
        hint = "8 to 200 letters, digits, dots, hyphens, underscores and tildes"
        raise UsageError("The token can't stand in a URL, or is too short", hint=hint)
    check_editor(request.editor)
    # What the page's readers have to know is nothing that locations should.
    session.variables = {name: value for name, value in session.variables.items() if name != TOKEN_VARIABLE}
    _check_workspace(session, request)
    debug = None if request.debug is None else (request.debug, find_debugger(request.debug_port))
    with stopping_by_signals() as stopping:
        listener = listen(request.host, request.port, request.token)
        supervisor = _supervise(session, request, debug)
        closing = threading.Thread(target=supervisor.close, name="atoll-closing")
        stopping.on_stop(closing.start)
        try:
            _serve(session, request, supervisor, listener, stopping)
        finally:
            listener.socket.close()
            if closing.ident is None:
                supervisor.close()
            else:
                closing.join()
    # A daemon that is told to stop has done what it was told.
    status = 0 if request.command == "daemon" else 128 + (stopping.number or 0)
    return Result(request.command, None, None, exit_status=status)


def _check_workspace(session: Session, request: Request) -> None:
    """Fail for what no saved file can mend; a workspace.yaml that cannot be read is shown on the page.

    Raises:
        UsageError: there is no location of such a name.
        ConfigurationError: there is no workspace.
    """
    try:
        session.locations([*request.locations, *([request.debug] if request.debug else [])])
    except ConfigurationError as error:
        if not any(problem.file is not None and Path(problem.file).is_file() for problem in error.problems):
            raise
    else:
        # Where .atoll cannot be written, nothing can be loaded.
        session.state.make()


def _supervise(session: Session, request: Request, debug: tuple[str, Debug] | None) -> Supervisor:
    from atoll_host.server.supervising.supervisor import Supervisor  # noqa: PLC0415 — as above
    from atoll_host.workspace.configuration import open_sources  # noqa: PLC0415 — as above

    first: list[Workspace] = [session.workspace] if "workspace" in vars(session) else []

    def open_workspace() -> Workspace:
        if first:
            return first.pop()
        return open_sources(session.directory, session.sources, variables=session.variables, tolerant=True)

    return Supervisor(
        open_workspace=open_workspace,
        make_loader=lambda _: session.loader,
        only=list(dict.fromkeys([*request.locations, *([request.debug] if request.debug else [])]))
        if request.locations
        else None,
        poll=request.poll,
        watch=request.watch,
        debug=debug,
    )


def _serve(session: Session, request: Request, supervisor: Supervisor, listener: Listener, stopping: Stopping) -> None:
    server = RunningServer(listener.url, listener.access.token)
    console = session.renderer.out
    supervisor.start()
    draw_start(console, listener.shared_url, supervisor.hub.current, request.command)
    if request.debug is not None:
        session.renderer.note(f"{request.debug} waits for an editor to attach to 127.0.0.1:{request.debug_port}\n")
    news = News(console, supervisor.hub, lambda: _write_down(session, server))
    news.start()
    if request.opens and has_browser():
        open_in_browser(listener.with_token(listener.url))
    operations = Operations(supervisor.hub, lambda: session.loader, session.variables)
    automating = None
    # One that knows some of the locations would take runs of the others for impossible.
    if request.automation and not request.locations:
        automating = Automating(supervisor.hub, operations, lambda: session.loader)
        automating.start()
    try:
        serve(
            supervisor.hub,
            supervisor,
            listener,
            stopping,
            editor=request.editor,
            version=version("atoll"),
            operations=operations,
            automating=automating,
        )
    finally:
        if automating is not None:
            automating.close(request.grace)
        if request.ends_runs:
            _end_runs(session, operations, request.command)
        news.close()
        if "workspace" in vars(session):
            forget(session.state, server)


def _end_runs(session: Session, operations: Operations, command: str) -> None:
    """Cancel the runs that were started here, and say how many; each tears down by itself."""
    try:
        count = operations.cancel_launched(f"`atoll {command}`, which started it, was stopped")
    except AtollError as error:
        session.renderer.note(f"Runs go on, because they can't be canceled: {error.problems[0].message}")
        return
    if count:
        session.renderer.note(f"{count} {'run is' if count == 1 else 'runs are'} being canceled")


def _write_down(session: Session, server: RunningServer) -> None:
    """Let `atoll reload` find us, and say whether there is another one."""
    other = read_down(session.state)
    try:
        write_down(session.state, server)
    except OSError as error:
        reason = error.strerror or error
        session.renderer.note(f"`atoll reload` will not find this server: dev.json could not be written: {reason}")
    if other is not None:
        # Another program may have the port now, and never answer.
        threading.Thread(target=_greet, args=(session, other), name="atoll-other", daemon=True).start()


def _greet(session: Session, other: RunningServer) -> None:
    if other.answers:
        session.renderer.note(f"Another `atoll dev` serves this workspace at {other.url} (process {other.pid})")
