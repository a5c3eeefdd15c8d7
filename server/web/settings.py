"""What the page has to know beside the workspace."""

from __future__ import annotations

from dataclasses import dataclass, field

from atoll_host.server.web.access import Access


@dataclass(frozen=True, slots=True)
class Settings:
    """What the page has to know beside the workspace.

    Attributes:
        editor: which editor "open in editor" leads to, such as `vscode`.
        version: of this tool.
        access: who may use the server.
    """

    editor: str = "vscode"
    version: str = ""
    access: Access = field(default_factory=Access)

    @property
    def token(self) -> str | None:
        """What everyone has to know; None where only this machine can reach the server."""
        return self.access.token
