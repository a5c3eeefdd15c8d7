"""How codes and their pages look."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

from atoll_host.cli.result import Result
from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.envs.errors import UsageError
from atoll_host.workspace.findings.choosing import suggest_code
from atoll_host.workspace.findings.codes import CODES, NUMBERS
from atoll_host.workspace.findings.page import read_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from atoll_host.workspace.findings.codes import Code


def find_code(word: str) -> Code:
    """Give the code of a number, whatever its case, or of a kind of problem.

    Raises:
        UsageError: there is none.
    """
    code = NUMBERS.get(word.strip().upper()) or CODES.get(word.strip().lower())
    if code is None:
        raise UsageError(f"There is no code {word!r}", hint=suggest_code(word))
    return code


def pages_result(codes: Sequence[Code]) -> Result:
    """Make the result that shows the pages of codes."""

    def view(console: Console) -> None:
        for number, code in enumerate(codes):
            if number:
                console.print()
            draw_page(console, code)

    return Result("explain", [_describe(code) for code in codes], view)


def list_result() -> Result:
    """Make the result that lists all codes."""
    return Result("explain", [_describe(code) for code in NUMBERS.values()], draw_codes)


def draw_page(console: Console, code: Code) -> None:
    """Draw a page: formatted where somebody watches, else as the Markdown that it is."""
    text = read_page(code)
    if not console.is_terminal:
        console.file.write(text)
        return
    from rich.markdown import Markdown  # noqa: PLC0415 — imports a parser

    # The name of a block's file stands where Markdown shows nothing.
    named = re.sub(r"^```(\w+) (\S+)$", r"`\2`\n\n```\1", text, flags=re.MULTILINE)
    console.print(Markdown(named, code_theme="ansi_dark"))


def draw_codes(console: Console) -> None:
    """Draw a line for each code, in groups."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    columns = (Column("code"), Column("severity", rank=2), Column("what it says", rank=1, least=20))
    for index, (group, codes) in enumerate(groupby(NUMBERS.values(), key=lambda code: code.group)):
        if index:
            console.print()
        console.print(Text(group, style="bold"))
        rows = (
            (
                Text(code.number),
                Text(code.severity, style="red" if code.severity == "error" else "yellow"),
                Text(code.title),
            )
            for code in codes
        )
        draw_table(console, columns, rows, headings=False)


def _describe(code: Code) -> dict[str, Any]:
    return {
        "code": code.number,
        "kind": code.kind,
        "title": code.title,
        "severity": code.severity,
        "group": code.group,
        "page": read_page(code),
    }
