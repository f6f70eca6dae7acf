"""What the intake does with one call: who sends, what it says, and 202 only when the queue has it."""

import asyncio
import hashlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, TypeVar

import structlog
from fastapi import Header, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse
from starlette.responses import Response as Answer

from worker.alerts.detection import meant
from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import known_formats, native
from worker.alerts.parsing import read_alerts
from worker.alerts.reading import AS_USUAL, Reading
from worker.domain.alert_identity import TRACKING_ID, is_grouped, tracking_id
from worker.domain.alert_status import AlertStatus
from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import TocsinError, Transient
from worker.domain.event import Event, EventType
from worker.domain.incident import INCIDENT_ID, incident_id, names_its_incident, with_key
from worker.domain.own_keys import reserved_beginning
from worker.domain.report import report_on
from worker.domain.response.act_event import act_event, look_of
from worker.domain.response.actor import Source
from worker.domain.response.response import Response
from worker.domain.sender_scope import NOTHING_MORE, OF_PEOPLE, OF_PERSONS, Sender, SenderScope
from worker.domain.text import SHORT_LIMIT, clean_line
from worker.domain.validation import Fault
from worker.incidents.history import History
from worker.incidents.open_incident import OpenIncident
from worker.incidents.response import timeline
from worker.intake.addresses import looks_like
from worker.intake.authentication import Authentication
from worker.intake.authentication.authenticator import Authenticated, NotAuthenticated
from worker.intake.key_lookup import FindOpened, KeyLookup
from worker.intake.local_callers import check_local
from worker.intake.open_incidents import (
    RUNNING_WORD,
    STATE_WORDS,
    FindByState,
    FindOpen,
    OpenList,
    OpenLookup,
    check_joinable,
    others,
    states_named,
)
from worker.intake.payload import read_json
from worker.intake.publishing import Publisher
from worker.intake.responses import NoResponses, Responses, WithResponse, as_it_is
from worker.intake.unauthenticated import UnauthenticatedThrottle
from worker.intake.visibility import is_let_in, seen_alert, seen_incident, shown_incident
from worker.web.admission import visit_of
from worker.web.body import let_go
from worker.web.problem import Problem

Stored = TypeVar("Stored")

Publish = Callable[[EncodedEvent], Awaitable[None]]
FindHistory = Callable[[str], Awaitable[History | None]]
FindAlert = Callable[[str], Awaitable[AlertStatus | None]]
Join = Annotated[
    str | None,
    Query(description="The id of an open incident: this is a report on it, and no other is opened."),
]
InState = Annotated[
    str, Query(description=f"Of the response: {STATE_WORDS}. `running`: open, acknowledged or mitigated.")
]
OfService = Annotated[str, Query(description="In any case of letters; of any service without it.")]
IdempotencyKey = Annotated[str | None, Header(description="The same key from the same sender is the same incident.")]

# What was read of an alert repeats some of its words: twice the largest body that is taken.
EVENT_LIMIT = 2_000_000
# Azure Monitor tries five times; a queue that fails over is back within a few of these.
RETRY_AFTER = timedelta(seconds=5)
_BEGUN_WITHIN = timedelta(seconds=2)
_LISTED = 50
# On every answer that takes something, whatever its form: how much of it waits in the spool.
SPOOLED = "Tocsin-Spooled"

log = structlog.get_logger()


class Accepted(BaseModel, frozen=True):
    incident_id: str | None = Field(
        description="Of the incident that it opens, or is a report on. Null where that is decided later, since it may "
        "belong to one that is open already, or to none: its `status_url` says which.",
        examples=["inc-4h7k2m9xqz"],
    )
    event_id: str
    status_url: str = Field(
        description="Where what becomes of it can be followed, on this server: the launch of its incident, or, for "
        "what may belong to an incident that is open, which one that is and why."
    )
    queued: bool = Field(
        default=True,
        description="False while the queue does not answer: the event is safe on the intake's disk, and sent when the "
        "queue does. There is nothing for the sender to do.",
    )


class Raised(Accepted, frozen=True):
    open: tuple[OpenIncident, ...] | None = Field(
        description="What else is open for the same service, the newest first, at most ten: a report can join one of "
        "these by the parameter `join`. Null where it was not looked up, or not within a second."
    )


class IncidentEndpoints:
    def __init__(
        self,
        authentication: Authentication,
        throttle: UnauthenticatedThrottle,
        publisher: Publisher,
        *,
        history: FindHistory,
        find_alert: FindAlert,
        find_open: FindOpen,
        find_opened: FindOpened,
        reading: Reading = AS_USUAL,
        scope_of: Callable[[str], SenderScope] = lambda _: NOTHING_MORE,
        responses: Responses | None = None,
        with_response: WithResponse = as_it_is,
        find_by_state: FindByState | None = None,
    ) -> None:
        self._authentication = authentication
        self._throttle = throttle
        self._publisher = publisher
        self._history = history
        self._find_alert = find_alert
        self._find_open = find_open
        self._open = OpenLookup(find_open)
        self._opened = KeyLookup(find_opened)
        self._reading = reading
        self._scope_of = scope_of
        self._responses = responses or NoResponses()
        self._with_response = with_response
        self._find_by_state = find_by_state

    async def authenticate(self, request: Request) -> AsyncIterator[None]:
        authenticated = await self._authenticated(request)
        try:
            self._admit(request, authenticated)
            yield
        except BaseException:
            authenticated.forget()
            raise

    async def _authenticated(self, request: Request) -> Authenticated:
        try:
            return await self._authentication.admit(request)
        except NotAuthenticated as error:
            reason = str(error)
        except TocsinError as error:
            raise _unavailable(error, "Who sends this cannot be looked up just now; send it again.") from None
        raise await self.refuse_unauthenticated(request, reason)

    def admit_key(self, request: Request, key: str) -> None:
        """For formats that carry the sender's key in their body; raises NotAuthenticated and Problem."""
        self._admit(request, self._authentication.admit_key(key))

    def _admit(self, request: Request, authenticated: Authenticated) -> None:
        if not self._authentication:
            check_local(request)
        visit_of(request).recognise()
        request.state.sender = authenticated.sender
        request.state.person = authenticated.person
        request.state.replay_key = authenticated.replay_key

    async def refuse_unauthenticated(self, request: Request, reason: str) -> Problem:
        """Called where no exception is handled: it would keep the body, and all that was read of it, meanwhile."""
        let_go(request)
        address = request.client.host if request.client else ""
        stays = await self._throttle.delay(address, reason=reason, method=request.method, path=request.url.path[:200])
        detail = "Nothing here proves who sends this; send a key that is known as `Authorization: Bearer <key>`."
        headers = {"WWW-Authenticate": 'Bearer realm="tocsin"'} | ({} if stays else {"Connection": "close"})
        return Problem(HTTPStatus.UNAUTHORIZED, detail, headers=headers)

    async def raise_incident(
        self, request: Request, idempotency_key: IdempotencyKey = None, join: Join = None
    ) -> JSONResponse:
        event = _one_event(await read_json(request), self._reading)
        refuse_reserved_keys([event])
        if join is not None:
            event = await self._report_on(join, event, request.state.sender)
        call = call_of(request, event, idempotency_key)
        raised = await self._raise(request.state.sender, event, call, joins=join is not None)
        headers = {"Location": raised.status_url, **spooled(raised)}
        return JSONResponse(raised.model_dump(mode="json"), HTTPStatus.ACCEPTED, headers=headers)

    async def _raise(self, sender: str, event: Event, call: str, *, joins: bool) -> Raised:
        # At the same time: what is looked up holds nothing up.
        looking = asyncio.create_task(self._open.same_service(event, self._known(sender)))
        try:
            accepted = await self.accept(sender, event, call, joins=joins)
            return Raised(**dict(accepted), open=others(await looking, accepted.incident_id))
        finally:
            looking.cancel()

    async def _report_on(self, asked: str, event: Event, sender: str) -> Event:
        _check_id(asked)
        found = await _read_stored(self._history(asked), incident_id=asked)
        history = check_joinable(seen_incident(found, self._known(sender)), asked, await self._response_of(asked))
        return report_on(event, history.key, by=event.source or sender)

    async def list_incidents(self, request: Request, state: InState = RUNNING_WORD, service: OfService = "") -> Answer:
        of_service, by = clean_line(service)[:SHORT_LIMIT] or None, self.known(request)
        states = states_named(state)
        if states is None:
            raise unprocessable("No incident is in such a state.", [Fault("state", f"must be one of {STATE_WORDS}")])
        if state == RUNNING_WORD or self._find_by_state is None:
            found = await _read_stored(self._find_open(of_service, _LISTED, by))
        else:
            found = await _read_stored(self._find_by_state(states, of_service, _LISTED, by))
        return Answer(OpenList(incidents=tuple(found or ())).model_dump_json(), media_type="application/json")

    async def accept(self, sender: str, given: Event, call: str = "", *, joins: bool = False) -> Accepted:
        """`call`: by which a repetition of it is known; `joins`: the incident with its key is there, as was looked up.

        Raises Problem.
        """
        # Before it is given a key: one that is made of what it says is its sender's own.
        ours = {"received_at": datetime.now(UTC), "call": given.call or call, "remainder": None}
        event = with_key(given.model_copy(update=ours | self._known(sender).stamp))
        encoded = _bounded(EncodedEvent.of(event))
        # At the same time: what is looked up holds nothing up.
        looking = asyncio.create_task(self._find_certain(event, joins=joins))
        try:
            queued = await self.publish(encoded, sender)
            certain = await looking
        finally:
            looking.cancel()
        log.info("intake.accepted", incident_id=certain, event_id=encoded.message_id, queued=queued, sender=sender)
        return Accepted(
            incident_id=certain, event_id=encoded.message_id, status_url=_status_url(encoded, certain), queued=queued
        )

    async def publish(self, encoded: EncodedEvent, sender: str) -> bool:
        """Whether the queue has it, else the spool; raises Problem."""
        try:
            return await self._publisher.publish(encoded)
        except TocsinError as error:
            detail = "The queue did not confirm it; send it again."
            raise _unavailable(error, detail, event_id=encoded.message_id, sender=sender) from None

    async def _find_certain(self, event: Event, *, joins: bool) -> str | None:
        """The incident that it opens, or is a report on, where that is sure before a worker has seen it."""
        if joins or (event.type is EventType.TRIGGER and not is_grouped(event)):
            return incident_id(event.key or "")
        by_key = event.type is EventType.TRIGGER and names_its_incident(event)
        return await self._opened.opened_by(event) if by_key else None

    def _known(self, sender: str) -> Sender:
        is_person = sender.startswith(OF_PERSONS)
        return Sender(sender, OF_PEOPLE if is_person else self._scope_of(sender))

    def known(self, request: Request) -> Sender:
        """Who sent it, with what they may do."""
        return self._known(request.state.sender)

    async def find_to_act(self, request: Request, incident_id: str) -> History:
        """Raises Problem: what somebody may not even see is not there."""
        _check_id(incident_id)
        by = self.known(request)
        found = await _read_stored(self._history(incident_id), incident_id=incident_id)
        may_act = found is not None and by.may_act(found.event.sender, found.event.service)
        if found is None or not (may_act or request.state.person or await self._sees(request, found)):
            raise _not_begun(incident_id)
        if not may_act and request.state.person is None:
            detail = (
                f"{by.name} may not act on {incident_id}: give it `may-act: all`, or `own`, in TOCSIN_INTAKE_SENDERS."
            )
            raise Problem(HTTPStatus.FORBIDDEN, detail)
        return found

    async def _sees(self, request: Request, history: History) -> bool:
        """Of a restricted incident its members, and whoever told it."""
        by, person = self.known(request), request.state.person
        if seen_incident(history, by) is None:
            return False
        if not history.event.restricted or by.is_told_by(history.event.sender):
            return True
        return person is not None and is_let_in(person, await self._response_of(history.incident_id))

    async def _note_look(self, request: Request, history: History) -> None:
        """What cannot be recorded is not shown; raises Problem."""
        if history.event.restricted and request.state.person is not None:
            now = datetime.now(UTC)
            look = look_of(request.state.person, Source.HTTP, now)
            event = act_event(look, key=history.key, received_at=now, sender=self.known(request))
            await self.publish(EncodedEvent.of(event), request.state.sender)

    async def _response_of(self, incident_id: str) -> Response | None:
        stored = await _read_stored(self._responses.read(incident_id), incident_id=incident_id)
        return stored.response if stored is not None else None

    async def show_incident(self, request: Request, incident_id: str) -> Answer:
        _check_id(incident_id)
        found = await _read_stored(self._history(incident_id), incident_id=incident_id)
        by = self.known(request)
        if found is not None and await self._sees(request, found):
            await self._note_look(request, found)
            history = await _read_stored(self._with_response(found), incident_id=incident_id)
            return Answer(shown_incident(history or found, by), media_type="application/json")
        if found is not None and found.event.restricted:
            raise _not_begun(incident_id)
        # What was to open it may have become one of a flood.
        story = await _read_stored(self._find_alert(incident_id), incident_id=incident_id)
        if (status := seen_alert(story, by)) is None:
            raise _not_begun(incident_id)
        return Answer(status.model_dump_json(), media_type="application/json")

    async def find_shown(
        self, request: Request, incident_id: str, find: Callable[[str], Awaitable[Stored | None]]
    ) -> Stored:
        """What is stored of an incident that this caller may see; raises Problem."""
        _check_id(incident_id)
        history = await _read_stored(self._history(incident_id), incident_id=incident_id)
        if history is None or not await self._sees(request, history):
            raise _not_begun(incident_id)
        await self._note_look(request, history)
        found = await _read_stored(find(incident_id), incident_id=incident_id)
        if found is None:
            raise _not_begun(incident_id)
        return found

    async def show_timeline(self, request: Request, incident_id: str) -> Answer:
        _check_id(incident_id)
        found = await _read_stored(self._history(incident_id), incident_id=incident_id)
        if found is None or not await self._sees(request, found):
            raise _not_begun(incident_id)
        await self._note_look(request, found)
        entries = await _read_stored(self._responses.entries(incident_id), incident_id=incident_id)
        return Answer(
            timeline(incident_id, entries or ()).model_dump_json(by_alias=True), media_type="application/json"
        )

    async def show_alert(self, request: Request, tracking_id: str) -> Answer:
        if not TRACKING_ID.fullmatch(tracking_id):
            detail = (
                "This is no tracking id: two times thirty-two hexadecimal digits were expected, with a dash between."
            )
            raise Problem(HTTPStatus.NOT_FOUND, detail)
        found = await _read_stored(self._find_alert(tracking_id), tracking_id=tracking_id)
        if (status := seen_alert(found, self._known(request.state.sender))) is None:
            raise _not_seen(tracking_id)
        known = await self._without_what_nobody_began(status)
        return Answer(known.model_dump_json(), media_type="application/json")

    async def _without_what_nobody_began(self, status: AlertStatus) -> AlertStatus:
        """What tells of an incident opens none: the one that its sender named by a key may never have been raised."""
        if status.type is EventType.TRIGGER or status.incident_id is None:
            return status
        if await _read_stored(self._history(status.incident_id), tracking_id=status.tracking_id) is not None:
            return status
        because = f"{status.because}; no worker has begun that incident"
        return status.model_copy(update={"incident_id": None, "because": because})


def _check_id(text: str) -> None:
    if not INCIDENT_ID.fullmatch(text):
        raise Problem(HTTPStatus.NOT_FOUND, "This is no incident id: `inc-` and ten characters were expected.")


async def _read_stored(found: Awaitable[Stored | None], **asked: str) -> Stored | None:
    try:
        return await found
    except TocsinError as error:
        raise _unavailable(error, "The store of incidents did not answer; ask again.", **asked) from None


def _one_event(body: object, reading: Reading) -> Event:
    """Of another system's alert, whose title alone makes it none of ours, what that system says; raises Problem."""
    formats = known_formats(reading.house)
    detail = f"The body is not an event.{looks_like(body, native.NAME, formats)}"
    try:
        if (name := meant(native.NAME, body, formats)) == native.NAME:
            return native.event_of(body, reading.severities)
        found = read_alerts(name, body, reading)
    except NotThisFormat as refusal:
        raise unprocessable(detail, refusal.faults) from None
    match found:
        case [Event() as event]:
            return event
        case [Ignored() as ignored]:
            raise unprocessable(detail, [Fault("body", ignored.reason)])
        case _:
            raise unprocessable(detail, [Fault("body", "is no single alert")])


def _status_url(encoded: EncodedEvent, certain: str | None) -> str:
    if certain:
        return f"/v1/incidents/{certain}"
    return f"/v1/alerts/{tracking_id(encoded.event, event_id=encoded.message_id)}"


def call_of(request: Request, event: Event, given: str | None, place: int = 0) -> str:
    """A copy of a signed request is the same call; an event that has an identity of its own keeps that instead."""
    replay_key = None if event.fingerprint and not names_its_incident(event) else request.state.replay_key
    return _call_of_header(request.state.sender, given or replay_key, place)


def _call_of_header(sender: str, given: str | None, place: int) -> str:
    """The header belongs to its sender: two that both count from one do not meet."""
    if not given or not given.strip():
        return ""
    content = f"{sender}\n{given.strip()}\n{place}"
    return hashlib.sha256(content.encode()).hexdigest()


def _bounded(encoded: EncodedEvent) -> EncodedEvent:
    if len(encoded.body) > EVENT_LIMIT:
        detail = "The event is larger than what is kept of one. Send the facts, and a link to the rest."
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    return encoded


def spooled(*accepted: Accepted) -> dict[str, str]:
    waiting = sum(not each.queued for each in accepted)
    return {SPOOLED: str(waiting)} if waiting else {}


def refuse_reserved_keys(events: Sequence[Event]) -> None:
    """What Tocsin gives itself is taken from nobody: else one sender would act as another. Nor is an act an alert.

    Raises Problem.
    """
    if any(event.type is EventType.ACT for event in events):
        fault = Fault("type", "act is none of what is sent here: send the act to POST /v1/incidents/{id}/acts")
        raise unprocessable("An act on an incident has an address of its own.", [fault])
    taken = next(filter(None, (reserved_beginning(event.key) for event in events)), None)
    if taken is not None:
        begins = f"begins with {taken}, as the keys that Tocsin gives itself do: give it another beginning"
        raise unprocessable("The key is none that a sender can give.", [Fault("key", begins)])


def unprocessable(detail: str, faults: Sequence[Fault]) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, faults=faults)


def _unavailable(error: TocsinError, detail: str, **context: str) -> Problem:
    log.warning("intake.unavailable", error=type(error).__name__, reason=str(error), **context)
    wait = (error.retry_after if isinstance(error, Transient) else None) or RETRY_AFTER
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=retry_after(wait))


def _not_begun(asked: str) -> Problem:
    return _not_yet(f"No worker has begun {asked}.")


def _not_seen(asked: str) -> Problem:
    return _not_yet(f"No worker has seen the alert {asked}.")


def _not_yet(known: str) -> Problem:
    """An id does not say whether, or when, it was accepted; whoever asks knows it."""
    detail = (
        f"{known} If the answer that named it came a moment ago, it is still in the queue: ask again. If that was "
        "minutes ago, the workers are behind or away, or it is among the dead letters. What no answer of 202 named "
        "was never accepted, and will not come; what has long been over is deleted."
    )
    return Problem(HTTPStatus.NOT_FOUND, detail, headers=retry_after(_BEGUN_WITHIN))


def retry_after(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(wait.total_seconds())))}
