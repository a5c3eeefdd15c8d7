"""`atoll partitions`: the keys of dynamic partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile
from atoll_host.cli.run_options import complete_dynamic_partitions

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session

NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        show_default=False,
        help="Of the partitions, as DynamicPartitionsDefinition has it.",
        autocompletion=complete_dynamic_partitions,
    ),
]
KeysArgument = Annotated[list[str], typer.Argument(metavar="KEY...", show_default=False, help="Keys of partitions.")]


def add_to(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = typer.Typer(help="Keys of dynamic partitions: list, add and delete them.")
    group.command("list")(list_)
    for command in (add, delete):
        group.command()(command)
    app.add_typer(group, name="partitions", no_args_is_help=True)


def list_(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", show_default=False, help="Only these.", autocompletion=complete_dynamic_partitions
        ),
    ] = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """List the keys of dynamic partitions, in the order in which they were added.

    Examples:

      atoll partitions list

      atoll partitions list customers --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.dynamic_keys import list_result

        return list_result(session, name)

    perform("partitions list", body, as_json=as_json, workspace_file=workspace)


def add(name: NameArgument, keys: KeysArgument, as_json: JsonFlag = False, workspace: WorkspaceFile = None) -> None:
    """Add keys to dynamic partitions; those that are there stay where they are.

    Examples:

      atoll partitions add customers acme umbrella
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.dynamic_keys import add_result

        return add_result(session, name, keys)

    perform("partitions add", body, as_json=as_json, workspace_file=workspace)


def delete(name: NameArgument, keys: KeysArgument, as_json: JsonFlag = False, workspace: WorkspaceFile = None) -> None:
    """Delete keys of dynamic partitions. What was made of them is remembered all the same.

    Examples:

      atoll partitions delete customers acme
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.dynamic_keys import delete_result

        return delete_result(session, name, keys)

    perform("partitions delete", body, as_json=as_json, workspace_file=workspace)
