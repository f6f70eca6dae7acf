"""Tells whoever watches the sandbox that something in it has changed."""

import asyncio
from datetime import timedelta


class Changes:
    """A counter that can be waited for; closing it lets every watcher go."""

    def __init__(self) -> None:
        self.number = 0
        self.closed = False
        self._news = asyncio.Event()

    def tell(self) -> None:
        self.number += 1
        self._news.set()
        self._news = asyncio.Event()

    def close(self) -> None:
        self.closed = True
        self.tell()

    async def wait(self, seen: int, *, at_most: timedelta) -> bool:
        """Wait for a change after the one seen; False when there was none for so long."""
        if self.number != seen:
            return True
        try:
            await asyncio.wait_for(self._news.wait(), at_most.total_seconds())
        except TimeoutError:
            return False
        return True
