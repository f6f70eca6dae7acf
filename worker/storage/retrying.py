"""Ask the store again while it does not answer, for as long as there is."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from worker.domain.errors import Transient

Answer = TypeVar("Answer")

# A lease is a matter of seconds, so there is no time to grow more patient.
_PAUSE = 0.2


async def retry_until(give_up_at: float, act: Callable[[], Awaitable[Answer]]) -> Answer:
    """For what may be done twice; `give_up_at` is by our monotonic clock. Raises what the last attempt came to."""

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return seconds_to_wait(error, give_up_at)

    def is_over(_state: RetryCallState) -> bool:
        return time.monotonic() >= give_up_at

    retrying = AsyncRetrying(retry=retry_if_exception_type(Transient), wait=wait, stop=is_over, reraise=True)
    return await retrying(act)


def seconds_to_wait(error: BaseException | None, give_up_at: float) -> float:
    """As long as the store asks for, but no longer than there is."""
    asked = error.retry_after if isinstance(error, Transient) else None
    wait = asked.total_seconds() if asked is not None else _PAUSE
    return max(_PAUSE, min(wait, give_up_at - time.monotonic()))
