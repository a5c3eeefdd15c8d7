"""How the variables of a location look."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from atoll_host.cli.result import Result
from atoll_host.cli.views.problems import short_path
from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.envs.errors import UsageError
from atoll_host.workspace.describing.text import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from rich.console import Console

    from atoll_host.envs.loading.origins import Variable

_WORDS = {
    "caller": "caller",
    "workspace_env_file": "workspace .env",
    "location_env_file": "location .env",
    "activation": "activation",
    "tool": "atoll",
    "dropped": "dropped",
}
_COLUMNS = (
    Column("Variable"),
    Column("From"),
    Column("Value", rank=1, least=12),
    Column("Why", rank=2, least=16),
)
_HIDDEN = "(secret)"


def variables_result(location: str, variables: Sequence[Variable], shown: Collection[str]) -> Result:
    """Make the result of `atoll env`.

    Args:
        location: its name.
        variables: as `explain_variables` gives them.
        shown: names of those whose values are wanted.

    Raises:
        UsageError: the location has no variable of a name that is wanted.
    """
    names = [variable.name for variable in variables if variable.origin != "dropped"]
    for name in shown:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]}?" if close else f"`atoll env {location}` lists those it has"
            raise UsageError(f"{location} has no variable {name!r}", hint=hint)
    rows = [_row(variable, shown) for variable in variables]

    def view(console: Console) -> None:
        draw_table(console, _COLUMNS, [_cells(row, shown) for row in rows])

    return Result("env", {"location": location, "variables": rows}, view)


def _row(variable: Variable, shown: Collection[str]) -> dict[str, Any]:
    return {
        "name": variable.name,
        "origin": variable.origin,
        "file": None if variable.file is None else str(variable.file),
        "overrides": list(variable.overrides),
        "reason": variable.reason,
        "secret": variable.secret,
        "value": variable.value if variable.name in shown and not variable.secret else None,
    }


def _cells(row: Mapping[str, Any], shown: Collection[str]) -> list[str]:
    value = row["value"]
    if row["name"] in shown and value is None:
        value = _HIDDEN if row["secret"] else ""
    why = [row["reason"]] if row["reason"] else []
    if row["file"]:
        why.append(short_path(row["file"]))
    if row["overrides"]:
        why.append("over " + ", ".join(_WORDS[origin] for origin in row["overrides"]))
    return [clean(row["name"]), _WORDS[row["origin"]], one_line(value or ""), clean("; ".join(why))]
