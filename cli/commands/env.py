"""`atoll env`: where each variable of a location's processes comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceSources, complete_location, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(env))


def env(
    location: Annotated[
        str, typer.Argument(metavar="LOCATION", help="Whose variables.", autocompletion=complete_location)
    ],
    shown: Annotated[
        list[str] | None,
        typer.Option("--show", metavar="NAME", help="Show this one's value too (repeatable); never that of a secret."),
    ] = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Say where each environment variable comes from that a location is loaded with, and which ones it does not get.

    A location has the caller's variables, changed as activating its environment would, then what the workspace's .env
    files say, then what its own say. Values are not shown unless asked for.

    Examples:

      atoll env sales

      atoll env sales --show AWS_PROFILE

      atoll env sales --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.views.variables import variables_result
        from atoll_host.envs.errors import ConfigurationError, EnvironmentFailedError
        from atoll_host.envs.loading.origins import explain_variables

        (chosen,) = session.locations([location])
        inspection = session.environments.inspect(chosen.environment)
        environment = inspection.environment
        if environment is None:
            raise EnvironmentFailedError.of(inspection.problems)
        try:
            variables = explain_variables(
                session.variables,
                prefix=environment.prefix,
                executable=environment.executable,
                workspace_files=session.workspace.env_files,
                location_files=chosen.env_files,
            )
        except ConfigurationError:
            # A file that is not there was noticed where it is named, with the place.
            if chosen.problems:
                raise ConfigurationError.of(chosen.problems) from None
            raise
        return variables_result(chosen.name, variables, shown or ())

    perform("env", body, as_json=as_json, workspace_file=workspace)
