"""What the table store's refusals mean for the on-call table."""

import inspect

import azure.core.exceptions
import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, ServiceRequestError

from worker.domain.errors import Forbidden, Misconfigured, Rejected, Throttled, Transient, Unreachable
from worker.oncall.errors import FAILURES, TableExists, translated

EXCEPTIONS = [
    member
    for _, member in inspect.getmembers(azure.core.exceptions, inspect.isclass)
    if issubclass(member, Exception) and member.__module__ == "azure.core.exceptions"
]


@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_every_exception_of_the_sdk_is_caught(kind):
    """No exception of azure-core passes the border untranslated."""
    assert issubclass(kind, FAILURES)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (400, Rejected),
        (401, Forbidden),
        (403, Forbidden),
        (408, Transient),
        (429, Throttled),
        (500, Transient),
        (503, Throttled),
    ],
)
def test_a_refusal_is_told_by_its_status(status, meaning):
    """Passing troubles are tried again; a missing role is named."""
    error = HttpResponseError(message="Server said no\nRequestId: 1")
    error.status_code = status
    told = translated(error, "Tried to read the on-call table 'oncall'")
    assert type(told) is meaning
    assert str(told).startswith(
        f"Tried to read the on-call table 'oncall'; the table store answered {status} (Server said"
    )


def test_a_missing_table_names_the_setting():
    """A table that is not there is a wrong setting."""
    error = ResourceNotFoundError(message="TableNotFound")
    assert isinstance(translated(error, "Tried"), Misconfigured)


def test_a_table_that_is_there_is_told_apart():
    """A conflict on making the table says that it exists; other conflicts pass."""
    error = HttpResponseError(message="ErrorCode:TableAlreadyExists")
    error.status_code = 409
    assert isinstance(translated(error, "Tried"), TableExists)
    error = HttpResponseError(message="TableBeingDeleted")
    error.status_code = 409
    assert isinstance(translated(error, "Tried"), Transient)


def test_no_connection_is_unreachable():
    """Where no connection stood, nobody was reached."""
    assert isinstance(translated(ServiceRequestError("refused"), "Tried"), Unreachable)
