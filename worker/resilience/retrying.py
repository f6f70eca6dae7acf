"""Try a few times what a moment's trouble may have stopped."""

import asyncio
from collections.abc import Awaitable, Callable

from worker.domain.errors import Held, Transient
from worker.resilience.backoff import backoff

_ATTEMPTS = 3


async def retry_transient(act: Callable[[], Awaitable[None]]) -> None:
    """For what may be done twice; whoever is held by somebody else is not made to wait here."""
    for attempt in range(1, _ATTEMPTS):
        try:
            return await act()
        except Held:
            raise
        except Transient as error:
            wait = error.retry_after or backoff(attempt)
            await asyncio.sleep(wait.total_seconds())
    return await act()
