"""The commands of `atoll`, put together."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from atoll_host.cli.commands import (
    add,
    automation,
    backfill,
    clean,
    create,
    daemon,
    dev,
    diff,
    doctor,
    env,
    exec_,
    explain,
    graph,
    list_,
    lock,
    materialize,
    partitions,
    prune,
    reload,
    remove,
    rename,
    report,
    run_,
    runs,
    show,
    sync,
    validate,
    wipe,
)

_HELP = """One workspace, many Pythons: an environment of its own for every code location.

Start with: atoll create workspace demo --example islands
"""

_PANELS = {
    "Start here": ("create", "dev", "validate"),
    "Look": ("list", "show", "graph", "diff", "explain", "reload"),
    "Run": ("materialize", "run", "runs", "backfill", "partitions", "report", "wipe", "prune"),
    "Automate": ("daemon", "schedule", "sensor"),
    "Locations": ("add", "remove", "rename"),
    "Environments": ("sync", "lock", "upgrade", "clean", "exec", "env", "doctor"),
}
"""What commands are for, and what is used first comes first."""
_PANEL_OF = {name: panel for panel, names in _PANELS.items() for name in names}
_ORDER = tuple(_PANEL_OF)


class _Ordered(TyperGroup):
    """Lists its commands in our order, groups of commands among them, under what they are for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Give the names of all commands."""
        return sorted(super().list_commands(ctx), key=_ORDER.index)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Give a command by its name, with the panel of the help in which it stands."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            command.rich_help_panel = _PANEL_OF[cmd_name]  # type: ignore[attr-defined]  # typer's help looks for it
        return command


app = typer.Typer(
    name="atoll",
    cls=_Ordered,
    help=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 — `--version` alone does not come this far

        typer.echo(f"atoll {version('atoll')}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version and exit.", is_eager=True, callback=_print_version
    ),
) -> None:
    pass


for module in (
    create,
    add,
    remove,
    rename,
    sync,
    lock,
    clean,
    doctor,
    env,
    exec_,
    materialize,
    run_,
    runs,
    backfill,
    partitions,
    automation,
    report,
    wipe,
    prune,
    list_,
    show,
    graph,
    explain,
    validate,
    dev,
    daemon,
    reload,
    diff,
):
    module.add_to(app)


def run(arguments: list[str]) -> None:
    """Run a command and exit with its status; wrong usage is shown by typer and ends with 2."""
    app(arguments, prog_name="atoll")
