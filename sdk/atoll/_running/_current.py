"""The context of the step that is running."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CURRENT: ContextVar[Any] = ContextVar("atoll_context", default=None)
