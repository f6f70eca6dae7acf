"""How many incidents' effects of one kind are brought about at once, so that there is always room to tell people."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker.engine.lane import Lane, LaneOrder

_AT_ONCE = 2
# Behind a system that hangs nobody waits for longer than this: it may be that of one incident alone.
_PATIENCE_SECONDS = 5


class LaneLimit:
    """Of each lane by itself: no system waits for another one. What people are told waits for nothing."""

    def __init__(self, *, at_once: int = _AT_ONCE, patience: float = _PATIENCE_SECONDS) -> None:
        self._free: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(at_once))
        self._patience = patience

    @asynccontextmanager
    async def turn(self, lane: Lane) -> AsyncIterator[None]:
        """Within, it is this one's turn: after those that came before, or once it has waited for long enough."""
        is_taken = lane.order is not LaneOrder.EACH and await self._take(lane.name)
        try:
            yield
        finally:
            if is_taken:
                self._free[lane.name].release()

    async def _take(self, name: str) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                return await self._free[name].acquire()
        except TimeoutError:
            return False
