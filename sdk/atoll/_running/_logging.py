"""What the function of a logger is told."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._contexts import RunInfo


class InitLoggerContext:
    """The configuration of a logger (`logger_config`), and the run."""

    def __init__(self, logger_config: Any, run: RunInfo) -> None:
        self.logger_config = logger_config
        self.run = run

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def job_name(self) -> str | None:
        return self.run.job_name
