"""One remote call: bounded in time, its failure translated, and quickly tried again where nothing was applied."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import TypeVar

import anyio._backends._asyncio  # noqa: F401 (httpx would import it in the midst of its first request)
import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from worker.clients.outcomes import RemoteCall
from worker.domain.errors import Throttled, TocsinError, Transient, Unknown, Unreachable
from worker.observability import telemetry
from worker.resilience import send_deadline
from worker.resilience.circuit_breaker import Breaker
from worker.resilience.rate_limit import FREE, Turn

Answer = TypeVar("Answer")

_TRIALS = 3
# Longer patience than this is worth giving the message back for.
_SHORT_PATIENCE = timedelta(seconds=5)
_CONNECTING = timedelta(seconds=10)
# All tries of a page end within the half minute after which it is given up and said otherwise.
_PAGE = timedelta(seconds=8)
# How httpcore names the last moment before it writes; without its body, a request changes nothing.
_LEAVING = (".send_request_headers.started", ".send_request_body.started")
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_backoff = wait_random_exponential(multiplier=0.2, max=2)


async def carry_out(
    attempt: RemoteCall,
    send: Callable[[], Awaitable[Answer]],
    *,
    time_out: timedelta,
    breaker: Breaker | None,
    turn: Turn = FREE,
) -> Answer:
    """The answer to the request; raises a TocsinError that says whether it may have been applied.

    Each try waits for its turn; the breaker judges by what the tries came to together. Nobody goes without one but by
    saying so.
    """
    trials = AsyncRetrying(
        retry=retry_if_exception(lambda error: _worth_another(error, attempt)),
        stop=stop_after_attempt(_TRIALS),
        wait=_patience,
        reraise=True,
    )
    doubts: list[Unknown] = []

    async def trial() -> Answer:
        try:
            return await _try_in_turn(turn, attempt, send, time_out)
        except Unknown as error:
            doubts.append(error)
            raise

    try:
        with breaker.guard() if breaker else nullcontext():
            return await trials(trial)
    except Transient as error:
        if doubts:
            raise _still_in_doubt(doubts[0], error) from error
        raise


def _still_in_doubt(doubt: Unknown, error: Transient) -> Unknown:
    """That a later try was surely not applied says nothing of an earlier one."""
    told = Unknown(f"{doubt} {error}", retry_after=error.retry_after)
    told.outage = error.outage
    return told


async def _try_in_turn(
    turn: Turn, attempt: RemoteCall, send: Callable[[], Awaitable[Answer]], time_out: timedelta
) -> Answer:
    # A wait for which a write has no time is better spent with the message back in the queue.
    slack = send_deadline.slack(time_out) if attempt.writes else None
    async with turn.taken(within=None if slack is None else max(slack, timedelta())):
        return await _try_once(attempt, send, time_out)


async def _try_once(attempt: RemoteCall, send: Callable[[], Awaitable[Answer]], time_out: timedelta) -> Answer:
    kind = "write" if attempt.writes else "read"
    with telemetry.remote_call(attempt.system.name, kind, attempt.trying):
        try:
            # The client's own time-outs are for each read; a server that drips bytes would outlast all of them.
            async with asyncio.timeout(time_out.total_seconds()):
                return await send()
        except TocsinError:
            raise
        except Exception as error:
            # As broad as this: the SDKs raise bare Exceptions for answers they cannot read, after the effect.
            raise attempt.failed(error) from error


def _worth_another(error: BaseException, attempt: RemoteCall) -> bool:
    return isinstance(error, _passing(attempt)) and (error.retry_after or timedelta(0)) <= _SHORT_PATIENCE


def _passing(attempt: RemoteCall) -> tuple[type[TocsinError], ...]:
    if not attempt.writes:
        return (Transient,)
    # A plain Transient of a write is a deadline or a lock: both outlast a quick try.
    return (Throttled, Unreachable, Unknown) if attempt.repeatable else (Throttled, Unreachable)


def _patience(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Transient) else None
    return (asked.total_seconds() if asked else 0) + _backoff(state)


def page_time_out(time_out: timedelta) -> timedelta:
    """How long a call may take that pages a person, where others may take `time_out`."""
    return min(time_out, _PAGE)


def http_client(url: str, *, time_out: timedelta) -> httpx.AsyncClient:
    """A client whose writes look at the send deadline just before they leave, and whose answers lead nowhere else."""

    async def check_before_leaving(event: str, _: object) -> None:
        if event.endswith(_LEAVING):
            send_deadline.check(time_out)

    async def check_in_time(request: httpx.Request) -> None:
        if request.method not in _SAFE_METHODS:
            send_deadline.check(time_out)
            # And with the connection standing: a worker may be paused while it connects, too.
            request.extensions = {**request.extensions, "trace": check_before_leaving}

    async def refuse_redirect(response: httpx.Response) -> None:
        telemetry.answered(response.request.method, response.request.url.host, response.status_code)
        if response.has_redirect_location:
            raise httpx.TooManyRedirects("redirected, which is not followed", request=response.request)

    seconds = time_out.total_seconds()
    encrypted = url.startswith("https:")
    return httpx.AsyncClient(
        timeout=httpx.Timeout(seconds, connect=min(_CONNECTING.total_seconds(), seconds)),
        event_hooks={"request": [check_in_time], "response": [refuse_redirect]},
        follow_redirects=False,
        http2=encrypted,
        # Without https there is nothing to verify, and reading the machine's certificates takes a noticeable time.
        verify=encrypted,
    )
