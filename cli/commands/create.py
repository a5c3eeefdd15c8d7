"""`atoll create`: the group of commands that write new code."""

from __future__ import annotations

import typer

from atoll_host.cli.commands import create_definition, create_location, create_workspace


def add_to(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = typer.Typer(
        help="Create a workspace, a code location, or a definition with its test.", no_args_is_help=True
    )
    for module in (create_workspace, create_location, create_definition):
        module.add_to(group)
    app.add_typer(group, name="create")
