"""The asset __NAME__."""

from atoll import asset


@asset
def __NAME__() -> list:
    """Rows of __NAME__: say here what one of them is."""
    return [{"id": 1}, {"id": 2}]
