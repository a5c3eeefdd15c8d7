"""`atoll schedule` and `atoll sensor`: switched on and off, looked at, tried without effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from atoll_host.cli.options import JsonFlag, WorkspaceFile
from atoll_host.cli.run_options import complete_schedule, complete_sensor

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session

Kind = Literal["schedule", "sensor"]
_ALL = typer.Option("--all", help="All that there are.")
_DECLARED = typer.Option("--declared", help="As the code declares it, from now on.")
_LIMIT = typer.Option("--limit", "-n", min=1, help="How many at most.")
_LOGS = typer.Option("--logs", help="Show what each logged and printed, too.")
ScheduleNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME...", show_default=False, help="NAME or LOCATION:NAME.", autocompletion=complete_schedule
    ),
]
ScheduleName = Annotated[
    str,
    typer.Argument(metavar="NAME", show_default=False, help="NAME or LOCATION:NAME.", autocompletion=complete_schedule),
]
SensorNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME...", show_default=False, help="NAME or LOCATION:NAME.", autocompletion=complete_sensor
    ),
]
SensorName = Annotated[
    str,
    typer.Argument(metavar="NAME", show_default=False, help="NAME or LOCATION:NAME.", autocompletion=complete_sensor),
]


def add_to(app: typer.Typer) -> None:
    """Add both groups and their commands."""
    schedules = typer.Typer(help="Schedules: switch them on and off, see their ticks, try one without effect.")
    schedules.command("on")(schedule_on)
    schedules.command("off")(schedule_off)
    schedules.command("ticks")(schedule_ticks)
    schedules.command("preview")(schedule_preview)
    app.add_typer(schedules, name="schedule", no_args_is_help=True)
    sensors = typer.Typer(help="Sensors: switch them on and off, see their ticks, try one without effect.")
    sensors.command("on")(sensor_on)
    sensors.command("off")(sensor_off)
    sensors.command("ticks")(sensor_ticks)
    sensors.command("preview")(sensor_preview)
    app.add_typer(sensors, name="sensor", no_args_is_help=True)


def schedule_on(
    names: ScheduleNames = None,
    every: Annotated[bool, _ALL] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Switch schedules on: `atoll dev` and `atoll daemon` evaluate them from now on.

    What was missed while one was off is not made up.

    Examples:

      atoll schedule on nightly

      atoll schedule on sales:nightly stock:hourly

      atoll schedule on --all
    """
    _switch("schedule", names, True, every=every, as_json=as_json, workspace=workspace)


def schedule_off(
    names: ScheduleNames = None,
    every: Annotated[bool, _ALL] = False,
    declared: Annotated[bool, _DECLARED] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Switch schedules off. Runs that go on are left alone.

    Examples:

      atoll schedule off nightly

      atoll schedule off nightly --declared
    """
    _switch("schedule", names, None if declared else False, every=every, as_json=as_json, workspace=workspace)


def schedule_ticks(
    name: ScheduleName,
    limit: Annotated[int, _LIMIT] = 20,
    logs: Annotated[bool, _LOGS] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """List the ticks of a schedule, the newest first: what each came to, why, and how long it took.

    Examples:

      atoll schedule ticks nightly

      atoll schedule ticks sales:nightly --limit 100 --json
    """
    _ticks("schedule", name, limit, logs=logs, as_json=as_json, workspace=workspace)


def schedule_preview(
    name: ScheduleName,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help="The moment, such as 2026-03-29T02:30 in its time zone; the next one without."
        ),
    ] = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Evaluate a schedule without any effect: print which runs it would ask for, and what it logs.

    Examples:

      atoll schedule preview nightly

      atoll schedule preview nightly --at 2026-03-29T02:30
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.automating import perform_preview

        return perform_preview(session, "schedule", name, at=at)

    perform("schedule preview", body, as_json=as_json, workspace_file=workspace)


def sensor_on(
    names: SensorNames = None,
    every: Annotated[bool, _ALL] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Switch sensors on: `atoll dev` and `atoll daemon` evaluate them from now on.

    Examples:

      atoll sensor on new_files

      atoll sensor on --all
    """
    _switch("sensor", names, True, every=every, as_json=as_json, workspace=workspace)


def sensor_off(
    names: SensorNames = None,
    every: Annotated[bool, _ALL] = False,
    declared: Annotated[bool, _DECLARED] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Switch sensors off. Their cursors stay, and runs that go on are left alone.

    Examples:

      atoll sensor off new_files

      atoll sensor off new_files --declared
    """
    _switch("sensor", names, None if declared else False, every=every, as_json=as_json, workspace=workspace)


def sensor_ticks(
    name: SensorName,
    limit: Annotated[int, _LIMIT] = 20,
    logs: Annotated[bool, _LOGS] = False,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """List the ticks of a sensor, the newest first: what each came to, why, and how long it took.

    Examples:

      atoll sensor ticks new_files

      atoll sensor ticks new_files --limit 5 --logs

      atoll sensor ticks sales:new_files --limit 100 --json
    """
    _ticks("sensor", name, limit, logs=logs, as_json=as_json, workspace=workspace)


def sensor_preview(
    name: SensorName,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="TEXT", help="Its cursor; what is remembered without.")
    ] = None,
    as_json: JsonFlag = False,
    workspace: WorkspaceFile = None,
) -> None:
    """Evaluate a sensor without any effect: print which runs it would ask for, its cursor then, and what it logs.

    Examples:

      atoll sensor preview new_files

      atoll sensor preview new_files --cursor 2026-01-31
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.automating import perform_preview

        return perform_preview(session, "sensor", name, cursor=cursor)

    perform("sensor preview", body, as_json=as_json, workspace_file=workspace)


def _switch(
    kind: Kind, names: list[str] | None, on: bool | None, *, every: bool, as_json: bool, workspace: WorkspaceFile
) -> None:
    from atoll_host.cli.session import perform

    command = f"{kind} {'on' if on else 'off'}"

    def body(session: Session) -> Result:
        from atoll_host.cli.automating import perform_switch

        return perform_switch(session, command, kind, names or (), on=on, every=every)

    perform(command, body, as_json=as_json, workspace_file=workspace)


def _ticks(kind: Kind, name: str, limit: int, *, logs: bool, as_json: bool, workspace: WorkspaceFile) -> None:
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.automating import list_ticks

        return list_ticks(session, kind, name, limit, logs=logs)

    perform(f"{kind} ticks", body, as_json=as_json, workspace_file=workspace)
