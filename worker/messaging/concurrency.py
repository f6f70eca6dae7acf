"""Seats at the queue: as many slots receive at once as there are seats; one whose message waits lends its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Seats:
    """`count` slots receive; `spares` more slots stand by, each for one whose message waits."""

    def __init__(self, count: int, spares: int) -> None:
        self._free = asyncio.Semaphore(count)
        self._spares = spares
        self._lent = 0

    @property
    def can_be_lent(self) -> bool:
        return self._lent < self._spares

    def seat(self) -> "Seat":
        return Seat(self)

    async def _take(self) -> None:
        await self._free.acquire()

    @contextmanager
    def _lending(self) -> Iterator[None]:
        self._lent += 1
        self._free.release()
        try:
            yield
        finally:
            self._lent -= 1


class Seat:
    """One slot's, if it has one."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self.taken = False

    @property
    def can_be_lent(self) -> bool:
        return self.taken and self._seats.can_be_lent

    async def take(self) -> None:
        if not self.taken:
            await self._seats._take()  # noqa: SLF001 (one idea in two classes)
            self.taken = True

    @contextmanager
    def lent(self) -> Iterator[None]:
        """While within, another slot receives. Its message is then gone on with at once, without a seat."""
        self.taken = False
        with self._seats._lending():  # noqa: SLF001 (as above)
            yield
