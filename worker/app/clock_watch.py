"""A wrong clock is said before everything is refused for it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from worker.domain.clock import wrong_by
from worker.domain.errors import TocsinError

log = structlog.get_logger()

# An answer takes its time, and times are told to people by the minute.
_TOLERATED = timedelta(minutes=1)
_LOOK_AGAIN = timedelta(minutes=10)


async def watch_clock(ask: Callable[[], Awaitable[timedelta]]) -> None:
    """Until cancelled; `ask` tells how far the store's clock is ahead. Its silence is told elsewhere."""
    while True:
        try:
            ahead = await ask()
        except TocsinError as error:
            log.debug("clock.unknown", error=str(error))
        else:
            if abs(ahead) > _TOLERATED:
                sentence = f"{wrong_by(ahead)}; from five minutes on it refuses everything. Synchronise the clock."
                log.error("clock.wrong", error=sentence, seconds=round(ahead.total_seconds()))
        await asyncio.sleep(_LOOK_AGAIN.total_seconds())
