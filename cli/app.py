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

_ORDER = (
    "create",
    "sync",
    "list",
    "show",
    "graph",
    "validate",
    "dev",
    "daemon",
    "reload",
    "diff",
    "explain",
    "materialize",
    "run",
    "runs",
    "backfill",
    "partitions",
    "schedule",
    "sensor",
    "report",
    "wipe",
    "prune",
    "exec",
    "env",
    "doctor",
    "add",
    "remove",
    "rename",
    "lock",
    "upgrade",
    "clean",
)
"""What is used first comes first."""


class _Ordered(TyperGroup):
    """Lists its commands in our order, groups of commands among them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Give the names of all commands."""
        return sorted(super().list_commands(ctx), key=_ORDER.index)


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
