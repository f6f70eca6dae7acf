"""A look whose result counts for a while, so that whoever asks often costs one look in that time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Generic, TypeVar

from worker.resilience.single_flight import SingleFlight

Result = TypeVar("Result")


class RecentLook(Generic[Result]):
    """What a look raises counts for nobody but those who wait for it. `fresh_for` is asked at each look's end."""

    def __init__(self, look: Callable[[], Awaitable[Result]], fresh_for: Callable[[], timedelta]) -> None:
        self._look = look
        self._fresh_for = fresh_for
        self._flights = SingleFlight(self._look_unless_fresh)
        self._seen: tuple[Result, float] | None = None

    async def share(self) -> Result:
        """What was seen lately, else what is seen now; all who ask meanwhile share that."""
        fresh = self._fresh()
        return await self._flights.share() if fresh is None else fresh[0]

    def _fresh(self) -> tuple[Result, float] | None:
        return self._seen if self._seen and asyncio.get_running_loop().time() < self._seen[1] else None

    async def _look_unless_fresh(self) -> Result:
        """Whoever waited for another's look has its answer."""
        fresh = self._fresh()
        if fresh is None:
            found = await self._look()
            fresh = self._seen = found, asyncio.get_running_loop().time() + self._fresh_for().total_seconds()
        return fresh[0]
