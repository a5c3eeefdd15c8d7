"""The resource inbox."""

import csv
from pathlib import Path

from atoll import ConfigurableResource


class Inbox(ConfigurableResource):
    """A folder with one CSV file for each day, relative to this code location."""

    folder: str = "data/orders"

    def read(self, day: str) -> list:
        """Give the rows of a day as dictionaries; none where there is no file."""
        file = Path(self.folder) / f"{day}.csv"
        if not file.exists():
            return []
        with file.open(newline="", encoding="utf-8") as lines:
            return list(csv.DictReader(lines))


inbox = Inbox()
