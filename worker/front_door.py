"""What the intake does with one call: who sends, what it says, and 202 only when the queue has it."""

import hashlib
import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import Header, Path, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import JSONResponse, Response

from worker.alert_format import Ignored, NotThisFormat
from worker.alert_story import TRACKING_ID, AlertStory
from worker.alerts import FORMATS
from worker.errors import TocsinError, Transient
from worker.handover import Handover
from worker.history import History
from worker.incident import (
    INCIDENT_ID,
    OF_CALL,
    Event,
    Fault,
    derived_key,
    encode,
    field_faults,
    incident_id,
    with_key,
)
from worker.keys import SenderKeys
from worker.problem import Problem
from worker.request_body import read_json

Publish = Callable[[Event], Awaitable[None]]
FindHistory = Callable[[str], Awaitable[History | None]]
FindAlert = Callable[[str], Awaitable[AlertStory | None]]
IdempotencyKey = Annotated[str | None, Header(description="The same key from the same sender is the same incident.")]

# What was read of an alert repeats some of its words: twice the largest body that is taken.
EVENT_LIMIT = 2_000_000
# Azure Monitor tries five times; a queue that fails over is back within a few of these.
RETRY_AFTER = timedelta(seconds=5)
_BEGUN_WITHIN = timedelta(seconds=2)
# On every answer that takes something, whatever its form: how much of it waits in the spool.
SPOOLED = "Tocsin-Spooled"

log = structlog.get_logger()


class Accepted(BaseModel, frozen=True):
    incident_id: str = Field(examples=["inc-4h7k2m9xqz"])
    event_id: str
    queued: bool = Field(
        default=True,
        description="False while the queue does not answer: the event is safe on the intake's disk, and sent when the "
        "queue does. There is nothing for the sender to do.",
    )


class AcceptedIncident(Accepted, frozen=True):
    status_url: str = Field(description="Where its launch can be followed, on this server.")


class IgnoredAlert(BaseModel, frozen=True):
    reason: str


class AcceptedAlerts(BaseModel, frozen=True):
    accepted: tuple[Accepted, ...] = ()
    ignored: tuple[IgnoredAlert, ...] = Field(default=(), description="Understood, and nothing to launch.")


class FrontDoor:
    def __init__(self, keys: SenderKeys, handover: Handover, history: FindHistory, find_alert: FindAlert) -> None:
        self._keys = keys
        self._handover = handover
        self._history = history
        self._find_alert = find_alert

    async def authenticate(self, request: Request) -> None:
        sender = self._keys.sender(request.headers.get("authorization"))
        if sender is None:
            detail = "The key is missing or not known here; send it as `Authorization: Bearer <key>`."
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="tocsin"'})
        # Any page open in a browser on this machine can post to loopback.
        if not self._keys and "origin" in request.headers:
            raise Problem(HTTPStatus.FORBIDDEN, "Web pages may not send here as long as no sender has a key.")
        request.state.sender = sender

    async def raise_incident(self, request: Request, idempotency_key: IdempotencyKey = None) -> JSONResponse:
        event = _native(await read_json(request))
        key = event.key or _key_of_header(request.state.sender, idempotency_key)
        accepted = await self._accept(request.state.sender, event, key)
        address = f"/v1/incidents/{accepted.incident_id}"
        answer = AcceptedIncident(**accepted.model_dump(), status_url=address)
        headers = {"Location": address, **_spooled(accepted)}
        return JSONResponse(answer.model_dump(), HTTPStatus.ACCEPTED, headers=headers)

    async def take_alerts(
        self,
        request: Request,
        format_name: Annotated[str, Path(alias="format", examples=list(FORMATS))],
        idempotency_key: IdempotencyKey = None,
    ) -> JSONResponse:
        findings = _findings(format_name, await read_json(request))
        accepted = []
        for place, event in enumerate(finding for finding in findings if isinstance(finding, Event)):
            # An alert that says what it is keeps that identity, by whatever way it comes.
            key = derived_key(event) or _key_of_header(request.state.sender, idempotency_key, place)
            accepted.append(await self._accept(request.state.sender, event, key))
        ignored = [IgnoredAlert(reason=finding.reason) for finding in findings if isinstance(finding, Ignored)]
        answer = AcceptedAlerts(accepted=tuple(accepted), ignored=tuple(ignored))
        return JSONResponse(answer.model_dump(), HTTPStatus.ACCEPTED, headers=_spooled(*accepted))

    async def _accept(self, sender: str, given: Event, key: str | None) -> Accepted:
        received = given.model_copy(update={"key": key, "received_at": datetime.now(UTC), "rest_at": None})
        event = _bounded(with_key(received))
        known_as = incident_id(event.key or "")
        try:
            queued = await self._handover.of(event)
        except TocsinError as error:
            detail = "The queue did not confirm the incident; send it again."
            raise _unavailable(error, detail, incident_id=known_as, sender=sender) from None
        accepted = Accepted(incident_id=known_as, event_id=event.id, queued=queued)
        log.info("intake.accepted", **accepted.model_dump(), sender=sender)
        return accepted

    async def show_incident(self, incident_id: str) -> Response:
        if not INCIDENT_ID.fullmatch(incident_id):
            raise Problem(HTTPStatus.NOT_FOUND, "This is no incident id: `inc-` and ten characters were expected.")
        try:
            history = await self._history(incident_id)
        except TocsinError as error:
            raise _unavailable(
                error, "The store of incidents did not answer; ask again.", incident_id=incident_id
            ) from None
        if history is None:
            raise _not_begun(incident_id)
        return Response(history.model_dump_json(), media_type="application/json")

    async def show_alert(self, tracking_id: str) -> Response:
        if not TRACKING_ID.fullmatch(tracking_id):
            detail = (
                "This is no tracking id: two times thirty-two hexadecimal digits were expected, with a dash between."
            )
            raise Problem(HTTPStatus.NOT_FOUND, detail)
        try:
            story = await self._find_alert(tracking_id)
        except TocsinError as error:
            detail = "The store of incidents did not answer; ask again."
            raise _unavailable(error, detail, tracking_id=tracking_id) from None
        if story is None:
            raise _not_seen(tracking_id)
        return Response(story.model_dump_json(), media_type="application/json")


def _native(body: object) -> Event:
    try:
        return Event.model_validate(body)
    except ValidationError as error:
        raise _unprocessable("The body is not an event.", field_faults(error)) from None


def _findings(format_name: str, body: object) -> Sequence[Event | Ignored]:
    if format_name not in FORMATS:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no such alert format; there are: {', '.join(FORMATS)}.")
    try:
        return FORMATS[format_name](body)
    except NotThisFormat as refusal:
        raise _unprocessable(f"The body is not an alert of the format {format_name}.", refusal.faults) from None


def _key_of_header(sender: str, given: str | None, place: int = 0) -> str | None:
    """The header belongs to its sender: two that both count from one do not meet."""
    if not given or not given.strip():
        return None
    content = f"{sender}\n{given.strip()}\n{place}"
    return OF_CALL + hashlib.sha256(content.encode()).hexdigest()


def _bounded(event: Event) -> Event:
    if len(encode(event)) > EVENT_LIMIT:
        detail = "The event is larger than what is kept of one. Send the facts, and a link to the rest."
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    return event


def _spooled(*accepted: Accepted) -> dict[str, str]:
    waiting = sum(not each.queued for each in accepted)
    return {SPOOLED: str(waiting)} if waiting else {}


def _unprocessable(detail: str, faults: Sequence[Fault]) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, faults=faults)


def _unavailable(error: TocsinError, detail: str, **context: str) -> Problem:
    log.warning("intake.unavailable", error=type(error).__name__, reason=str(error), **context)
    wait = (error.retry_after if isinstance(error, Transient) else None) or RETRY_AFTER
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=retry_after(wait))


def _not_begun(asked: str) -> Problem:
    detail = (
        f"No worker has begun {asked}. If it was accepted a moment ago it is still in the queue: ask again. "
        "Otherwise nothing with this id was accepted."
    )
    return Problem(HTTPStatus.NOT_FOUND, detail, headers=retry_after(_BEGUN_WITHIN))


def _not_seen(asked: str) -> Problem:
    detail = (
        f"No worker has seen the alert {asked}. If it was accepted a moment ago it is still in the queue: ask again. "
        "Otherwise no such alert was accepted."
    )
    return Problem(HTTPStatus.NOT_FOUND, detail, headers=retry_after(_BEGUN_WITHIN))


def retry_after(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(wait.total_seconds())))}
