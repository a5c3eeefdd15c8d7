"""What the web application may ask of the supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Control(Protocol):
    """Asks for work; what comes of it shows in the hub."""

    def reload(self, names: Sequence[str] | None = None, trigger: str = "asked for") -> list[str]:
        """Load locations again, all when none is named; a load under way is given up for it.

        Args:
            names: of the locations.
            trigger: what caused it, as it stands in the history.

        Returns:
            The names of those that will be loaded.

        Raises:
            UsageError: there is no location of such a name.
        """
