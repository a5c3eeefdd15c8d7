"""`atoll validate`: load everything, say everything that is wrong."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import LocationNames, WorkspaceSources, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


class Format(StrEnum):
    """How findings are printed."""

    text = "text"
    json = "json"
    github = "github"
    gitlab = "gitlab"
    junit = "junit"
    sarif = "sarif"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(validate))


def validate(
    locations: LocationNames = None,
    report: Annotated[
        Format | None, typer.Option("--format", help="How findings are printed; text by default.")
    ] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option("--output", metavar="FORMAT=FILE", help="Write a report to a file as well (repeatable)."),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="CODES", help="Only findings with these codes, such as ATL3,ATL405."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="CODES", help="No findings with these codes.")
    ] = None,
    strict: Annotated[
        bool | None,
        typer.Option("--strict/--no-strict", help="Whether warnings fail too, whatever the configuration says of it."),
    ] = None,
    sync: Annotated[bool, typer.Option("--sync", help="Build environments first, where that is needed.")] = False,
    locked: Annotated[
        bool, typer.Option("--locked", help="Fail where a lock is missing or stale, and never change one.")
    ] = False,
    changed: Annotated[
        str | None,
        typer.Option(
            "--changed",
            metavar="REF",
            help="Only locations that the git diff since REF (a branch, tag or commit) can affect.",
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show whole tracebacks, libraries' frames too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Load every location with its own interpreter, and report everything that is wrong.

    Exit status: 0 all well, 1 findings, 2 wrong usage or a failure of the tool, 130 interrupted.

    Examples:

      atoll validate

      atoll validate sales --select ATL3 --verbose

      atoll validate --changed origin/main

      atoll validate --sync --locked --strict --format github --output sarif=atoll.sarif
    """
    from atoll_host.cli.session import perform

    chosen = report or (Format.json if as_json else Format.text)

    def body(session: Session) -> Result:
        from atoll_host.cli.validating import Request, perform_validation
        from atoll_host.envs.errors import UsageError

        if as_json and chosen is not Format.json:
            raise UsageError(f"--json and --format {chosen} exclude each other", hint=f"--output {chosen}=FILE")
        request = Request(
            locations=tuple(locations or ()),
            report=chosen.value,
            outputs=tuple(outputs or ()),
            select=tuple(select or ()),
            ignore=tuple(ignore or ()),
            strict=strict,
            sync=sync,
            locked=locked,
            verbose=verbose,
            changed=changed,
        )
        return perform_validation(session, request)

    perform("validate", body, as_json=as_json or chosen is Format.json, workspace_file=workspace)
