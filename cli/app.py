"""The commands of `atoll`, put together."""

from __future__ import annotations

import sys

import click
import typer

from atoll_host.cli.commands import list_, sync, validate

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
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),  # noqa: ARG001 — see entry.py
) -> None:
    pass


for module in (list_, sync, validate):
    module.add_to(app)


def run(arguments: list[str]) -> int:
    """Run a command and give its exit status; usage errors are shown here, by typer's own renderer."""
    try:
        result = app(arguments, standalone_mode=False)
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.UsageError as error:
        from typer import rich_utils  # noqa: PLC0415 — only to complain

        rich_utils.rich_format_error(error)
        return 2
    except click.ClickException as error:
        sys.stderr.write(f"error: {error.format_message()}\n")
        return 2
    return result if isinstance(result, int) else 0
