"""What a command gives back: data, problems, an exit status, and how it looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from atoll_host.workspace.findings.located import Located


@dataclass(frozen=True, slots=True)
class Result:
    """What a command found or did.

    Attributes:
        command: its words, such as `list assets`.
        data: what `--json` prints under `data`.
        view: draws it on a terminal (standard output).
        problems: what is wrong, each with the location that it belongs to.
        exit_status: 0 or 1; None means 1 exactly when a problem is an error.
        problems_in_view: whether `view` shows the problems itself.
    """

    command: str
    data: Any
    view: Callable[[Console], None] | None
    problems: tuple[Located, ...] = ()
    exit_status: int | None = None
    problems_in_view: bool = field(default=False)

    @property
    def status(self) -> int:
        """The exit status."""
        if self.exit_status is not None:
            return self.exit_status
        return int(any(item.problem.severity == "error" for item in self.problems))

    def to_json(self) -> dict[str, Any]:
        """Give the envelope that every `--json` output has."""
        return {
            "format": 1,
            "command": self.command,
            "exit_status": self.status,
            "problems": [item.to_json() for item in self.problems],
            "data": self.data,
        }
