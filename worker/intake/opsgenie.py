"""The intake at the addresses of Opsgenie's Alert API, so that a tool is switched by changing one address."""

import time
from http import HTTPStatus
from typing import Annotated
from uuid import uuid4

from fastapi import Path, Query, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from worker.alerts.formats import opsgenie
from worker.domain.event import Event
from worker.domain.validation import Fault
from worker.intake.alerts import AlertEndpoints, call_of_alert
from worker.intake.incidents import IncidentEndpoints, unprocessable
from worker.intake.payload import Payload, read_json

_BODY_LIMIT = 512 * 1024
_BY_ALIAS = "alias"
# As long as Opsgenie takes an alias.
_ALIAS_LIMIT = 512
_NO_ALIAS = Fault("identifierType", f"must be {_BY_ALIAS}: Tocsin knows an alert by the alias that it was created with")

Identifier = Annotated[str, Path(max_length=_ALIAS_LIMIT, description="The alias of the alert.")]
IdentifierType = Annotated[str, Query(alias="identifierType", examples=[_BY_ALIAS])]


class Answer(BaseModel, frozen=True):
    result: str = "Request will be processed"
    took: float  # in seconds
    requestId: str  # noqa: N815 (Opsgenie's name)


class OpsgenieEndpoints:
    def __init__(self, incidents: IncidentEndpoints, alerts: AlertEndpoints) -> None:
        self._incidents = incidents
        self._alerts = alerts

    async def create(self, request: Request) -> JSONResponse:
        return await self._take(request, await read_json(request, limit=_BODY_LIMIT))

    async def close(self, request: Request, identifier: Identifier, kind: IdentifierType = "id") -> JSONResponse:
        return await self._act(request, identifier, kind, "Close")

    async def acknowledge(self, request: Request, identifier: Identifier, kind: IdentifierType = "id") -> JSONResponse:
        return await self._act(request, identifier, kind, "Acknowledge")

    async def _act(self, request: Request, identifier: str, kind: str, action: str) -> JSONResponse:
        if kind != _BY_ALIAS:
            raise unprocessable("There is no such alert here.", [_NO_ALIAS])
        called = opsgenie.call_on(identifier, action, await read_json(request, limit=_BODY_LIMIT, empty={}))
        return await self._take(request, called)

    async def _take(self, request: Request, content: object) -> JSONResponse:
        began = time.monotonic()
        [finding] = self._alerts.findings(Payload(opsgenie.NAME, content))
        if not isinstance(finding, Event):
            return _answer(Answer(result=finding.reason, took=_seconds_since(began), requestId=str(uuid4())))
        accepted = await self._incidents.accept(request.state.sender, finding, call_of_alert(request, finding, None))
        answer = Answer(took=_seconds_since(began), requestId=accepted.event_id)
        return _answer(answer, location=accepted.status_url)


def _seconds_since(began: float) -> float:
    return round(time.monotonic() - began, 3)


def _answer(answer: Answer, **headers: str) -> JSONResponse:
    return JSONResponse(answer.model_dump(), HTTPStatus.ACCEPTED, headers=headers)
