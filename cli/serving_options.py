"""Options that commands which serve the page have, each declared once."""

from __future__ import annotations

from typing import Annotated

import typer


def complete_editor(incomplete: str) -> list[str]:
    """Complete an editor's name for the shell."""
    from atoll_host.server.web.links import EDITORS  # noqa: PLC0415 — only while a shell completes

    return [name for name in EDITORS if name.startswith(incomplete)]


HostOption = Annotated[
    str,
    typer.Option("--host", metavar="HOST", help="The address to serve at; others than this machine need a token."),
]
TokenOption = Annotated[
    str | None,
    typer.Option("--token", metavar="TOKEN", envvar="ATOLL_TOKEN", help="What everyone who asks has to know."),
]
EndRunsFlag = Annotated[
    bool,
    typer.Option("--end-runs", help="Cancel the runs that were started from here when it stops; they go on otherwise."),
]
EditorOption = Annotated[
    str,
    typer.Option(
        "--editor",
        metavar="NAME",
        envvar="ATOLL_EDITOR",
        help="What opens files from the page: vscode, cursor, zed, pycharm, idea, sublime, or a link with {file}.",
        autocompletion=complete_editor,
    ),
]
