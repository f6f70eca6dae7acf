"""How many receivers receive at once: each needs a permit, and one whose message waits releases its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Behind a storm lies what is urgent: two read on quickly enough to find it within seconds.
_READERS = 2


@dataclass(frozen=True, slots=True)
class Shares:
    """Of a worker's receivers: how many receive at once, and how many incidents they launch meanwhile."""

    receiving: int
    launching: int

    @classmethod
    def of(cls, slots: int, waiting: int) -> "Shares":
        """Half of those that stand by read on while each slot launches; where none do, one of the slots does."""
        readers = min(_READERS, (waiting + 1) // 2)
        return cls(slots + readers, slots if readers else max(1, slots - 1))


class ConcurrencyLimit:
    """`count` receivers receive; `spares` more receivers stand by, each for one whose message waits."""

    def __init__(self, count: int, spares: int) -> None:
        self._free = asyncio.Semaphore(count)
        self._spares = spares
        self._released = 0

    @property
    def can_be_released(self) -> bool:
        return self._released < self._spares

    def permit(self) -> "Permit":
        return Permit(self)

    async def _take(self) -> None:
        await self._free.acquire()

    @contextmanager
    def _releasing(self) -> Iterator[None]:
        self._released += 1
        self._free.release()
        try:
            yield
        finally:
            self._released -= 1


class Permit:
    """The right of one receiver to receive, while it has taken it."""

    def __init__(self, limit: ConcurrencyLimit) -> None:
        self._limit = limit
        self.taken = False

    @property
    def can_be_released(self) -> bool:
        return self.taken and self._limit.can_be_released

    async def take(self) -> None:
        if not self.taken:
            await self._limit._take()  # noqa: SLF001 (one idea in two classes)
            self.taken = True

    @contextmanager
    def released(self) -> Iterator[None]:
        """While within, another receiver receives. Its message is then gone on with at once, without a permit."""
        self.taken = False
        with self._limit._releasing():  # noqa: SLF001 (as above)
            yield
