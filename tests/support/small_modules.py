"""Source of modules that load in a moment."""

from __future__ import annotations


def module(*names: str, before: str = "") -> str:
    """Give a module that defines assets, and what comes before."""
    assets = "".join(f"\n\n@atoll.asset\ndef {name}() -> None: ...\n" for name in names)
    return f"{before}import atoll\n{assets}\n\ndefs = atoll.Definitions(assets=[{', '.join(names)}])\n"
