"""Limits of a remote system, kept by whoever calls it: a call waits for its turn instead of being refused."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from worker.domain.errors import Throttled
from worker.resilience.fair_lock import FairLock
from worker.resilience.urgency import current_urgency

log = structlog.get_logger()

# Requests that leave a second apart arrive a little more or less than that apart.
_MARGIN = 0.03
# Whoever shares the limit with us shows by refusals. Each slows us by a quarter; each call let through takes a little
# of that back, so that processes that share a limit settle near their shares of it.
_SLOWER = 1.25
_SLOWEST = 16.0
# One refusal is an accident of the way there; two within so many times the limit's length are somebody else.
_CLOSE_TOGETHER = 5
_QUICKER = 0.98
# A call that would wait longer gives its place back: a message must not keep a slot for the sake of a turn.
_LONGEST_WAIT = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls within any stretch of this length."""

    most: int
    within: timedelta


class Limit:
    """One limit, shared by all calls of the process that count against it.

    Turns are given to the urgent first, and among those that are equally urgent by turns of their senders.
    """

    def __init__(self, name: str, rate: Rate, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._rate = rate
        self._clock = clock
        self._made: deque[float] = deque(maxlen=rate.most)
        self._blocked_until = 0.0
        self._slowness = 1.0
        self._refused_at: float | None = None
        self._head = FairLock()

    @property
    def wait(self) -> timedelta:
        """How long a call that asked now would wait, as far as can be foreseen."""
        rounds = self._head.ahead_of(current_urgency()) // self._rate.most
        return timedelta(seconds=self.pause() + rounds * self._window())

    @asynccontextmanager
    async def head(self) -> AsyncIterator[None]:
        """Be the one whose turn is next."""
        async with self._head.held():
            yield

    def pause(self) -> float:
        now = self._clock()
        full = len(self._made) == self._rate.most
        free_at = self._made[0] + self._window() if full else 0.0
        return max(free_at - now, self._blocked_until - now, 0.0)

    def _window(self) -> float:
        return self._rate.within.total_seconds() * self._slowness + _MARGIN

    def take(self) -> None:
        self._made.append(self._clock())

    def let_through(self) -> None:
        self._slowness = max(1.0, self._slowness * _QUICKER)

    def refused(self, patience: timedelta) -> None:
        now, before = self._clock(), self._refused_at
        self._refused_at = now
        if before is not None and now - before < _CLOSE_TOGETHER * self._window():
            self._slowness = min(_SLOWEST, self._slowness * _SLOWER)
        self._blocked_until = max(self._blocked_until, now + patience.total_seconds())
        log.warning("limit.refused", limit=self.name, slowness=round(self._slowness, 2))


class Turn:
    """Asks for one call's turn at every limit that it counts against, the narrowest first.

    In this order, always: whoever holds the head of a wide limit never waits for a narrow one.
    """

    def __init__(
        self,
        *limits: Limit,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        longest: timedelta = _LONGEST_WAIT,
    ) -> None:
        self._limits = limits
        self._sleep = sleep
        self._longest = longest

    @asynccontextmanager
    async def taken(self, *, within: timedelta | None = None) -> AsyncIterator[None]:
        """Around one call; raises Throttled, nothing sent, when the turn is too far off."""
        self._check_wait(self._longest if within is None else min(self._longest, within))
        async with AsyncExitStack() as heads:
            for limit in self._limits:
                await heads.enter_async_context(limit.head())
                while pause := limit.pause():
                    await self._sleep(pause)
            for limit in self._limits:
                limit.take()
        try:
            yield
        except Throttled as refusal:
            for limit in self._limits:
                limit.refused(refusal.retry_after or timedelta(seconds=1))
            raise
        for limit in self._limits:
            limit.let_through()

    def _check_wait(self, longest: timedelta) -> None:
        slowest = max(self._limits, key=lambda limit: limit.wait, default=None)
        if slowest is not None and slowest.wait > longest:
            raise Throttled(
                f"Nothing was sent: {slowest.name} is limited, and so many calls wait for it that this one's turn "
                f"would come in {slowest.wait.total_seconds():.0f} s.",
                retry_after=slowest.wait,
            )


FREE = Turn()
