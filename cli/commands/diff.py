"""`atoll diff`: what is defined otherwise than on another revision."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceSources, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


class Format(StrEnum):
    """How the differences are printed."""

    text = "text"
    json = "json"
    markdown = "markdown"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(diff))


def diff(
    revision: Annotated[
        str, typer.Argument(metavar="REF", help="A branch, tag or commit; REF... is where the work since REF began.")
    ],
    form: Annotated[Format, typer.Option("--format", help="How the differences are printed.")] = Format.text,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 where there are differences.")] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Compare what the locations define with another git revision: assets, edges, checks, jobs, schedules and more.

    What git can't have changed is not loaded. The other revision is loaded in a temporary worktree, with environments
    built from that revision's locks, unless it was compared with before.

    Exit status: 0 whether or not there are differences, 1 where a location can't be loaded (and with --exit-code where
    there are differences), 2 wrong usage or a failure of the tool.

    Examples:

      atoll diff main

      atoll diff origin/main... --format markdown > comment.md

      atoll diff v1.2 --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.comparing import compare_with

        return compare_with(session, revision, form=form.value, exit_code=exit_code)

    perform("diff", body, as_json=as_json or form is Format.json, workspace_file=workspace)
