"""The SDK's version; the handshake reports it."""

__version__ = "0.1.0"
