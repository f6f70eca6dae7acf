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
from worker.domain.response.response import Response
from worker.domain.response.state import RUNNING, ResponseState
from worker.domain.sender_scope import Sender
from worker.incidents.history import History
from worker.incidents.open_incident import OpenIncident, why_ended
from worker.web.problem import Problem

# Of a service (None: of any), at most so many, the newest first, of those that the sender may see.
FindOpen = Callable[[str | None, int, Sender], Awaitable[Sequence[OpenIncident]]]

# The same of those whose response is in one of these states.
FindByState = Callable[[frozenset[ResponseState], str | None, int, Sender], Awaitable[Sequence[OpenIncident]]]

RUNNING_WORD = "running"
STATE_WORDS = ", ".join((RUNNING_WORD, *ResponseState))

_PATIENCE = timedelta(seconds=1)
_TOLD = 10
# Each reads some partitions of the table; a storm of reports shall not keep the store from those who launch.
_AT_ONCE = 8

log = structlog.get_logger()


class OpenList(BaseModel, frozen=True):
    """The shape of `GET /v1/incidents`, to which fields may be added."""

    incidents: tuple[OpenIncident, ...] = Field(description="The newest first, of the last 24 hours, at most 50.")


def states_named(word: str) -> frozenset[ResponseState] | None:
    """None of a word that means no state."""
    if word == RUNNING_WORD:
        return RUNNING
    return frozenset({ResponseState(word)}) if word in set(ResponseState) else None


class OpenLookup:
    def __init__(self, find: FindOpen) -> None:
        self._find = find
        self._one_of_few = asyncio.Semaphore(_AT_ONCE)

    async def same_service(self, event: Event, seen_by: Sender) -> Sequence[OpenIncident] | None:
        """What is open for the event's service; None where that could not be said within a second.

        Of an alert neither: which incident it belongs to is for its grouping to say.
        """
        if event.type is not EventType.TRIGGER or (is_grouped(event) and not names_its_incident(event)):
            return None
        if not event.service:
            return ()
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()), self._one_of_few:
                return await self._find(event.service, _TOLD + 1, seen_by)
        except Exception as error:  # noqa: BLE001 (a raise that was accepted is not refused, lest it is sent again)
            log.info("intake.open_unknown", error=type(error).__name__)
            return None


def others(found: Sequence[OpenIncident] | None, incident_id: str | None) -> tuple[OpenIncident, ...] | None:
    """All but the incident itself, which is there already where it is raised again."""
    return None if found is None else tuple(each for each in found if each.incident_id != incident_id)[:_TOLD]


def check_joinable(history: History | None, asked: str, response: Response | None = None) -> History:
    """Raise Problem where there is no such incident, or where it has ended."""
    if history is None:
        detail = (
            f"No worker has begun {asked}, so that nothing can join it. If it was accepted a moment ago, ask again; "
            "without the parameter `join` the report is an incident of its own."
        )
        raise Problem(HTTPStatus.NOT_FOUND, detail)
    if why := why_ended(history, response):
        detail = f"{asked} takes no report: {why}. Without the parameter `join` it is an incident of its own."
        raise Problem(HTTPStatus.CONFLICT, detail)
    return history
