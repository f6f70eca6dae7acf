"""Tell the last resort of an incident that waits for its table, by the ways that need no checkpoint."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from handlers.paging.way import KeyedToOne
from handlers.paging.ways import Ways
from handlers.sanitizing import cut
from worker.domain.errors import TocsinError
from worker.domain.incident import Incident
from worker.domain.last_resort import Target
from worker.engine.step import Done

_TOPIC = "store"
_SENTENCE_LIMIT = 500
_PATIENCE = timedelta(seconds=30)


class SayWithoutStore:
    """By SMS and webhooks: their other side knows a page that it has, whichever worker sends it again."""

    def __init__(self, ways: Ways, targets: Sequence[Target]) -> None:
        self._ways = ways
        self._targets = targets

    async def __call__(self, incident: Incident, error: TocsinError) -> None:
        """Raise the first error of a way, once all have been tried."""
        why = (
            "Nobody on call could be told: the table of incidents cannot be reached. "
            f"The launch goes on by itself when it is back. {cut(str(error), _SENTENCE_LIMIT)}"
        )
        parts = self._ways.to_each(incident, self._targets, why=why, topic=_TOPIC)
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            told = await asyncio.gather(
                *(part.send(incident, Done(), incident.received_at) for part in parts if isinstance(part, KeyedToOne)),
                return_exceptions=True,
            )
        for failure in told:
            if isinstance(failure, BaseException):
                raise failure
