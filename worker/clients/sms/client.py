"""Sends an SMS once by its key: the service knows a request by the id that comes with it, and repeats its answer."""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus

import httpx
from azure.communication.sms._generated import models
from azure.communication.sms._generated.aio import AzureCommunicationSMSService
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import DeserializationError, HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.transport import AsyncHttpResponse, HttpRequest

from worker.clients.breakers import Breakers
from worker.clients.calls import carry_out, http_client, page_time_out
from worker.clients.outcomes import Answers, Interpretation, Refusal, RemoteCall
from worker.clients.sms.connection import Connection
from worker.clients.sms.transport import HttpxTransport
from worker.clients.system import System
from worker.domain.errors import Forbidden, Misconfigured, Rejected, TocsinError, Unknown
from worker.domain.phone_number import masked, without
from worker.domain.retry_after import retry_after
from worker.domain.text import clean, cut, quoted
from worker.resilience.circuit_breaker import Breaker
from worker.settings import Settings

SMS = System("sms", "Azure Communication Services")
TEXT_LIMIT = 2048
_REQUESTS = uuid.UUID("5d0c41b8-52a7-5c1e-8a4f-3f0b7a9d2c61")

_KEYS = Interpretation(
    Forbidden,
    "Check the key of TOCSIN_SMS_CONNECTION_STRING; with TOCSIN_SMS_ENDPOINT, that the identity has the role "
    "Communication and Email Service Owner, or Contributor, on the resource. Then replay.",
)
_TOO_LATE = Interpretation(
    Unknown,
    "It is too long since it was first sent for the service to know it again, so whether that one went out is not "
    "known.",
)
SEND: Answers = {
    400: Interpretation(Rejected, "Nothing was sent. Check the person's number and TOCSIN_SMS_FROM, then replay."),
    401: _KEYS,
    403: _KEYS,
    404: Interpretation(Misconfigured, "Check the address in TOCSIN_SMS_CONNECTION_STRING or TOCSIN_SMS_ENDPOINT."),
    412: _TOO_LATE,
}


class Sms:
    """Sends from one number or name; a number of a person is shown in part only."""

    def __init__(
        self, service: AzureCommunicationSMSService, *, sender: str, time_out: timedelta, breaker: Breaker
    ) -> None:
        self._service = service
        self._sender = sender
        self._time_out = time_out
        self._breaker = breaker

    async def send(self, to: str, text: str, *, key: str, first_sent: datetime) -> str:
        """The message's id; the same key and moment send it once, however often. Raises a TocsinError.

        `to` as E.164 says, `text` plain, cut to 2,048 characters; `first_sent` is when the key was first sent with.
        """
        attempt = RemoteCall(f"send an SMS to {masked(to)}", SMS, writes=True, repeatable=True, answers=SEND)
        recipient = models.SmsRecipient(
            to=to,
            repeatability_request_id=str(uuid.uuid5(_REQUESTS, key)),
            repeatability_first_sent=format_datetime(first_sent.astimezone(UTC), usegmt=True),
        )
        return await carry_out(
            attempt,
            lambda: self._send_to(attempt, recipient, cut(TEXT_LIMIT)(clean(text))),
            time_out=self._time_out,
            breaker=self._breaker,
        )

    async def check(self) -> None:
        """Raise the sentence that says why nothing could be sent, by a request for nobody, which sends nothing."""
        attempt = RemoteCall("ask whether an SMS could be sent", SMS, writes=False, answers=SEND)
        await carry_out(attempt, lambda: self._ask(attempt), time_out=self._time_out, breaker=self._breaker)

    async def _ask(self, attempt: RemoteCall) -> None:
        try:
            await self._post(attempt, [], "")
        except Rejected:
            # Who may not send is refused before what is sent is looked at.
            return

    async def _send_to(self, attempt: RemoteCall, recipient: models.SmsRecipient, text: str) -> str:
        headers, answers = await self._post(attempt, [recipient], text)
        if len(answers) != 1:
            said = f"for {len(answers)} numbers instead of one"
            raise attempt.refused(Refusal(HTTPStatus.ACCEPTED, message=said))
        (answer,) = answers
        if _is_accepted(answer):
            return str(answer.message_id)
        raise _refused(attempt, answer, recipient.to, headers)

    async def _post(
        self, attempt: RemoteCall, recipients: list[models.SmsRecipient], text: str
    ) -> tuple[Mapping[str, str], list[models.SmsSendResponseItem]]:
        request = models.SendMessageRequest(from_property=self._sender, sms_recipients=recipients, message=text)
        try:
            answered: tuple[Mapping[str, str], list[models.SmsSendResponseItem]]
            answered = await self._service.sms.send(request, cls=_headers_and_answers)  # type: ignore[assignment]
        except DeserializationError as error:
            raise attempt.refused(Refusal(HTTPStatus.ACCEPTED, message="of a form that cannot be read")) from error
        except HttpResponseError as error:
            answer = getattr(error.response, "internal_response", None)
            if not isinstance(answer, httpx.Response):
                raise
            refusal = Refusal.of_response(answer)
            for recipient in recipients:
                refusal = replace(refusal, message=without(recipient.to, refusal.message))
            raise attempt.refused(refusal) from error
        return answered


def _headers_and_answers(
    response: PipelineResponse[HttpRequest, AsyncHttpResponse], body: models.SmsSendResponse, _: object
) -> tuple[Mapping[str, str], list[models.SmsSendResponseItem]]:
    return response.http_response.headers, body.value or []


def _is_accepted(answer: models.SmsSendResponseItem) -> bool:
    return bool(answer.successful and answer.message_id)


def _refused(
    attempt: RemoteCall, answer: models.SmsSendResponseItem, to: str, headers: Mapping[str, str]
) -> TocsinError:
    # A request that it does not repeat any more it rejects as one, whatever the status beside that.
    rejected = str(answer.repeatability_result).casefold() == "rejected"
    status = HTTPStatus.PRECONDITION_FAILED if rejected else answer.http_status_code or 0
    said = without(to, quoted(answer.error_message))
    return attempt.refused(Refusal(status, message=said, retry_after=retry_after(headers)))


@asynccontextmanager
async def open_sms(
    settings: Settings, credential: AsyncTokenCredential | None, *, breakers: Breakers | None = None
) -> AsyncIterator[Sms | None]:
    """None where no SMS are configured."""
    connection = Connection.of(settings, credential)
    if connection is None:
        yield None
        return
    time_out = page_time_out(settings.call_timeout_seconds)
    async with http_client(connection.endpoint, time_out=time_out) as http:
        yield Sms(
            connection.service(HttpxTransport(http)),
            sender=settings.sms_from or "",
            time_out=time_out,
            breaker=(breakers or Breakers()).of(SMS),
        )
