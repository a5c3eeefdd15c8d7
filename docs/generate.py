"""Write `docs/commands.md` from the commands themselves: `python docs/generate.py`. A test keeps it current."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.main import get_command

from atoll_host.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).with_name("commands.md")
HEAD = """# Commands

Made from the commands' own help by `python docs/generate.py`.

Exit status of every command: 0 all well; 1 something in the workspace is wrong; 2 wrong usage, or the tool itself
failed; 130 interrupted. Data goes to standard output, everything else to standard error.
"""


def page() -> str:
    """Give the whole page."""
    return "\n".join([HEAD, *_command(get_command(app), "atoll")])


def _command(command: Any, path: str) -> Iterator[str]:
    children = getattr(command, "commands", {})
    if path != "atoll":
        yield f"## `{path}`\n"
        yield _prose(command.help or "")
        rows = [row for parameter in command.params for row in _parameter(parameter)]
        if rows:
            yield "| option | meaning |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    for name, child in sorted(children.items()):
        if not child.hidden:
            yield from _command(child, f"{path} {name}")


def _prose(text: str) -> str:
    before, mark, examples = inspect.cleandoc(text).partition("Examples:")
    if not mark:
        return f"{before.strip()}\n"
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    return f"{before.strip()}\n\n```\n" + "\n".join(lines) + "\n```\n"


def _parameter(parameter: Any) -> Iterator[str]:
    if parameter.name in {"install_completion", "show_completion", "help"} or getattr(parameter, "hidden", False):
        return
    names = [*parameter.opts, *parameter.secondary_opts] if parameter.param_type_name == "option" else []
    metavar = parameter.metavar or (None if names and getattr(parameter, "is_flag", False) else parameter.name.upper())
    words = ", ".join(names) + (f" {metavar}" if names and metavar else "") if names else metavar
    text = (getattr(parameter, "help", None) or "").replace("|", "\\|").replace("\n", " ")
    yield f"| `{words}` | {text} |"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else f"{PAGE.name} is not current: run {sys.argv[0]}")
    PAGE.write_text(page(), encoding="utf-8")
