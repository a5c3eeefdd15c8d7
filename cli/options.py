"""Options and arguments that several commands have, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def complete_location(incomplete: str) -> list[str]:
    """Complete a location's name for the shell. Never fails: a broken workspace completes nothing."""
    import os  # noqa: PLC0415

    from atoll_host.envs.errors import AtollError  # noqa: PLC0415

    try:
        from atoll_host.workspace.configuration import open_workspace  # noqa: PLC0415

        workspace = open_workspace(Path.cwd(), variables=dict(os.environ))
    except (AtollError, OSError):
        return []
    return [location.name for location in workspace.locations if location.name.startswith(incomplete)]


LocationNames = Annotated[
    list[str] | None,
    typer.Argument(metavar="[LOCATION]...", help="Only these locations.", autocompletion=complete_location),
]
LocationOption = Annotated[
    list[str] | None,
    typer.Option(
        "--location", "-l", metavar="LOCATION", help="Only this one (repeatable).", autocompletion=complete_location
    ),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON (see docs/json.md) instead of text.")]
WorkspaceFile = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", metavar="FILE", help="Use this workspace.yaml instead of the nearest one."),
]
