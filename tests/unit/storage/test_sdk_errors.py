"""What the table store's refusals and silences mean, and what is advised about each table."""

import inspect
from datetime import timedelta
from types import SimpleNamespace

import azure.core.exceptions
import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ResourceNotFoundError,
    SerializationError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.data.tables import TableTransactionError

from worker.domain.errors import Forbidden, Misconfigured, Rejected, Throttled, Transient, Unreachable
from worker.oncall.table import ADVICE
from worker.storage.sdk_errors import FAILURES, OF_INCIDENTS, TableExists, is_conflict, translated

EXCEPTIONS = [
    member
    for _, member in inspect.getmembers(azure.core.exceptions, inspect.isclass)
    if issubclass(member, Exception) and member.__module__ == "azure.core.exceptions"
]


def answered(status, message="Server said no\nRequestId: 1"):
    error = HttpResponseError(message=message)
    error.status_code = status
    return error


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
        (404, Misconfigured),
        (408, Transient),
        (409, Transient),
        (412, Transient),
        (429, Throttled),
        (500, Transient),
        (503, Throttled),
    ],
)
@pytest.mark.parametrize("advice", [ADVICE, OF_INCIDENTS])
def test_a_refusal_is_told_by_its_status(status, meaning, advice):
    """Passing troubles are tried again, lasting ones are not, whichever table it is."""
    assert type(translated(answered(status), "read the table", advice)) is meaning


@pytest.mark.parametrize("status", [400, 401, 403, 408, 429, 500, 503])
def test_a_refusal_says_what_was_tried_and_what_came_back(status):
    """The sentence names the attempt, the status and the first line of the answer."""
    told = translated(answered(status), "read the on-call table 'oncall'", ADVICE)
    assert str(told).startswith(
        f"Tried to read the on-call table 'oncall'; the table store answered {status} (Server said no). "
    )


def test_a_missing_table_names_the_setting():
    """A table that is not there is a wrong setting."""
    error = ResourceNotFoundError(message="TableNotFound")
    for advice, setting in ((ADVICE, "TOCSIN_TABLES_ONCALL"), (OF_INCIDENTS, "TOCSIN_TABLES_INCIDENTS")):
        told = translated(error, "read it", advice)
        assert isinstance(told, Misconfigured)
        assert setting in str(told)


def test_a_transaction_in_a_missing_table_is_told_alike():
    """The SDK says that of a transaction by its status alone."""
    error = TableTransactionError(message="0:TableNotFound")
    error.status_code = 404
    assert isinstance(translated(error, "store the checkpoints"), Misconfigured)


def test_a_missing_role_is_named():
    """Whoever may not read a table is told the role that would do."""
    assert "Storage Table Data Reader" in str(translated(answered(403), "read it", ADVICE))
    assert "Storage Table Data Contributor" in str(translated(answered(403), "write it", OF_INCIDENTS))


@pytest.mark.parametrize("status", [429, 503, 500])
def test_the_patience_that_the_store_asks_for_is_kept(status):
    """A wait that the answer names goes with the error."""
    error = answered(status)
    error.response = SimpleNamespace(headers={"Retry-After": "7"})
    assert translated(error, "read it").retry_after == timedelta(seconds=7)


def test_a_table_that_is_there_is_told_apart():
    """A conflict on making the table says that it exists; other conflicts pass."""
    assert isinstance(translated(answered(409, "ErrorCode:TableAlreadyExists"), "create it"), TableExists)
    assert isinstance(translated(answered(409, "TableBeingDeleted"), "create it"), Transient)


@pytest.mark.parametrize(("status", "conflict"), [(409, True), (412, True), (404, False), (503, False)])
def test_a_row_that_is_not_as_we_knew_it_is_a_conflict(status, conflict):
    """A row that is there already, or in another version, is told from all other refusals."""
    assert is_conflict(answered(status)) is conflict


@pytest.mark.parametrize(("code", "conflict"), [("ResourceNotFound", True), ("TableNotFound", False)])
def test_a_row_that_is_gone_is_a_conflict_and_a_table_is_not(code, conflict):
    """Whoever knew a row finds it deleted, and looks anew; a missing table is for a person to make."""
    error = answered(404)
    error.error_code = code
    assert is_conflict(error) is conflict


def test_no_connection_is_unreachable():
    """Where no connection stood, nobody was reached."""
    assert isinstance(translated(ServiceRequestError("refused"), "read it"), Unreachable)


def test_no_answer_passes():
    """A connection that broke before the answer is a passing trouble."""
    assert type(translated(ServiceResponseError("reset"), "read it")) is Transient


def test_a_request_that_cannot_be_written_never_succeeds():
    """No other attempt can put into words what this one could not."""
    assert isinstance(translated(SerializationError("no such type"), "write it"), Rejected)
