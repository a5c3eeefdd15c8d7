"""Whether and when a failed step is tried again."""

from __future__ import annotations

from .._failures import ExecutionError, Failure, RetryRequested
from .._policies import Backoff, Jitter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._policies import RetryPolicy

_FINAL = ("check_failed",)


def find_delay(policy: RetryPolicy | None, error: BaseException, number: int) -> float | None:
    """The seconds to wait before attempt `number + 1` (from 0); None where there is none."""
    if isinstance(error, RetryRequested):
        return (error.seconds_to_wait or 0.0) if number < error.max_retries else None
    if policy is None or number >= policy.max_retries or not isinstance(error, Exception):
        return None
    if isinstance(error, Failure) and not error.allow_retries:
        return None
    if isinstance(error, ExecutionError) and error.kind in _FINAL:
        return None
    return compute_delay(policy, number)


def compute_delay(policy: RetryPolicy, number: int) -> float:
    """The policy's delay before retry `number + 1`, grown by its back-off and shaped by its jitter."""
    delay = float(policy.delay or 0)
    if policy.backoff is Backoff.LINEAR:
        delay *= number + 1
    elif policy.backoff is Backoff.EXPONENTIAL:
        delay *= 2.0 ** min(number + 1, 63) - 1
    if policy.jitter is not None and delay:
        import random

        if policy.jitter is Jitter.FULL:
            return random.random() * delay  # noqa: S311 -- spreads load, hides nothing
        return delay + (2 * random.random() - 1) * float(policy.delay or 0)  # noqa: S311 -- as above
    return delay
