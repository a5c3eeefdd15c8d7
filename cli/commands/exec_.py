"""`atoll exec`: run a command in a location's own environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import WorkspaceSources, complete_location, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session
    from atoll_host.workspace.location import Location


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    settings = {"allow_interspersed_args": False, "ignore_unknown_options": True}
    app.command("exec", context_settings=settings)(opens_workspace(exec_))


def exec_(
    words: Annotated[
        list[str],
        typer.Argument(metavar="LOCATION -- COMMAND...", show_default=False, autocompletion=complete_location),
    ],
    everywhere: Annotated[bool, typer.Option("--all", help="Run it for every location, one after the other.")] = False,
    workspace: WorkspaceSources = None,
) -> None:
    """Run a command in a location's environment, in its folder, as if that environment were activated.

    The exit status is the command's own; with --all it is 1 when the command failed anywhere.

    Examples:

      atoll exec sales -- python -c "import sys; print(sys.version)"

      atoll exec sales -- pytest

      atoll exec --all -- python -m pip list
    """
    from atoll_host.cli.session import perform
    from atoll_host.envs.errors import UsageError

    def body(session: Session) -> Result:
        from atoll_host.cli.result import Result
        from atoll_host.workspace.findings.located import LocatedProblem

        name, command = (None, words) if everywhere else (words[0], words[1:])
        command = command[1:] if command[:1] == ["--"] else command
        if not command:
            raise UsageError("There is no command to run", hint="atoll exec LOCATION -- COMMAND")
        chosen = session.locations(None if name is None else [name])
        statuses = []
        for location in chosen:
            if everywhere:
                session.renderer.note(f"── {location.name}")
            statuses.append(_run(session, location, command))
        if everywhere:
            # Locations may be missing where something is wrong with the workspace's file.
            problems = tuple(LocatedProblem(None, problem) for problem in session.workspace.problems)
            return Result("exec", None, None, problems, exit_status=int(any(statuses) or bool(problems)))
        return Result("exec", None, None, exit_status=statuses[0])

    perform("exec", body, workspace_file=workspace)


def _run(session: Session, location: Location, command: list[str]) -> int:
    import shutil

    from atoll_host.envs.errors import ConfigurationError, EnvironmentFailedError, UsageError
    from atoll_host.envs.loading.variables import location_variables

    inspection = session.environments.inspect(location.environment)
    environment = inspection.environment
    if environment is None:
        raise EnvironmentFailedError.of(inspection.problems)
    try:
        variables = location_variables(
            session.variables,
            prefix=environment.prefix,
            executable=environment.executable,
            env_files=(*session.workspace.env_files, *location.env_files),
        )
    except ConfigurationError:
        # A file that is not there was noticed where it is named, with the place.
        if location.problems:
            raise ConfigurationError.of(location.problems) from None
        raise
    program = shutil.which(command[0], path=variables["PATH"])
    if program is None:
        raise UsageError(
            f"There is no command {command[0]!r} in {location.name}'s environment or on PATH",
            hint=f"is the package that brings {command[0]} among the location's dependencies?",
        )
    status = session.runner.run_attached([program, *command[1:]], directory=location.root, environment=variables)
    return 128 - status if status < 0 else status
