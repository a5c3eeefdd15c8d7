"""What `atoll reload` does: find the server, ask it, and show what came of each location."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.cli.result import Result
from atoll_host.cli.views.locations import status_text
from atoll_host.cli.views.tables import Column, draw_table
from atoll_host.envs.errors import Problem, ToolFailedError, UsageError
from atoll_host.server.running import read_down
from atoll_host.workspace.describing.text import count, one_line
from atoll_host.workspace.describing.wording import duration
from atoll_host.workspace.findings.located import LocatedProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from atoll_host.cli.session import Session

_REFUSED = 400
"""The first status of HTTP that says no."""


def perform_reload(session: Session, names: Sequence[str], *, wait: bool) -> Result:
    """Ask the running server to load locations again.

    Args:
        session: of the command.
        names: of locations; empty for all.
        wait: whether the loads are waited for.

    Raises:
        UsageError: no server runs, or there is no location of such a name.
        ToolFailedError: the server went away, or failed.
    """
    server = read_down(session.state)
    if server is None or not server.answers:
        hint = "start it with `atoll dev`; without it, `atoll validate` loads everything once"
        raise UsageError(f"No `atoll dev` runs for {session.workspace.root}", hint=hint)
    try:
        status, answer = server.ask("/api/reload", {"locations": list(names), "wait": wait})
    except OSError as error:
        raise ToolFailedError(f"The server at {server.url} went away: {error}") from None
    if status >= _REFUSED:
        raise _refused(answer, status)
    rows = [{"name": item["name"], "status": item["status"], "load": item["load"]} for item in answer["data"]]
    problems = tuple(
        LocatedProblem(item["name"], Problem.from_json(problem))
        for item in answer["data"]
        for problem in item["problems"]
    )
    return Result("reload", rows, lambda console: _draw(console, rows, wait=wait), problems)


def _refused(answer: Any, status: int) -> UsageError | ToolFailedError:
    try:
        problem = Problem.from_json(answer["problems"][0])
    except (TypeError, KeyError, IndexError):
        return ToolFailedError(f"The server failed to reload, with the HTTP status {status}")
    known = status < 500  # noqa: PLR2004 — what HTTP calls a fault of the asker
    return (UsageError if known else ToolFailedError)(problem.message, hint=problem.hint)


def _draw(console: Console, rows: Sequence[dict[str, Any]], *, wait: bool) -> None:
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    if not wait:
        console.print(Text(f"Reloading {count(len(rows), 'location')}"), soft_wrap=True)
        return
    columns = (Column(""), Column(""), Column("", right=True), Column(""))
    draw_table(
        console,
        columns,
        (
            (
                Text(one_line(row["name"]), style="bold"),
                "removed" if row["status"] is None else status_text(row["status"]),
                "" if row["load"] is None else duration(row["load"]["seconds"]),
                "" if row["load"] is None else row["load"]["way"],
            )
            for row in rows
        ),
        headings=False,
    )
