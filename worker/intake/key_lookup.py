"""Which incident a sender's key opens, for whoever is answered before a worker has seen it: bounded, as it holds up no
answer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from worker.domain.event import Event

# The id of the incident that this telling of its sender's key surely opens; None where it may join one that is open.
FindOpened = Callable[[Event], Awaitable[str | None]]

_PATIENCE = timedelta(seconds=1)
_AT_ONCE = 8

log = structlog.get_logger()


class KeyLookup:
    def __init__(self, find: FindOpened) -> None:
        self._find = find
        self._one_of_few = asyncio.Semaphore(_AT_ONCE)

    async def opened_by(self, event: Event) -> str | None:
        """None as well where it could not be said within a second."""
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()), self._one_of_few:
                return await self._find(event)
        except Exception as error:  # noqa: BLE001 (what was accepted is not refused, lest it is sent again)
            log.info("intake.key_unknown", error=type(error).__name__)
            return None
