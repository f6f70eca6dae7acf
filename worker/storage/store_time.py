"""What time it is by the store's clock, for what has no message whose broker would say: a machine may be wrong."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from worker.domain.errors import TocsinError

# The store counts whole seconds: nearer than this the two clocks cannot be told apart, and ours is the finer one.
_ALIKE = timedelta(seconds=2)
_HOLDS_SECONDS = 300.0


class StoreTime:
    """`ask` tells how far the store's clock is ahead of this machine's."""

    def __init__(self, ask: Callable[[], Awaitable[timedelta]]) -> None:
        self._ask = ask
        self._ahead = timedelta()
        self._asked_at: float | None = None

    async def now(self) -> datetime:
        """By this machine's clock where the store has never answered."""
        if self._asked_at is None or time.monotonic() - self._asked_at > _HOLDS_SECONDS:
            await self._look()
        return datetime.now(UTC) + self._ahead

    async def _look(self) -> None:
        try:
            ahead = await self._ask()
        except TocsinError:
            return  # what was known last still holds; whoever writes next says why
        self._ahead = ahead if abs(ahead) > _ALIKE else timedelta()
        self._asked_at = time.monotonic()
