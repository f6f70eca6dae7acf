"""What an answer, or the lack of one, says about a request: applied, not applied or unknown; as one of our errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx
from azure.core.exceptions import AzureError, ClientAuthenticationError, DeserializationError, SerializationError
from azure.identity import AuthenticationRequiredError
from kiota_abstractions.api_error import APIError
from kiota_authentication_azure._exceptions import KiotaAuthenticationError
from kiota_http._exceptions import KiotaHTTPXError, RedirectError, RequestError
from msgraph.generated.models.o_data_errors.o_data_error import ODataError

from worker.clients.system import System
from worker.domain.clock import doubt
from worker.domain.errors import (
    Forbidden,
    Gone,
    Misconfigured,
    Rejected,
    Throttled,
    TocsinError,
    Transient,
    Unknown,
    Unreachable,
)
from worker.domain.retry_after import retry_after
from worker.domain.text import quoted


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What the caller does next, and the sentence that tells a person why and what to do."""

    error: type[TocsinError]
    advice: str


Answers = Mapping[int | str, Interpretation]

LOOK_FIRST = "It may have been applied, so it is looked for before it is tried again."
SAME_KEY = "It may have been applied; it is sent again under the same key, with which it takes effect once."

# By status. A call's own table comes first; its keys are statuses, error codes, or words of the message.
ANSWERS: Answers = {
    400: Interpretation(Rejected, "Nothing was changed. Mend what the answer names, then replay."),
    401: Interpretation(Forbidden, "The identity was not accepted: check its secret, tenant and expiry, then replay."),
    403: Interpretation(Forbidden, "The identity lacks a permission: grant it, then replay."),
    404: Interpretation(Gone, "It does not exist, or the identity may not see it."),
    405: Interpretation(Misconfigured, "This address takes no such request: check the configured address."),
    408: Interpretation(Unknown, LOOK_FIRST),
    409: Interpretation(Unknown, LOOK_FIRST),  # also given to a request whose first copy was applied
    412: Interpretation(Unknown, LOOK_FIRST),  # the Bot Connector gives it for passing states, to be tried again
    413: Interpretation(Rejected, "The request is too large for the service."),
    423: Interpretation(Transient, "The resource is locked for now; nothing was changed."),
    429: Interpretation(Throttled, "Nothing was changed; it is tried again when the service allows it."),
}
_REDIRECTED = Interpretation(Misconfigured, "A redirect is not followed: check the configured address.")
_REFUSED = Interpretation(Rejected, "Nothing was changed. Mend what the answer names, then replay.")
_BROKEN = Interpretation(Unknown, LOOK_FIRST)

_NOT_SENT = Interpretation(Unreachable, "No connection stood, so nothing was sent; it is tried again.")
_BAD_ADDRESS = Interpretation(Misconfigured, "Check the configured address.")
_NO_TOKEN = Interpretation(Unreachable, "No token could be had for now, so nothing was sent; it is tried again.")
_NO_RIGHT = Interpretation(
    Forbidden, "Entra ID gave no token: check the identity's secret, tenant and consent, then replay."
)
_SIGN_IN = Interpretation(Forbidden, "The user's sign-in has ended and a person has to sign in again.")
_UNREADABLE = Interpretation(Unknown, LOOK_FIRST)

# First match wins; whatever is not named here came after the request left, or nobody can tell.
FAILURES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Interpretation], ...] = (
    ((httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError), _NOT_SENT),
    ((httpx.UnsupportedProtocol, httpx.InvalidURL, KiotaAuthenticationError), _BAD_ADDRESS),
    ((httpx.TooManyRedirects, RedirectError), _REDIRECTED),
    (RequestError, Interpretation(Rejected, "The request could not even be written; nothing was sent.")),
    (AuthenticationRequiredError, _SIGN_IN),
    # Azure's own libraries only fetch the token here.
    ((AzureError, SerializationError, DeserializationError), _NO_TOKEN),
    ((httpx.HTTPError, httpx.StreamError, httpx.CookieConflict, KiotaHTTPXError, TimeoutError), _UNREADABLE),
)


@dataclass(frozen=True, slots=True)
class RemoteCall:
    """One request, as it is told to people: `Tried to {trying}; {system} answered …`."""

    trying: str
    system: System
    writes: bool
    answers: Answers = field(default_factory=dict)
    repeatable: bool = False
    """It carries a key by which the system knows it again: in doubt it is simply sent once more."""

    def failed(self, error: BaseException) -> TocsinError:
        refusal = Refusal.of(error)
        return self.refused(refusal) if refusal else self._broken_off(error)

    def refused(self, refusal: "Refusal") -> TocsinError:
        meaning = refusal.meaning(self.answers)
        failure = self._error(meaning, f"{self.system} answered {refusal}", refusal.retry_after)
        return Forbidden(f"{failure}{refusal.clock}") if refusal.clock and type(failure) is Forbidden else failure

    def _broken_off(self, error: BaseException) -> TocsinError:
        came_back = f"it broke off on the way to or from {self.system} ({quoted(f'{type(error).__name__}: {error}')})"
        meaning = _meaning_of(error)
        if meaning is _NO_RIGHT:
            headers = getattr(getattr(error, "response", None), "headers", None) or {}
            meaning = Interpretation(meaning.error, meaning.advice + doubt(headers))
        return self._error(meaning, came_back)

    def _error(self, meaning: Interpretation, came_back: str, retry_after: timedelta | None = None) -> TocsinError:
        if meaning.error is Unknown and not self.writes:
            meaning = Interpretation(Unreachable, "Nothing was changed; it is read again.")
        if meaning.advice is LOOK_FIRST and self.repeatable:
            meaning = Interpretation(Unknown, SAME_KEY)
        sentence = f"Tried to {self.trying}; {came_back}. {meaning.advice}"
        if issubclass(meaning.error, Transient):
            return meaning.error(sentence, retry_after=retry_after)
        return meaning.error(sentence)


def _meaning_of(error: BaseException) -> Interpretation:
    # Entra's own refusals carry a code; without one the identity endpoint only stumbled, which passes.
    if isinstance(error, ClientAuthenticationError) and "AADSTS" in str(error):
        return _NO_RIGHT
    return next((meaning for kinds, meaning in FAILURES if isinstance(error, kinds)), _UNREADABLE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success, as far as it could be read; `clock` is what its date says against our clock."""

    status: int
    codes: tuple[str, ...] = ()
    message: str = ""
    request_id: str = ""
    retry_after: timedelta | None = None
    clock: str = ""

    def __str__(self) -> str:
        request_id = f"request-id {self.request_id}" if self.request_id else ""
        told = "; ".join(part for part in (" / ".join(self.codes), self.message, request_id) if part)
        return f"{self.status}" + (f" ({told})" if told else "")

    @classmethod
    def of(cls, error: BaseException) -> "Refusal | None":
        if isinstance(error, ODataError):
            return _of_odata(error)
        if isinstance(error, APIError) and error.response_status_code is not None:
            headers = httpx.Headers(error.response_headers)
            return cls(
                error.response_status_code,
                retry_after=retry_after(headers),
                request_id=_request_id(headers),
                clock=doubt(headers),
            )
        if isinstance(error, httpx.HTTPStatusError):
            return cls.of_response(error.response)
        return None

    @classmethod
    def of_response(cls, response: httpx.Response) -> "Refusal":
        error = _error_object(response)
        return cls(
            response.status_code,
            codes=_codes(error.get("code"), error.get("subCode")),
            message=quoted(error.get("message")),
            request_id=_request_id(response.headers),
            retry_after=retry_after(response.headers),
            clock=doubt(response.headers),
        )

    def meaning(self, answers: Answers) -> Interpretation:
        for key, meaning in answers.items():
            if isinstance(key, str) and self._says(key.casefold()):
                return meaning
        by_status = answers.get(self.status) or ANSWERS.get(self.status)
        return by_status or _by_class(self.status)

    def _says(self, word: str) -> bool:
        return word in self.message.casefold() or any(word == code.casefold() for code in self.codes)


def _by_class(status: int) -> Interpretation:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _BROKEN
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return _REDIRECTED
    return _REFUSED if status >= HTTPStatus.BAD_REQUEST else _UNREADABLE


def _of_odata(error: ODataError) -> Refusal:
    main, headers = error.error, httpx.Headers(error.response_headers)
    inner = main.inner_error if main else None
    extra: Mapping[str, Any] = (inner.additional_data if inner else None) or {}
    return Refusal(
        error.response_status_code or 0,
        codes=_codes(main.code if main else None, extra.get("code")),
        message=quoted(main.message if main else None),
        request_id=quoted(inner.request_id if inner and inner.request_id else _request_id(headers)),
        retry_after=retry_after(headers),
        clock=doubt(headers),
    )


def _codes(*codes: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(quoted(code) for code in codes if isinstance(code, str) and code))


def _error_object(response: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _request_id(headers: httpx.Headers) -> str:
    return quoted(headers.get("request-id") or headers.get("x-ms-request-id"))
