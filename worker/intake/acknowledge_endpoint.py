"""The link by which a person who was paged says "I have it": asked for, and recorded once for each person."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import parse_qs

import structlog
from fastapi import Request
from starlette.responses import HTMLResponse

from worker.domain import acknowledge_link
from worker.domain.acknowledge_link import Acknowledging
from worker.domain.audit import ACKNOWLEDGE, AuditRecord
from worker.domain.errors import Gone, Rejected, TocsinError, Undecodable
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import Actor, ActorKind, Source
from worker.domain.response.state import ResponseState
from worker.domain.sender_scope import TRUSTED
from worker.incidents.history import Acknowledged, History
from worker.intake import acknowledge_page
from worker.intake.acting import Acting
from worker.intake.incidents import RETRY_AFTER, FindHistory, retry_after
from worker.intake.responses import Responses
from worker.intake.unauthenticated import UnauthenticatedThrottle
from worker.web.admission import visit_of
from worker.web.body import read_body
from worker.web.problem import Problem

RecordOnce = Callable[[str, AuditRecord], Awaitable[AuditRecord]]

# A token and its name.
_BODY_LIMIT = 4 * 1024
_STATUSES: dict[type[TocsinError], HTTPStatus] = {
    Undecodable: HTTPStatus.BAD_REQUEST,
    Rejected: HTTPStatus.NOT_FOUND,
    Gone: HTTPStatus.GONE,
}

log = structlog.get_logger()


class AcknowledgeEndpoint:
    """The token proves who asks, so no key is needed; what proves nothing is answered late, as everywhere."""

    def __init__(
        self,
        secret: str,
        throttle: UnauthenticatedThrottle,
        *,
        history: FindHistory,
        record: RecordOnce,
        acting: Acting,
        responses: Responses,
    ) -> None:
        self._secret = secret
        self._throttle = throttle
        self._history = history
        self._record = record
        self._acting = acting
        self._responses = responses

    async def ask(self, request: Request) -> HTMLResponse:
        return await self._answer(request, request.query_params.get("token", ""), self._show)

    async def acknowledge(self, request: Request) -> HTMLResponse:
        try:
            body = await read_body(request, limit=_BODY_LIMIT)
        except Problem as problem:
            return acknowledge_page.refusal(problem.status, problem.detail, problem.headers)
        return await self._answer(request, _token_in(body), self._acknowledge)

    async def _answer(
        self,
        request: Request,
        token: str,
        act: Callable[[Acknowledging, History, str], Awaitable[HTMLResponse]],
    ) -> HTMLResponse:
        try:
            said = acknowledge_link.read(self._secret, token, datetime.now(UTC))
        except tuple(_STATUSES) as error:
            return await self._refuse(request, error)
        try:
            visit_of(request).recognise()
        except Problem as problem:
            return acknowledge_page.unavailable(token, problem.headers)
        try:
            history = await self._history(said.incident_id)
            if history is None:
                return acknowledge_page.refusal(HTTPStatus.NOT_FOUND, "This incident is not kept any more.")
            return await act(said, history, token)
        except TocsinError as error:
            log.warning(
                "intake.unavailable", error=type(error).__name__, reason=str(error), incident_id=said.incident_id
            )
            return acknowledge_page.unavailable(token, retry_after(error.retry_after or RETRY_AFTER))

    async def _show(self, said: Acknowledging, history: History, token: str) -> HTMLResponse:
        mine = next((each for each in history.acknowledged if each.by == said.person), None)
        if mine is not None and not await self._is_open_again(said.incident_id):
            return acknowledge_page.already(history, mine)
        return acknowledge_page.asking(history, said.person, token)

    async def _is_open_again(self, incident_id: str) -> bool:
        """Somebody who had it gave it back, or it was reopened: then it can be acknowledged once more."""
        stored = await self._responses.read(incident_id)
        return stored is not None and stored.response.state is ResponseState.OPEN

    async def _acknowledge(self, said: Acknowledging, history: History, _token: str) -> HTMLResponse:
        """The act first: what is recorded and did not reach the queue would not be asked for again."""
        actor = Actor(kind=ActorKind.PERSON, id=said.person, name=said.person)
        act = Act(act=ActKind.ACKNOWLEDGE, id=f"link:{secrets.token_hex(12)}", actor=actor, source=Source.LINK)
        _, outcome = await self._acting.act(history, act, TRUSTED)
        record = AuditRecord(action=ACKNOWLEDGE, who=said.person, details={"through": "link"})
        stands = await self._record(said.incident_id, record)
        mine = Acknowledged(by=stands.who, at=stands.at)
        if stands.at != record.at:
            return acknowledge_page.already(history, mine, outcome)
        log.info("intake.acknowledged", incident_id=said.incident_id)
        return acknowledge_page.recorded(history, mine, outcome)

    async def _refuse(self, request: Request, error: TocsinError) -> HTMLResponse:
        address = request.client.host if request.client else ""
        stays = await self._throttle.delay(address, reason=str(error), method=request.method, path=request.url.path)
        status = _STATUSES[type(error)]
        return acknowledge_page.refusal(status, str(error), None if stays else {"Connection": "close"})


def _token_in(body: bytes) -> str:
    try:
        given = parse_qs(body.decode(), max_num_fields=10)
    except ValueError:
        return ""
    return given.get("token", [""])[0]
