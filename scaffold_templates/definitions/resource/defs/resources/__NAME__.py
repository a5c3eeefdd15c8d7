"""The resource __NAME__."""

from atoll import ConfigurableResource


class __CLASS__(ConfigurableResource):
    """What a parameter `__NAME__: __CLASS__` receives.

    A value that differs from machine to machine can be `EnvVar("NAME")`.
    """

    folder: str = "data"

    def path_of(self, name: str) -> str:
        """Give the path of a file in the folder."""
        return f"{self.folder}/{name}"


__NAME__ = __CLASS__()
