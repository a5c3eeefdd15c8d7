"""Who may use the server: the names that it is reached by, and the token that others than this machine need."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names of this machine that only it can reach."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use the server.

    Attributes:
        host: the address that it is bound to.
        port: the port that it is bound to; it tells the cookies of several servers apart.
        token: what everyone has to know; None where only this machine can reach the server.
    """

    host: str = "127.0.0.1"
    port: int = 3030
    token: str | None = None

    @property
    def cookie(self) -> str:
        """The name of the cookie that holds the token."""
        return f"atoll-{self.port}"

    def serves(self, name: str) -> bool:
        """Tell whether a host name, without its port, is one of those that lead here.

        The port may be another one, as it is where a port is forwarded: only a name can be made to lead elsewhere.
        """
        if is_wildcard(self.host):
            # Nobody can know by which names others reach this machine; they need the token in any case.
            return self.token is not None or name in LOOPBACK
        return name in LOOPBACK or name == self.host.lower()

    def knows(self, word: str | None) -> bool:
        """Tell whether a word is the token, in a time that says nothing about it."""
        return self.token is not None and hmac.compare_digest((word or "").encode(), self.token.encode())


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach what is bound to an address or name."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_wildcard(host: str) -> bool:
    """Tell whether an address stands for all addresses of this machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
