"""`atoll dev`: the page over all locations, live."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Annotated, NoReturn

import typer

from atoll_host.cli.options import LocationOption, WorkspaceSources, complete_location, opens_workspace
from atoll_host.cli.serving_options import EditorOption, EndRunsFlag, HostOption, TokenOption


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(dev))


def dev(
    location: LocationOption = None,
    host: HostOption = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option("--port", "-p", metavar="PORT", help="The port; without it 3030, or the next one that is free."),
    ] = None,
    token: TokenOption = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the page in a browser.")] = False,
    poll: Annotated[
        bool,
        typer.Option("--poll", help="Look at files again and again, where the system does not tell of changes."),
    ] = False,
    debug: Annotated[
        str | None,
        typer.Option(
            "--debug",
            metavar="LOCATION",
            help="Load this location under debugpy, and wait for an editor to attach.",
            autocompletion=complete_location,
        ),
    ] = None,
    debug_port: Annotated[
        int, typer.Option("--debug-port", metavar="PORT", min=1, max=65535, help="Where debugpy listens.")
    ] = 5678,
    no_automation: Annotated[
        bool, typer.Option("--no-automation", help="Evaluate no schedules and sensors, and launch no queued runs.")
    ] = False,
    end_runs: EndRunsFlag = False,
    editor: EditorOption = "vscode",
    workspace: WorkspaceSources = None,
) -> None:
    """Show all locations on a page, and load each again when its files are saved.

    The page is there at once, with what was known before; every location loads beside it. Saving a file reloads the
    location that it belongs to, and the page shows what changed. Schedules and sensors that are on are evaluated
    meanwhile, unless --location narrows it. Only this machine can reach the page, unless --host says otherwise. Ctrl-C
    ends everything within a second, with exit status 130; a second one at once. Runs go on by themselves, unless
    --end-runs is given.

    Examples:

      atoll dev

      atoll dev --port 8080 --no-open

      atoll dev -l sales -l stock

      atoll dev -f reports/monthly.py

      atoll dev --host 0.0.0.0 --token "$TOKEN"
    """
    from atoll_host.cli.serving import Request, perform_serving
    from atoll_host.cli.session import perform

    request = Request(
        locations=tuple(location or ()),
        host=host,
        port=port,
        token=token,
        opens=not no_open,
        poll=poll,
        debug=debug,
        debug_port=debug_port,
        editor=editor,
        automation=not no_automation,
        ends_runs=end_runs,
    )
    try:
        # The browser that it starts goes on when it ends.
        perform("dev", lambda session: perform_serving(session, request), workspace_file=workspace, alone=False)
    except typer.Exit as ended:
        leave(ended.exit_code)


def leave(status: int) -> NoReturn:
    """End the process now that everything is closed: the interpreter's own tidying up takes longer than all of that."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
