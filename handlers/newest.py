"""How an incident stands at this moment, for whoever shows it: read anew at each call."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from worker.domain.response.response import Response
from worker.engine.step import Done

ReadResponse = Callable[[str], Awaitable[Response | None]]


async def no_response(incident_id: str) -> Response | None:
    """For whoever shows a launch alone."""
    del incident_id
    return None


class Newest(Protocol):
    """By the incident's id. Raises Transient."""

    async def response(self, incident_id: str) -> Response | None:
        """None where none has begun."""

    async def launched(self, incident_id: str) -> Done:
        """What the steps of its launch have come to."""
