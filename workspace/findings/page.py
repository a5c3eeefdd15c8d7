"""The page of each code: what it means, an example, the fix. They are files in `pages`, in Markdown."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atoll_host.workspace.findings.codes import Code


def read_page(code: Code) -> str:
    """Read the page of a code."""
    return files("atoll_host.workspace").joinpath("findings", "pages", f"{code.number}.md").read_text("utf-8")
