"""The commands of `atoll`, put together."""

from __future__ import annotations

import typer

from atoll_host.cli.commands import (
    add,
    clean,
    create,
    diff,
    doctor,
    env,
    exec_,
    explain,
    graph,
    list_,
    lock,
    remove,
    rename,
    show,
    sync,
    validate,
)

_HELP = """One workspace, many Pythons: an environment of its own for every code location.

Start with: atoll create workspace demo --example islands
"""

app = typer.Typer(
    name="atoll",
    help=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
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
    list_,
    show,
    graph,
    explain,
    validate,
    diff,
):
    module.add_to(app)


def run(arguments: list[str]) -> None:
    """Run a command and exit with its status; wrong usage is shown by typer and ends with 2."""
    app(arguments, prog_name="atoll")
