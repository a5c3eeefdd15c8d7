"""What to do when a computation fails."""

from __future__ import annotations

from ._arguments import check_choice, check_integer, check_seconds, refuse_unknown
from ._errors import DefinitionError
from ._values import Choice, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class Backoff(Choice):
    """How the wait grows from one retry to the next: by the same amount (LINEAR) or by doubling (EXPONENTIAL)."""

    LINEAR: ClassVar[Backoff]
    EXPONENTIAL: ClassVar[Backoff]


class Jitter(Choice):
    """How chance shapes the wait: anything up to it (FULL), or a little more or less than it (PLUS_MINUS)."""

    FULL: ClassVar[Jitter]
    PLUS_MINUS: ClassVar[Jitter]


Backoff._add_members("LINEAR", "EXPONENTIAL")  # noqa: SLF001 -- ours
Jitter._add_members("FULL", "PLUS_MINUS")  # noqa: SLF001 -- ours


class RetryPolicy(Record):
    """Try a failed computation again, at most `max_retries` times, `delay` seconds apart.

    Raises:
        DefinitionError: a number is negative, or `backoff` or `jitter` is given without a `delay`.
    """

    @refuse_unknown
    def __init__(
        self,
        max_retries: int = 1,
        delay: float | None = None,
        backoff: Backoff | None = None,
        jitter: Jitter | None = None,
    ) -> None:
        self.max_retries = check_integer(max_retries, "RetryPolicy: max_retries", 0)
        self.delay = check_seconds(delay, "RetryPolicy: delay")
        self.backoff = None if backoff is None else check_choice(backoff, Backoff, "RetryPolicy: backoff")
        self.jitter = None if jitter is None else check_choice(jitter, Jitter, "RetryPolicy: jitter")
        if self.delay is None and (backoff or jitter):
            raise DefinitionError("RetryPolicy: backoff and jitter shape a delay, and none is given", "pass delay=…")
