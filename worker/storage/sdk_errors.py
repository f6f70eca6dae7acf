"""What the table store's refusals and silences mean, whichever table was asked."""

from dataclasses import dataclass
from http import HTTPStatus

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DeserializationError,
    HttpResponseError,
    ResourceNotFoundError,
    SerializationError,
    ServiceRequestError,
)

from worker.domain.clock import doubt
from worker.domain.errors import Forbidden, Misconfigured, Rejected, Throttled, TocsinError, Transient, Unreachable
from worker.domain.retry_after import retry_after
from worker.domain.text import quoted

FAILURES = (AzureError, SerializationError, DeserializationError)

_REFUSED = set(range(400, 500)) - {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
}


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about a table's troubles, in sentences: about a missing table, a missing role, a refused request, and
    what passes by itself."""

    missing: str
    forbidden: str
    refused: str = ""
    passing: str = ""


OF_INCIDENTS = Advice(
    missing="Create it, allow this identity to, or set TOCSIN_TABLES_INCIDENTS.",
    forbidden="Grant this identity the role Storage Table Data Contributor on the storage account; a new grant takes "
    "some minutes to work.",
)


class TableExists(Rejected):
    """Nothing to do for who wanted the table to be there."""


def is_conflict(error: Exception) -> bool:
    """Whether the store says that a row is not as we knew it: there already, in another version, or gone."""
    if not isinstance(error, HttpResponseError):
        return False
    return error.status_code in {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED} or _is_gone(error)


def _is_gone(error: HttpResponseError) -> bool:
    """A row, and not its table."""
    code = getattr(error, "error_code", None)
    return error.status_code == HTTPStatus.NOT_FOUND and code in {"ResourceNotFound", "EntityNotFound"}


def translated(error: Exception, doing: str, advice: Advice = OF_INCIDENTS) -> TocsinError:
    """Any answer that is not a clear refusal counts as none, and is a Transient.

    Reading changes nothing, and a row may be written twice; whoever wrote what may not reads back before saying more.
    """
    tried = f"Tried to {doing}"
    if isinstance(error, HttpResponseError):
        return _answered(error, tried, advice)
    if isinstance(error, SerializationError):
        return Rejected(_told(f"{tried}; the request cannot be written ({_words(error)}).", advice.refused))
    if isinstance(error, ServiceRequestError):
        return Unreachable(_told(f"{tried}; no connection stood ({_words(error)}).", advice.passing))
    return Transient(_told(f"{tried}; no answer came ({_words(error)}).", advice.passing))


def _answered(error: HttpResponseError, tried: str, advice: Advice) -> TocsinError:
    status = error.status_code or 0
    came_back = f"{tried}; the table store answered {status} ({_words(error)})."
    if isinstance(error, ResourceNotFoundError) or status == HTTPStatus.NOT_FOUND:
        return Misconfigured(_told(f"{tried}; the table does not exist.", advice.missing))
    if isinstance(error, ClientAuthenticationError) or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Forbidden(_told(came_back, advice.forbidden) + doubt(getattr(error.response, "headers", {})))
    if status == HTTPStatus.CONFLICT and "TableAlreadyExists" in str(error):
        return TableExists(came_back)
    if status in _REFUSED - {HTTPStatus.TOO_MANY_REQUESTS}:
        return Rejected(_told(came_back, advice.refused))
    busy = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    kind = Throttled if busy else Transient
    return kind(_told(came_back, advice.passing), retry_after=retry_after(getattr(error.response, "headers", {})))


def _told(what: str, advice: str) -> str:
    return f"{what} {advice}".rstrip()


def _words(error: Exception) -> str:
    return quoted(str(error).partition("\n")[0]) or type(error).__name__
