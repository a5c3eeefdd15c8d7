"""`atoll create asset|check|job|schedule|sensor|resource`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile, complete_location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from atoll_host.cli.asking import Asker
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session
    from atoll_host.workspace.findings.located import LocatedProblem
    from atoll_host.workspace.loading import LoadReport
    from atoll_host.workspace.scaffolding.definitions import Kind
    from atoll_host.workspace.scaffolding.known import Known

DEFAULT_CRON = "0 6 * * *"

NameArgument = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Its name.")]
LocationChoice = Annotated[
    str | None,
    typer.Option("--location", "-l", metavar="LOCATION", help="Where it goes.", autocompletion=complete_location),
]
JobOption = Annotated[str | None, typer.Option("--job", metavar="JOB", help="The job that it starts.")]


def add_to(group: typer.Typer) -> None:
    """Add the commands."""
    for command in (asset, check, job, schedule, sensor, resource):
        group.command()(command)


def asset(
    name: NameArgument = None,
    location: LocationChoice = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Create an asset with its test.

    Examples:

      atoll create asset orders --location sales
    """
    _perform("asset", name, location, {}, as_json=as_json, workspace=workspace)


def check(
    name: NameArgument = None,
    location: LocationChoice = None,
    of: Annotated[str | None, typer.Option("--asset", metavar="KEY", help="The asset that it checks.")] = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Create an asset check with its test.

    Examples:

      atoll create check has_rows --asset orders --location sales
    """
    _perform("check", name, location, {"asset": of}, as_json=as_json, workspace=workspace)


def job(
    name: NameArgument = None,
    location: LocationChoice = None,
    select: Annotated[
        str | None, typer.Option("--select", metavar="SELECTION", help="Which assets it makes; '*' is all.")
    ] = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Create a job that makes a selection of assets, with its test.

    Examples:

      atoll create job refresh --select '*' --location sales

      atoll create job refresh_orders --select 'key:"orders"+' --location sales
    """
    _perform("job", name, location, {"selection": select}, as_json=as_json, workspace=workspace)


def schedule(
    name: NameArgument = None,
    location: LocationChoice = None,
    job: JobOption = None,
    cron: Annotated[str, typer.Option("--cron", metavar="CRON", help="When, in UTC.")] = DEFAULT_CRON,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Create a schedule that starts a job, with its test.

    Examples:

      atoll create schedule nightly --job refresh --location sales

      atoll create schedule mondays --job refresh --cron '0 7 * * 1' --location sales
    """
    _perform("schedule", name, location, {"job": job, "cron": cron}, as_json=as_json, workspace=workspace)


def sensor(
    name: NameArgument = None,
    location: LocationChoice = None,
    job: JobOption = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Create a sensor that starts a job when a file has come into a folder, with its test.

    Examples:

      atoll create sensor new_files --job refresh --location sales
    """
    _perform("sensor", name, location, {"job": job}, as_json=as_json, workspace=workspace)


def resource(
    name: NameArgument = None,
    location: LocationChoice = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Create a resource that assets and checks are given by its name, with its test.

    Examples:

      atoll create resource warehouse --location sales
    """
    _perform("resource", name, location, {}, as_json=as_json, workspace=workspace)


def _perform(
    kind: Kind,
    name: str | None,
    location: str | None,
    details: Mapping[str, str | None],
    *,
    as_json: bool,
    workspace: Path | None,
) -> None:
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        return _create(session, kind, name, location, details)

    perform(f"create {kind}", body, as_json=as_json, workspace_file=workspace)


def _create(
    session: Session, kind: Kind, name: str | None, location_name: str | None, details: Mapping[str, str | None]
) -> Result:
    from atoll_host.cli.asking import Asker
    from atoll_host.cli.views.creating import created_result, paste_result
    from atoll_host.cli.views.locations import located
    from atoll_host.workspace.names import check_definition_name
    from atoll_host.workspace.scaffolding.definitions import NotUnderstoodError, plan_definition
    from atoll_host.workspace.scaffolding.known import Known
    from atoll_host.workspace.scaffolding.writing import write_changes

    asker = Asker.of(session)
    if name is not None:
        check_definition_name(name, kind)
    [location] = session.locations([location_name or _choose_location(session, asker)])
    [report] = session.loader.load_all(session.workspace, [location])
    known = Known.of(report)

    def check_name(text: str) -> None:
        check_definition_name(text, kind)
        known.refuse_taken(kind, text)

    if name is None:
        name = asker.text(f"Name of the {kind}", option="NAME", check=check_name)
    check_name(name)
    said = _complete(asker, kind, name, details, known)
    command = f"create {kind}"
    try:
        plan = plan_definition(location, kind, name, said)
    except NotUnderstoodError as error:
        return paste_result(command, error, location.name)
    write_changes(plan.changes)
    steps = {f"atoll validate {location.name}": "see that all is well"}
    if plan.tested:
        steps.update(_describe_testing(report))
    return created_result(
        command,
        f"Created the {kind} {name} in {location.name}",
        written=[change.path for change in plan.changes if change.before is None],
        changed=[change.path for change in plan.changes if change.before is not None],
        next_steps=steps,
        data={"kind": kind, "name": name, "location": location.name, **said},
        problems=() if known.complete else _soften(located([report])),
    )


def _soften(problems: Iterable[LocatedProblem]) -> tuple[LocatedProblem, ...]:
    """Make warnings of what keeps a location from being loaded: what was to be created is there all the same."""
    return tuple(replace(item, problem=item.problem.replaced(severity="warning")) for item in problems)


def _describe_testing(report: LoadReport) -> dict[str, str]:
    """Give what to type so that the test runs, each with what it does."""
    from atoll_host.cli.views.problems import short_path

    location = report.location
    steps = {}
    if not _has_pytest(report):
        steps[f"uv add --dev pytest --project {short_path(str(location.root))}"] = "what its test needs"
        steps[f"atoll sync {location.name}"] = "install that"
    # A project that is not installed is found by the folder that `python -m` puts first.
    command = "pytest" if _is_installed(location.root) else "python -m pytest"
    return {**steps, f"atoll exec {location.name} -- {command}": "run its test"}


def _is_installed(folder: Path) -> bool:
    try:
        return "[build-system]" in (folder / "pyproject.toml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _has_pytest(report: LoadReport) -> bool:
    """Tell whether the location's environment can run tests; where there is none yet, what will be in it is open."""
    environment = report.environment
    if environment is None or environment.prefix is None:
        return True
    return any(
        any(environment.prefix.glob(place))
        for place in ("lib/python*/site-packages/pytest", "Lib/site-packages/pytest")
    )


def _choose_location(session: Session, asker: Asker) -> str:
    from atoll_host.envs.errors import UsageError

    locations = session.workspace.locations
    if not locations:
        raise UsageError("There is no location yet", hint="atoll create location NAME makes one")
    if len(locations) == 1:
        return locations[0].name
    choices = {location.name: "" for location in locations}
    return asker.choice("Location", choices, option="--location")


def _complete(asker: Asker, kind: Kind, name: str, details: Mapping[str, str | None], known: Known) -> dict[str, str]:
    """Ask for the details that were left out, and check them against what the location has."""
    questions: dict[str, Callable[[], str]] = {
        "asset": lambda: asker.choice(
            "Asset", known.candidates("asset"), option="--asset", open_ended=not known.complete
        ),
        "selection": lambda: asker.text("Which assets, as a selection", option="--select", default="*"),
        "job": lambda: asker.choice("Job", known.candidates("job"), option="--job", open_ended=not known.complete),
    }
    said = {}
    for detail, value in details.items():
        said[detail] = value if value is not None else questions[detail]()
        known.check_detail(kind, name, detail, said[detail])
    return said
