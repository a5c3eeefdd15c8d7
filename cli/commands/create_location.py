"""`atoll create location`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile

if TYPE_CHECKING:
    from atoll_host.cli.asking import Asker
    from atoll_host.cli.changing import Changeable
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session
    from atoll_host.workspace.scaffolding.locations import LocationRequest

_COMMAND = "create location"
_FOLDER = "locations"


def add_to(group: typer.Typer) -> None:
    """Add the command."""
    group.command("location")(create_location)


def create_location(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Name of the location.")] = None,
    python: Annotated[str | None, typer.Option("--python", "-p", metavar="X.Y", help="Its version of Python.")] = None,
    template: Annotated[
        str | None, typer.Option("--template", "-t", help="What it starts with: default or etl.")
    ] = None,
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar="REQUIREMENT", help="A package it needs (repeatable).")
    ] = None,
    script: Annotated[
        bool, typer.Option("--script", help="A single file with its packages listed inside, instead of a project.")
    ] = False,
    no_sync: Annotated[bool, typer.Option("--no-sync", help="Write the files only: no lock, no environment.")] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Create a code location in locations/NAME: a uv project with a test, a lock and a Python of its own.

    Without NAME, it asks at a terminal for everything that was left out.

    Examples:

      atoll create location sales

      atoll create location sales --python 3.9 --add 'pandas<2' --add sqlalchemy

      atoll create location monthly_report --script --add polars
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.asking import Asker
        from atoll_host.cli.changing import open_to_change
        from atoll_host.envs.errors import UsageError

        if script and template is not None:
            raise UsageError("--script and --template exclude each other", hint="a script has one template only")
        workspace = open_to_change(session)
        request = _ask(session, workspace, Asker.of(session), name, python, template, tuple(add or ()), script=script)
        return _create(session, workspace, request, sync=not no_sync)

    perform(_COMMAND, body, as_json=as_json, workspace_file=workspace)


def _ask(
    session: Session,
    workspace: Changeable,
    asker: Asker,
    name: str | None,
    python: str | None,
    template: str | None,
    requirements: tuple[str, ...],
    *,
    script: bool,
) -> LocationRequest:
    """Put together what was said and, where the name was left out, asked."""
    from atoll_host.workspace.names import check_new_location_name
    from atoll_host.workspace.scaffolding.locations import (
        DEFAULT_TEMPLATE,
        check_python,
        list_templates,
        read_request,
    )

    def check(text: str) -> None:
        check_new_location_name(text)
        workspace.refuse_taken(text)

    default_python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if name is None:
        name = asker.text("Name of the location", option="NAME", check=check)
        if python is None:
            versions = _versions(session)
            default = default_python if default_python in versions else next(iter(versions), default_python)
            python = asker.choice(
                "Python", versions, option="--python", default=default, open_ended=True, check=check_python
            )
        if template is None and not script:
            template = asker.choice("Template", list_templates(), option="--template", default=DEFAULT_TEMPLATE)
    return read_request(
        name,
        python=python or default_python,
        template=None if script else template or DEFAULT_TEMPLATE,
        requirements=requirements,
    )


def _versions(session: Session) -> dict[str, str]:
    from atoll_host.workspace.scaffolding.locations import OLDEST

    found = [item for item in session.discovery.all() if item.implementation == "cpython" and item.version[1] >= OLDEST]
    newest_first = sorted(found, key=lambda item: item.version, reverse=True)
    versions: dict[str, str] = {}
    for item in newest_first:
        versions.setdefault(item.minor, f"{item.version_text}, {item.source}")
    return versions


def _create(session: Session, workspace: Changeable, request: LocationRequest, *, sync: bool) -> Result:
    from atoll_host.cli.changing import reopen
    from atoll_host.cli.views.creating import created_result
    from atoll_host.cli.views.syncing import sync_with_progress
    from atoll_host.workspace.scaffolding.locations import describe_next, plan_location
    from atoll_host.workspace.scaffolding.locking import lock_location
    from atoll_host.workspace.scaffolding.writing import refuse_existing, write_location

    folder = workspace.root / _FOLDER
    files = plan_location(request)
    was_there = refuse_existing(
        folder / (files[0].path if request.is_script else request.name),
        {folder / file.path: file.text for file in files},
    )
    if not was_there:
        workspace.refuse_taken(request.name)
    if sync and not was_there:
        with session.renderer.progress("Locking", 1):
            lock = lock_location(session.environments, request, files, folder)
        files = (*files, lock) if lock is not None else files
    written, changed = write_location(workspace.workspace, folder, request, files)
    problems: tuple[Any, ...] = ()
    data: dict[str, Any] = {"location": request.name, "python": request.python, "synced": None}
    if sync:
        after = reopen(session, workspace.file)
        synced = sync_with_progress(after, after.locations([request.name]))
        problems, data["synced"] = synced.problems, synced.data[0]
    steps = describe_next(request)
    return created_result(
        _COMMAND,
        f"The location {request.name} was there already"
        if was_there and not written
        else f"Created the location {request.name} for Python {request.python}",
        written=written,
        changed=changed,
        next_steps=steps
        if sync
        else {f"atoll sync {request.name}": "lock its packages, build its environment", **steps},
        data=data,
        problems=problems,
    )
