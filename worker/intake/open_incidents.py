"""What is open already, for whoever raises an incident over HTTP: bounded, since it must hold up no raise."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from http import HTTPStatus

import structlog
from pydantic import BaseModel, Field

from worker.domain.alert_identity import is_grouped
from worker.domain.event import Event, EventType
from worker.domain.incident import names_its_incident
from worker.incidents.history import History
from worker.incidents.open_incident import OpenIncident, why_ended
from worker.web.problem import Problem

# Of a service (None: of any), at most so many, the newest first.
FindOpen = Callable[[str | None, int], Awaitable[Sequence[OpenIncident]]]

_PATIENCE = timedelta(seconds=1)
_TOLD = 10
# Each reads some partitions of the table; a storm of reports shall not keep the store from those who launch.
_AT_ONCE = 8

log = structlog.get_logger()


class OpenList(BaseModel, frozen=True):
    """The shape of `GET /v1/incidents`, to which fields may be added."""

    incidents: tuple[OpenIncident, ...] = Field(description="The newest first, of the last 24 hours, at most 50.")


class OpenLookup:
    def __init__(self, find: FindOpen) -> None:
        self._find = find
        self._one_of_few = asyncio.Semaphore(_AT_ONCE)

    async def same_service(self, event: Event) -> Sequence[OpenIncident] | None:
        """What is open for the event's service; None where that could not be said within a second.

        Of an alert neither: which incident it belongs to is for its grouping to say.
        """
        if event.type is not EventType.TRIGGER or (is_grouped(event) and not names_its_incident(event)):
            return None
        if not event.service:
            return ()
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()), self._one_of_few:
                return await self._find(event.service, _TOLD + 1)
        except Exception as error:  # noqa: BLE001 (a raise that was accepted is not refused, lest it is sent again)
            log.info("intake.open_unknown", error=type(error).__name__)
            return None


def others(found: Sequence[OpenIncident] | None, incident_id: str | None) -> tuple[OpenIncident, ...] | None:
    """All but the incident itself, which is there already where it is raised again."""
    return None if found is None else tuple(each for each in found if each.incident_id != incident_id)[:_TOLD]


def check_joinable(history: History | None, asked: str) -> History:
    """Raise Problem where there is no such incident, or where it has ended."""
    if history is None:
        detail = (
            f"No worker has begun {asked}, so that nothing can join it. If it was accepted a moment ago, ask again; "
            "without the parameter `join` the report is an incident of its own."
        )
        raise Problem(HTTPStatus.NOT_FOUND, detail)
    if why := why_ended(history):
        detail = f"{asked} takes no report: {why}. Without the parameter `join` it is an incident of its own."
        raise Problem(HTTPStatus.CONFLICT, detail)
    return history
