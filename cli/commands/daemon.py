"""`atoll daemon`: the page's server for production: schedules and sensors are evaluated, and no file is watched."""

from __future__ import annotations

from typing import Annotated

import typer

from atoll_host.cli.commands.dev import leave
from atoll_host.cli.options import WorkspaceSources, opens_workspace
from atoll_host.cli.serving_options import EditorOption, EndRunsFlag, HostOption, TokenOption


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(daemon))


def daemon(
    host: HostOption = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", metavar="PORT", help="The port.")] = 3030,
    token: TokenOption = None,
    grace: Annotated[
        float,
        typer.Option("--grace", metavar="SECONDS", min=0, help="How long evaluations may take to end when it stops."),
    ] = 10.0,
    end_runs: EndRunsFlag = False,
    editor: EditorOption = "vscode",
    workspace: WorkspaceSources = None,
) -> None:
    """Evaluate schedules and sensors, launch the runs that they ask for, and serve the page.

    As `atoll dev`, for production: every location is loaded once, and again when somebody asks, by `atoll reload`, the
    page or the API. No file is watched. `/health` answers 200 while all is well and 503 otherwise, and needs no token.
    SIGTERM and Ctrl-C stop it: what is being evaluated may end, runs go on by themselves unless --end-runs is given.
    Exit status: 0 when it was stopped, 2 when it could not start.

    Examples:

      atoll daemon

      atoll daemon --host 0.0.0.0 --port 8080 --token "$TOKEN"

      curl http://localhost:3030/health
    """
    from atoll_host.cli.serving import Request, perform_serving
    from atoll_host.cli.session import perform

    request = Request(
        locations=(),
        host=host,
        port=port,
        token=token,
        opens=False,
        poll=False,
        debug=None,
        debug_port=0,
        editor=editor,
        command="daemon",
        watch=False,
        grace=grace,
        ends_runs=end_runs,
    )
    try:
        # The runs that it starts go on when it ends.
        perform("daemon", lambda session: perform_serving(session, request), workspace_file=workspace, alone=False)
    except typer.Exit as ended:
        leave(ended.exit_code)
