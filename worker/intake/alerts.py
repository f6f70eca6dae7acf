"""What the intake does with one call of a monitoring system, which may carry many alerts."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import Path, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from worker.alerts.format import Ignored, LeftOut, NotThisFormat
from worker.alerts.formats import FORMATS, known_formats
from worker.alerts.parsing import read_alerts
from worker.alerts.reading import Reading
from worker.domain.event import Event
from worker.domain.incident import derived_key, names_its_incident
from worker.intake.addresses import address_of, looks_like
from worker.intake.event_grid_handshake import ValidationAnswer, validation_code
from worker.intake.incidents import (
    Accepted,
    IdempotencyKey,
    IncidentEndpoints,
    call_of,
    refuse_reserved_keys,
    spooled,
    unprocessable,
)
from worker.intake.payload import Payload, read_payload, read_payload_of_any_format
from worker.observability import telemetry
from worker.web.body import LARGEST_BODY
from worker.web.problem import Problem

# Alertmanager may send hundreds in one call; more at once than this would keep other senders waiting.
_AT_ONCE = 50
_LARGE = 100_000
# With all else that is read of an alert, it is less than is kept of one.
_RAW_LIMIT = 1_500_000


log = structlog.get_logger()


class IgnoredAlert(BaseModel, frozen=True):
    reason: str


class AcceptedAlerts(BaseModel, frozen=True):
    accepted: tuple[Accepted, ...] = Field(default=(), description="In the order of the call.")
    ignored: tuple[IgnoredAlert, ...] = Field(default=(), description="Understood, and nothing to launch.")
    read_as: str | None = Field(
        default=None, description="Left out but where the alert is of another format than its address: of which one."
    )


class AlertEndpoints:
    def __init__(self, incidents: IncidentEndpoints, reading: Reading) -> None:
        self._incidents = incidents
        self._reading = reading
        self._formats = known_formats(reading.house)

    async def take_alerts(
        self,
        request: Request,
        format_name: Annotated[str, Path(alias="format", examples=list(FORMATS))],
        idempotency_key: IdempotencyKey = None,
    ) -> JSONResponse:
        payload = await read_payload(request, format_name, self._formats)
        return await self._answer(request, payload, idempotency_key)

    async def take_any_alerts(self, request: Request, idempotency_key: IdempotencyKey = None) -> JSONResponse:
        payload = await read_payload_of_any_format(request, self._formats)
        return await self._answer(request, payload, idempotency_key)

    async def take_cloudevents(self, request: Request, idempotency_key: IdempotencyKey = None) -> JSONResponse:
        return await self.take_alerts(request, "cloudevents", idempotency_key)

    async def webhook_handshake(self, request: Request) -> Response:
        """A sender of CloudEvents asks first whether it is welcome, so that nobody is flooded against their will."""
        headers = {"Allow": "OPTIONS, POST"}
        if origin := request.headers.get("webhook-request-origin"):
            headers |= {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"}
        return Response(headers=headers)

    def findings(self, payload: Payload) -> Sequence[Event | Ignored]:
        """Raises Problem."""
        try:
            found = read_alerts(payload.format_name, payload.content, self._reading)
        except NotThisFormat as refusal:
            detail = f"The body is not an alert of the format {refusal.format_name}."
            raise unprocessable(detail + self._looks_like(payload, refusal.format_name), refusal.faults) from None
        refuse_reserved_keys([finding for finding in found if isinstance(finding, Event)])
        return found

    def _looks_like(self, payload: Payload, read_as: str) -> str:
        """A sentence for whoever sent it to the address of another format."""
        if payload.addressed is not None:
            return f" It was read as that, since it bears its mark; its address is {address_of(read_as)}."
        return looks_like(payload.content, read_as, self._formats)

    async def _answer(self, request: Request, payload: Payload, idempotency_key: str | None) -> JSONResponse:
        if code := validation_code(payload.content):
            return JSONResponse(ValidationAnswer(validationResponse=code).model_dump(by_alias=True))
        # How large a compressed body became is not told here.
        size = LARGEST_BODY if "content-encoding" in request.headers else len(request.state.body)
        findings = await self._read(payload, size)
        _tell_left_out(findings, request.state.sender)
        events = [finding for finding in findings if isinstance(finding, Event)]
        accepted = await self._accept_all(request, events, idempotency_key)
        ignored = [IgnoredAlert(reason=finding.reason) for finding in findings if isinstance(finding, Ignored)]
        read_as = payload.format_name if payload.addressed else None
        if payload.addressed:
            log.info("intake.misaddressed", address=payload.addressed, format=read_as)
        answer = AcceptedAlerts(accepted=tuple(accepted), ignored=tuple(ignored), read_as=read_as)
        content = answer.model_dump(exclude=None if read_as else {"read_as"})
        return JSONResponse(content, HTTPStatus.ACCEPTED, headers=spooled(*accepted))

    async def _read(self, payload: Payload, size: int) -> Sequence[Event | Ignored]:
        if size <= _LARGE:
            return self.findings(payload)
        # Two thousand alerts take a second, in which others are waiting.
        findings = await asyncio.to_thread(self.findings, payload)
        return findings if size <= _RAW_LIMIT else await asyncio.to_thread(_without_large_raw, findings)

    async def _accept_all(
        self, request: Request, events: Sequence[Event], idempotency_key: str | None
    ) -> list[Accepted]:
        """All or none: a sender that is refused sends all again, and what the queue has by then has the same ids."""
        accepted: dict[int, Accepted] = {}
        refusals: list[Problem] = []

        def remaining() -> Iterator[tuple[int, Event]]:
            for place, event in enumerate(events):
                if any(refusal.status is HTTPStatus.SERVICE_UNAVAILABLE for refusal in refusals):
                    return
                yield place, event

        async def accept(remaining: Iterator[tuple[int, Event]]) -> None:
            for place, event in remaining:
                call = call_of_alert(request, event, idempotency_key, place)
                try:
                    accepted[place] = await self._incidents.accept(request.state.sender, event, call)
                except Problem as refusal:
                    refusals.append(refusal)

        queue = remaining()
        await asyncio.gather(*(accept(queue) for _ in range(min(_AT_ONCE, len(events)))))
        if refusals:
            # The one that says to come again, if there is any.
            raise max(refusals, key=lambda refusal: refusal.status)
        return [accepted[place] for place in range(len(events))]


def call_of_alert(request: Request, event: Event, idempotency_key: str | None, place: int = 0) -> str:
    """An alert that says what it is keeps that identity, by whatever way it comes."""
    has_identity = not names_its_incident(event) and derived_key(event) is not None
    return "" if has_identity else call_of(request, event, idempotency_key, place)


def _without_large_raw(findings: Sequence[Event | Ignored]) -> list[Event | Ignored]:
    """What is too large to be carried along costs neither its alert nor the others."""
    return [_carried(each) if isinstance(each, Event) else each for each in findings]


def _carried(event: Event) -> Event:
    if len(json.dumps(event.raw)) <= _RAW_LIMIT:
        return event
    return event.model_copy(update={"raw": "Left out by the intake: too large to be carried along."})


def _tell_left_out(findings: Sequence[Event | Ignored], sender: str) -> None:
    for left_out in (finding for finding in findings if isinstance(finding, LeftOut)):
        log.warning("alerts.left_out", count=left_out.count, sender=sender)
        telemetry.alerts_left_out("count", left_out.count)
