"""That incidents wait for a store that is away is said by the ways that need none."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from worker.domain.errors import TocsinError
from worker.domain.incident import Incident

log = structlog.get_logger()

# A store that answers again by then has cost nobody anything.
_PATIENCE = timedelta(seconds=10)

Say = Callable[[Incident, TocsinError], Awaitable[None]]


async def _say_nothing(incident: Incident, error: TocsinError) -> None:
    del incident, error


class StoreAlarm:
    """One for a process. `say` is the same telling however often it is called for an incident, by whichever worker."""

    def __init__(self, say: Say = _say_nothing, *, patience: timedelta = _PATIENCE) -> None:
        self._say = say
        self._patience = patience
        self._waiting: dict[str, asyncio.Task[None]] = {}

    def start(self, incident: Incident, error: TocsinError) -> None:
        """The incident waits from now on, if it did not before."""
        if incident.id not in self._waiting:
            saying = asyncio.create_task(self._say_in_time(incident, error), name=f"store alarm {incident.id}")
            self._waiting[incident.id] = saying

    def stop(self, incident: Incident) -> None:
        """The store has answered for it."""
        if (saying := self._waiting.pop(incident.id, None)) is not None:
            saying.cancel()

    async def _say_in_time(self, incident: Incident, error: TocsinError) -> None:
        await asyncio.sleep(self._patience.total_seconds())
        log.error("incident.waits_for_store", incident=incident.id, error=str(error))
        try:
            await self._say(incident, error)
        except (TocsinError, TimeoutError) as failed:
            log.error("incident.wait_not_said", incident=incident.id, error=str(failed))
