"""The connection to Azure Boards: the SDK's calls, which block, in threads; bounded, translated and tried again."""

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from typing import TypeVar

from msrest.authentication import Authentication
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_after_delay

from worker.clients.boards.errors import FOREIGN, Call, Kind, RevisionMoved, translated
from worker.clients.boards.sdk import HardenedClient, Transport, hardened_client
from worker.clients.boards.system import BOARDS
from worker.domain.errors import Throttled, Unreachable
from worker.observability import telemetry
from worker.resilience.circuit_breaker import Breaker

Answered = TypeVar("Answered")

_ATTEMPTS = 3
# Longer than this is not waited for in place, where a slot would stand idle.
_PATIENCE = timedelta(seconds=5)


class Connection:
    def __init__(
        self,
        url: str,
        *,
        authentication: Authentication,
        time_out: timedelta,
        threads: int,
        breaker: Breaker,
    ) -> None:
        self.url = url.rstrip("/")
        self._authentication = authentication
        self._time_out = time_out
        self._breaker = breaker
        self._transport = Transport(time_out, connections=threads)
        self._sdk: HardenedClient = hardened_client(self.url, authentication, self._transport)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=BOARDS.name)

    async def close(self) -> None:
        # Not waited for: a call that hangs would hold up the whole shutdown, and its outcome is looked for later.
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._transport.close()
        if close := getattr(self._authentication, "close", None):
            close()

    async def call(self, call: Call, request: Callable[[HardenedClient], Answered]) -> Answered:
        """What the request makes of the SDK's answer; raises a TocsinError that says what became of the call."""
        retrying = AsyncRetrying(
            stop=stop_after_attempt(_ATTEMPTS) | stop_after_delay(self._time_out.total_seconds()),
            wait=_pause,
            retry=retry_if_exception(lambda error: _soon_worth_another_try(error, call)),
            reraise=True,
        )
        with self._breaker.guard():
            answer: Answered = await retrying(self._try_once, call, request)
        return answer

    async def _try_once(self, call: Call, request: Callable[[HardenedClient], Answered]) -> Answered:
        await asyncio.sleep(min(self._transport.asked_patience(), _PATIENCE).total_seconds())
        with telemetry.remote_call(BOARDS.name, call.kind.name.lower(), call.doing):
            # The send deadline is a context variable; a thread has a context of its own unless it is given ours.
            context = copy_context()
            loop = asyncio.get_running_loop()
            try:
                # The time-out beneath is for each read: a server that drips bytes would outlast all of them.
                async with asyncio.timeout(2 * self._time_out.total_seconds()):
                    return await loop.run_in_executor(self._threads, context.run, request, self._sdk)
            except FOREIGN as error:
                raise translated(error, call) from error


def _soon_worth_another_try(error: BaseException, call: Call) -> bool:
    """Only what was certainly not applied, and where nobody asked us to stay away for long."""
    # A patch that collided would collide for ever: its revision has passed. New items and comments name none.
    if isinstance(error, RevisionMoved):
        return call.kind is not Kind.UPDATE
    return isinstance(error, Throttled | Unreachable) and (error.retry_after or timedelta()) <= _PATIENCE


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None) or timedelta()
    return float(asked.total_seconds() + random.uniform(0.05, 0.2) * 2**state.attempt_number)  # noqa: S311  # jitter
