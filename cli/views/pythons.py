"""How the Python interpreters of a machine look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.cli.result import Result
from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.workspace.describing.text import listed, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from atoll_host.envs.interpreters.interpreter import Interpreter

    Row = dict[str, Any]

_OLDEST = (3, 8)
"""Locations need this version or a later one."""


def pythons_result(found: Sequence[Interpreter], used: Mapping[str, Interpreter], *, only_used: bool) -> Result:
    """Make the result of `atoll list pythons`.

    Args:
        found: the interpreters of the machine.
        used: by location, the interpreter that its environment was made from.
        only_used: whether those that no location uses are left out.
    """
    data = [_row(interpreter, used) for interpreter in found]
    known = {_identity(interpreter) for interpreter in found}
    for interpreter in used.values():
        if _identity(interpreter) not in known:
            known.add(_identity(interpreter))
            data.append(_row(interpreter, used))
    if only_used:
        data = [row for row in data if row["used_by"]]
    return Result("list pythons", data, lambda console: draw_pythons(console, data))


def draw_pythons(console: Console, data: Sequence[Row]) -> None:
    """Draw the table of interpreters."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    if not data:
        console.print(Text("No Python interpreter was found"), soft_wrap=True)
        return
    columns = (
        Column("Python"),
        Column("Found", rank=3),
        Column("Used by", rank=1, least=12),
        Column("Executable", rank=2, least=24),
    )
    draw_table(
        console,
        columns,
        (
            (
                Text(one_line(_name(row)), style="bold" if row["supported"] else "dim"),
                one_line(row["source"]),
                listed([one_line(name) for name in row["used_by"]], 3) or ("" if row["supported"] else "(too old)"),
                one_line(_short(row["executable"])),
            )
            for row in data
        ),
    )


def _name(row: Row) -> str:
    return row["version"] if row["implementation"] == "cpython" else f"{row['version']} {row['implementation']}"


def _short(path: str) -> str:
    """Give a path with the home folder as shells write it."""
    home = str(Path.home())
    return f"~{path.removeprefix(home)}" if path.startswith(f"{home}/") else path


def _row(interpreter: Interpreter, used: Mapping[str, Interpreter]) -> Row:
    identity = _identity(interpreter)
    return {
        **interpreter.to_json(),
        "supported": interpreter.version[:2] >= _OLDEST,
        "used_by": [name for name, other in used.items() if _identity(other) == identity],
    }


def _identity(interpreter: Interpreter) -> str:
    return str(Path(interpreter.base_executable).resolve())
