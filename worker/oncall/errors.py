"""What the table store's refusals mean for the on-call table."""

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

from worker.domain.errors import Forbidden, Misconfigured, Rejected, Throttled, TocsinError, Transient, Unreachable
from worker.domain.retry_after import retry_after
from worker.domain.text import quoted


class TableExists(Rejected):
    """Nothing to do for who wanted the table to be there."""


_REFUSED = set(range(400, 500)) - {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT}
_ROLE = (
    "Give the identity the role Storage Table Data Reader (Contributor for `tocsin roster import`) on the account, "
    "then replay."
)


FAILURES = (AzureError, SerializationError, DeserializationError)


def translated(error: Exception, tried: str) -> TocsinError:
    """Nothing here can leave a doubt: reading changes nothing, and a row may be written twice."""
    if isinstance(error, HttpResponseError):
        return _refused(error, tried)
    if isinstance(error, ServiceRequestError):
        return Unreachable(f"{tried}; no connection stood ({_told(error)}). It is tried again.")
    return Transient(f"{tried}; no answer came ({_told(error)}). It is tried again.")


def _refused(error: HttpResponseError, tried: str) -> TocsinError:
    status = error.status_code or 0
    came_back = f"{tried}; the table store answered {status} ({_told(error)})."
    patience = retry_after(getattr(error.response, "headers", {}))
    if isinstance(error, ResourceNotFoundError):
        return Misconfigured(
            f"{tried}; there is no such table. Create it with `tocsin roster import`, or set TOCSIN_TABLES_ONCALL."
        )
    if isinstance(error, ClientAuthenticationError) or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Forbidden(f"{came_back} {_ROLE}")
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return Throttled(f"{came_back} It is tried again.", retry_after=patience)
    if status == HTTPStatus.CONFLICT and "TableAlreadyExists" in str(error):
        return TableExists(came_back)
    if status in _REFUSED:
        return Rejected(f"{came_back} Mend what the answer names, then replay.")
    return Transient(f"{came_back} It is tried again.", retry_after=patience)


def _told(error: Exception) -> str:
    return quoted(str(error).partition("\n")[0]) or type(error).__name__
