"""`atoll add`: take existing code into the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(add)


def add(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="A project, a Python file, a package, a module's dotted name; an interpreter loads what follows it.",
        ),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What the location is called.")] = None,
    attribute: Annotated[
        str | None,
        typer.Option("--attribute", "-a", metavar="NAME", help="Which Definitions, where there are several."),
    ] = None,
    python: Annotated[
        str | None, typer.Option("--python", "-p", metavar="X.Y", help="A version, before what its files ask for.")
    ] = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Add an existing project, file, module or package to workspace.yaml. The code itself is left as it is.

    Examples:

      atoll add ../legacy

      atoll add reports/monthly.py --name monthly

      atoll add /opt/py39/bin/python legacy.definitions
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.asking import Asker
        from atoll_host.cli.changing import edit_result, open_to_change
        from atoll_host.workspace.editing import add_location
        from atoll_host.workspace.scaffolding.locations import check_python

        changeable = open_to_change(session)
        chosen = paths or [Asker.of(session).text("Project, file or module to add", option="PATH")]
        options = {"attribute": attribute, "python": None if python is None else check_python(python)}
        edit = add_location(
            changeable.workspace,
            chosen,
            directory=session.directory,
            variables=session.variables,
            location_name=name,
            options={key: value for key, value in options.items() if value is not None},
        )
        names = " ".join(edit.names)
        build = "build its environment, if it has its own"
        steps = {f"atoll sync {names}": build, "atoll validate": "see that all is well"}
        return edit_result("add", edit, steps if edit.names else {})

    perform("add", body, as_json=as_json, workspace_file=workspace)
