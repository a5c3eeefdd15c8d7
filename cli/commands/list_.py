"""`atoll list`: the locations and what they define."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, LocationOption, WorkspaceSources, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session
    from atoll_host.envs.interpreters.interpreter import Interpreter

SelectOption = Annotated[
    str | None,
    typer.Option(
        "--select",
        "-s",
        metavar="SELECTION",
        help="Only these assets, such as: group:raw and not kind:table, +key:sales/orders, location:stock",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = typer.Typer(help="List locations, or what they define.", invoke_without_command=True)
    group.callback()(opens_workspace(locations))
    for command in (assets, checks, jobs, schedules, sensors, resources, pythons):
        group.command()(opens_workspace(command))
    app.add_typer(group, name="list")


def locations(
    context: typer.Context,
    location: LocationOption = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """List the code locations: status, Python, packages, counts, load time.

    Every location is loaded. One that fails is listed with its last known figures, and makes the exit status 1.

    Examples:

      atoll list

      atoll list --json

      atoll list assets --location sales
    """
    if context.invoked_subcommand is not None:
        return
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.reading import load_reports, problems_beside
        from atoll_host.cli.views.locations import locations_result

        reports = load_reports(session, location)
        return locations_result(reports, problems_beside(reports, whole=session.renderer.as_json))

    perform("list", body, as_json=as_json, workspace_file=workspace)


def assets(
    select: SelectOption = None,
    location: LocationOption = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceSources = None,
) -> None:
    """List the assets of all locations.

    A selection goes across locations: `+key:forecast` is the asset with everything upstream of it, wherever that is.

    Examples:

      atoll list assets

      atoll list assets --location sales --json

      atoll list assets --select 'kind:table and not group:raw'

      atoll list assets --select '+key:"stock/forecast"'
    """
    _list("assets", location, select, as_json=as_json, workspace=workspace)


def checks(location: LocationOption = None, as_json: JsonFlag = False, workspace: WorkspaceSources = None) -> None:
    """List the asset checks of all locations.

    Examples:

      atoll list checks

      atoll list checks --location sales
    """
    _list("checks", location, None, as_json=as_json, workspace=workspace)


def jobs(location: LocationOption = None, as_json: JsonFlag = False, workspace: WorkspaceSources = None) -> None:
    """List the jobs of all locations.

    Examples:

      atoll list jobs

      atoll list jobs --location sales
    """
    _list("jobs", location, None, as_json=as_json, workspace=workspace)


def schedules(location: LocationOption = None, as_json: JsonFlag = False, workspace: WorkspaceSources = None) -> None:
    """List the schedules of all locations, each with the moment at which it is due next.

    Examples:

      atoll list schedules

      atoll list schedules --json
    """
    _list("schedules", location, None, as_json=as_json, workspace=workspace)


def sensors(location: LocationOption = None, as_json: JsonFlag = False, workspace: WorkspaceSources = None) -> None:
    """List the sensors of all locations.

    Examples:

      atoll list sensors

      atoll list sensors --location sales
    """
    _list("sensors", location, None, as_json=as_json, workspace=workspace)


def resources(location: LocationOption = None, as_json: JsonFlag = False, workspace: WorkspaceSources = None) -> None:
    """List the resources of all locations, with the names of the environment variables that they read.

    Examples:

      atoll list resources

      atoll list resources --location sales
    """
    _list("resources", location, None, as_json=as_json, workspace=workspace)


def pythons(location: LocationOption = None, as_json: JsonFlag = False, workspace: WorkspaceSources = None) -> None:
    """List the Python interpreters of this machine, where each was found, and which locations use it.

    Works outside a workspace too. With `--location`, only what these locations use.

    Examples:

      atoll list pythons

      atoll list pythons --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.views.pythons import pythons_result

        used = _used_interpreters(session, location)
        return pythons_result(session.discovery.all(), used, only_used=bool(location))

    perform("list pythons", body, as_json=as_json, workspace_file=workspace)


def _list(
    kind: str, names: list[str] | None, select: str | None, *, as_json: bool, workspace: WorkspaceSources
) -> None:
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.reading import load_reports, problems_beside
        from atoll_host.cli.views.listings import listing_result

        wanted = {location.name for location in session.locations(names)}
        # What is upstream of what can only be told when all locations are there.
        reports = load_reports(session, names if select is None else None)
        chosen = None
        if select is not None:
            from atoll_host.workspace.graph.merging import merge_reports
            from atoll_host.workspace.graph.selection import select as choose

            graph = merge_reports(reports)
            nodes = [graph.nodes[name] for name in choose(graph, select)]
            chosen = {f"{name}:{node.key}" for node in nodes for name in node.known_in if name in wanted}
        problems = problems_beside(reports, whole=session.renderer.as_json, brief=True)
        return listing_result(kind, reports, problems, chosen)

    perform(f"list {kind}", body, as_json=as_json, workspace_file=workspace)


def _used_interpreters(session: Session, names: list[str] | None) -> dict[str, Interpreter]:
    """Give for each location the interpreter of its environment; nothing outside a workspace."""
    from atoll_host.envs.errors import AtollError

    try:
        chosen = session.locations(names)
    except AtollError:
        if names or session.sources:
            raise
        return {}
    inspected = {location.name: session.environments.inspect(location.environment).environment for location in chosen}
    return {name: environment.interpreter for name, environment in inspected.items() if environment is not None}
