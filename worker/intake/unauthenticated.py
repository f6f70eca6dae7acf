"""Requests whose senders proved nothing: answered late and logged, both within bounds.

Nobody is counted out: Azure sends from addresses that it shares between its customers, and a proxy in front of us is
one address for all. What fails once costs a moment; what fails often from one address is no longer logged line by
line, and loses its connection.
"""

import asyncio
import time
from datetime import timedelta

import structlog

from worker.web.network import network

DELAY = timedelta(milliseconds=500)
# Each holds a connection and no more; from beyond there nobody learns faster whether a key of 128 bits is right.
DELAYED_AT_ONCE = 100
DELAYED_OF_ONE_ADDRESS = 10
# Within one turn of the counts.
TURN = timedelta(minutes=1)
LINES_OF_ONE_ADDRESS = 5
LINES = 100
ADDRESSES = 10_000
_STAYS_FOR = 20

log = structlog.get_logger()


class UnauthenticatedThrottle:
    def __init__(self, *, delay: timedelta = DELAY) -> None:
        self._delay = delay
        self._delayed: dict[str, int] = {}
        self._failures: dict[str, int] = {}
        self._lines = 0
        self._suppressed = 0
        self._turn_ends = time.monotonic() + TURN.total_seconds()

    async def delay(self, address: str, *, reason: str, method: str, path: str) -> bool:
        """Whether the connection may stay."""
        origin = self._origin(address)
        self._failures[origin] = self._failures.get(origin, 0) + 1
        if self._may_be_logged(origin):
            log.info(
                "intake.unauthenticated",
                client=address,
                reason=reason,
                method=method,
                path=path,
                suppressed=self._suppressed,
            )
            self._suppressed = 0
        else:
            self._suppressed += 1
        await self._wait(origin)
        return self._failures.get(origin, 0) <= _STAYS_FOR

    def _origin(self, address: str) -> str:
        if time.monotonic() >= self._turn_ends:
            self._failures.clear()
            self._lines = 0
            self._turn_ends = time.monotonic() + TURN.total_seconds()
        origin = network(address)
        is_new = origin not in self._failures
        return "elsewhere" if is_new and len(self._failures) >= ADDRESSES else origin

    def _may_be_logged(self, origin: str) -> bool:
        if self._failures[origin] > LINES_OF_ONE_ADDRESS or self._lines >= LINES:
            return False
        self._lines += 1
        return True

    async def _wait(self, origin: str) -> None:
        of_one = self._delayed.get(origin, 0)
        if of_one >= DELAYED_OF_ONE_ADDRESS or sum(self._delayed.values()) >= DELAYED_AT_ONCE:
            return
        self._delayed[origin] = of_one + 1
        try:
            await asyncio.sleep(self._delay.total_seconds())
        finally:
            self._delayed[origin] -= 1
            if not self._delayed[origin]:
                del self._delayed[origin]
