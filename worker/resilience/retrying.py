"""Try again what a moment's trouble may have stopped."""

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_never

from worker.domain.errors import Held, TocsinError, Transient
from worker.resilience.backoff import backoff

Answer = TypeVar("Answer")

_ATTEMPTS = 3


def _say_nothing(_error: TocsinError, _attempt: int) -> None:
    pass


async def retry_transient(
    act: Callable[[], Awaitable[Answer]],
    *,
    attempts: int | None = _ATTEMPTS,
    on_retry: Callable[[TocsinError, int], None] = _say_nothing,
) -> Answer:
    """For what may be done twice; whoever is held by somebody else is not made to wait here.

    `attempts` None: until it succeeds, or fails for good. `on_retry` hears of each failure that another attempt
    follows, with the number of the one that failed.
    """

    def before_sleep(state: RetryCallState) -> None:
        on_retry(_failure(state), state.attempt_number)

    retrying = AsyncRetrying(
        retry=retry_if_exception(_may_pass),
        wait=_wait,
        stop=stop_never if attempts is None else stop_after_attempt(attempts),
        before_sleep=before_sleep,
        reraise=True,
    )
    return await retrying(act)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, Transient) and not isinstance(error, Held)


def _wait(state: RetryCallState) -> float:
    return (_failure(state).retry_after or backoff(state.attempt_number)).total_seconds()


def _failure(state: RetryCallState) -> Transient:
    """No other one has an attempt after it."""
    return cast("Transient", state.outcome and state.outcome.exception())
