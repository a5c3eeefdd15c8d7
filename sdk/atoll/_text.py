"""Text that every consumer can hold: without memory addresses, and such as UTF-8 can write."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def clean_text(text: str) -> str:
    """The text with what UTF-8 can't hold (lone surrogates) written as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def remove_addresses(text: str) -> str:
    """`<x.Y object at 0x7f…>` as `<x.Y object>`."""
    head, *rest = text.split(" at 0x")
    return head + "".join(part.lstrip("0123456789abcdefABCDEF") for part in rest)


def clean_json(value: Any) -> Any:
    """JSON types with every text, keys too, made such that UTF-8 can hold it."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(name): clean_json(item) for name, item in value.items()}
    return [clean_json(item) for item in value] if isinstance(value, list) else value
