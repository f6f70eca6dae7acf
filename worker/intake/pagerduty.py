"""The intake at PagerDuty's own address, in its own words, so that a tool is switched by changing one address."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from worker.alerts.formats import pagerduty
from worker.domain.event import Event
from worker.domain.validation import Fault
from worker.intake.alerts import AlertEndpoints
from worker.intake.authentication.authenticator import NotAuthenticated
from worker.intake.incidents import IncidentEndpoints
from worker.intake.payload import Payload, read_json
from worker.web.problem import Problem

# What PagerDuty takes.
_BODY_LIMIT = 512 * 1024


class Processed(BaseModel, frozen=True):
    status: str = "success"
    message: str = "Event processed"
    dedup_key: str | None = None


class Invalid(BaseModel, frozen=True):
    status: str = "invalid event"
    message: str
    errors: tuple[str, ...] = ()


class _Refusal(Problem):
    """In the form that PagerDuty's clients read."""

    def __init__(self, problem: Problem) -> None:
        wrong = problem.status is HTTPStatus.UNPROCESSABLE_ENTITY
        status = HTTPStatus.BAD_REQUEST if wrong else problem.status
        super().__init__(status, problem.detail, faults=problem.faults, headers=problem.headers)

    def response(self) -> JSONResponse:
        errors = tuple(f"{fault.field}: {fault.message}" for fault in self.faults)
        answer = Invalid(message=self.detail, errors=errors or (self.detail,))
        return JSONResponse(answer.model_dump(), self.status.value, headers=self.headers)


class PagerDutyEndpoint:
    def __init__(self, incidents: IncidentEndpoints, alerts: AlertEndpoints) -> None:
        self._incidents = incidents
        self._alerts = alerts

    async def enqueue(self, request: Request) -> JSONResponse:
        try:
            return await self._process(request)
        except Problem as problem:
            raise _Refusal(problem) from None
        except NotAuthenticated as error:
            reason = str(error)
        raise _Refusal(await self._incidents.refuse_unauthenticated(request, reason))

    async def _process(self, request: Request) -> JSONResponse:
        content = await read_json(request, limit=_BODY_LIMIT)
        self._incidents.admit_key(request, _routing_key(content))
        finding, *_ = self._alerts.findings(Payload(pagerduty.NAME, content))
        if not isinstance(finding, Event):
            return _answer(Processed(message="Change event processed"))
        accepted = await self._incidents.accept(request.state.sender, finding)
        answer = Processed(dedup_key=pagerduty.dedup_key(content))
        return _answer(answer, location=accepted.status_url)


def _routing_key(content: object) -> str:
    if other := pagerduty.of_another_version(content):
        raise Problem(HTTPStatus.BAD_REQUEST, "Event object is invalid.", faults=[other])
    given = content.get(pagerduty.SECRET) if isinstance(content, Mapping) else None
    if not isinstance(given, str) or not given.strip():
        fault = Fault(pagerduty.SECRET, "is missing or blank")
        raise Problem(HTTPStatus.BAD_REQUEST, "Event object is invalid.", faults=[fault])
    return given


def _answer(answer: Processed, **headers: str) -> JSONResponse:
    return JSONResponse(answer.model_dump(exclude_none=True), HTTPStatus.ACCEPTED, headers=headers)
