"""What evaluations log and print, as far as it is kept with their tick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_RECORDS = 50
_LONGEST_MESSAGE = 1000
"""Characters."""
_LONGEST_OUTPUT = 10_000
"""Characters: a sensor that prints a page each half minute fills a gigabyte in a year."""
_FACTS = ("time", "level", "message")


class Said:
    """Gathers what one tick's evaluations said: the first records, and the end of the output."""

    def __init__(self) -> None:
        self._logs: list[dict[str, Any]] = []
        self._output = ""
        self._left_out = 0

    def add(self, logs: Sequence[Mapping[str, Any]], output: str) -> None:
        """Add what an evaluation said.

        Args:
            logs: records of `context.log`.
            output: what it printed.
        """
        for record in logs:
            if len(self._logs) < _MOST_RECORDS:
                kept = {name: record.get(name) for name in _FACTS}
                self._logs.append({**kept, "message": str(kept["message"])[:_LONGEST_MESSAGE]})
            else:
                self._left_out += 1
        self._output = (self._output + output)[-_LONGEST_OUTPUT:]

    def to_json(self) -> dict[str, Any] | None:
        """Give what is kept; None where nothing was said."""
        if not self._logs and not self._output:
            return None
        logs = list(self._logs)
        if self._left_out:
            text = f"… {self._left_out:,} more records are not kept"
            logs.append({"time": None, "level": None, "message": text})
        return {"logs": logs, "output": self._output}
