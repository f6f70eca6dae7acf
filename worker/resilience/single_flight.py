"""A look that all who ask for it at the same time share, so that its cost is that of one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Result = TypeVar("Result")


@dataclass(eq=False, slots=True)
class _Flight(Generic[Result]):
    task: asyncio.Task[Result]
    waiting: int = 0


class SingleFlight(Generic[Result]):
    """One look at a time. It begins after it was asked for: who asks while one is under way shares the one after it.

    What was in doubt when somebody asked is therefore seen as it stood later, never as it stood before.
    """

    def __init__(self, look: Callable[[], Awaitable[Result]]) -> None:
        self._look = look
        self._under_way = asyncio.Lock()
        self._next: _Flight[Result] | None = None

    async def share(self) -> Result:
        """Its result, or what it raised, for everybody who waits; it ends when nobody does any more."""
        flight = self._next = self._next or _Flight(asyncio.ensure_future(self._fly()))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                self._forget(flight)

    async def _fly(self) -> Result:
        async with self._under_way:
            self._next = None
            return await self._look()

    def _forget(self, flight: _Flight[Result]) -> None:
        flight.task.cancel()
        if self._next is flight:
            self._next = None
