"""What answers and broken connections mean: the border between foreign exceptions and our own."""

import inspect
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import ModuleType

import azure.core.exceptions
import azure.identity
import httpx
import kiota_abstractions.api_error
import kiota_authentication_azure._exceptions
import kiota_http._exceptions
import pytest
from azure.core.exceptions import ClientAuthenticationError
from kiota_abstractions.api_error import APIError
from kiota_http._exceptions import KiotaHTTPXError

from worker.clients.outcomes import ANSWERS, FAILURES, Interpretation, Refusal, RemoteCall, retry_after
from worker.clients.posting.bot import BOT, DELETE_ACTIVITY, POST_ACTIVITY, UPDATE_ACTIVITY
from worker.clients.posting.delegated import DELETE_MESSAGE, POST_MESSAGE, UPDATE_MESSAGE
from worker.clients.teams.client import CREATE_CHANNEL, GET_USER, LIST_CHANNELS, LIST_MESSAGES
from worker.clients.teams.graph import GRAPH
from worker.domain.errors import (
    Forbidden,
    Gone,
    Misconfigured,
    Permanent,
    Rejected,
    Throttled,
    TocsinError,
    Transient,
    Unknown,
    Unreachable,
)

WRITE = RemoteCall("create the channel 'inc-1'", GRAPH, writes=True)
READ = RemoteCall("list the channels", GRAPH, writes=False)
# A status is in these; it is read before the kind of the exception is.
WITH_A_STATUS = (APIError, httpx.HTTPStatusError)


def exceptions_of(*modules: ModuleType) -> set[type[Exception]]:
    members = {member for module in modules for _, member in inspect.getmembers(module, inspect.isclass)}
    return {member for member in members if issubclass(member, Exception) and member.__module__ != "builtins"}


FOREIGN = exceptions_of(
    httpx,
    kiota_http._exceptions,
    kiota_abstractions.api_error,
    kiota_authentication_azure._exceptions,
    azure.core.exceptions,
    azure.identity,
)


@pytest.mark.parametrize("kind", sorted(FOREIGN, key=lambda kind: f"{kind.__module__}.{kind.__name__}"))
def test_every_foreign_exception_is_named(kind):
    """No exception of the libraries underneath falls through to the last resort."""
    assert issubclass(kind, WITH_A_STATUS) or any(issubclass(kind, kinds) for kinds, _ in FAILURES)


def test_the_walk_finds_the_libraries_exceptions():
    """The walk above is over real classes, derived ones among them."""
    assert {httpx.ReadTimeout, httpx.StreamConsumed, KiotaHTTPXError, APIError, ClientAuthenticationError} <= FOREIGN


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ConnectTimeout("late"), Unreachable),
        (httpx.PoolTimeout("full"), Unreachable),
        (httpx.ProxyError("no"), Unreachable),
        (httpx.UnsupportedProtocol("ftp"), Misconfigured),
        (httpx.ReadTimeout("late"), Unknown),
        (httpx.WriteTimeout("late"), Unknown),
        (httpx.WriteError("broken pipe"), Unknown),
        (httpx.ReadError("reset"), Unknown),
        (httpx.RemoteProtocolError("closed"), Unknown),
        (TimeoutError(), Unknown),
        (KiotaHTTPXError("odd"), Unknown),
        (Exception("cannot be read"), Unknown),
        (azure.core.exceptions.ServiceRequestError("no token endpoint"), Unreachable),
        (ClientAuthenticationError("IMDS did not answer"), Unreachable),
        (ClientAuthenticationError("AADSTS7000215: Invalid client secret provided"), Forbidden),
        (azure.identity.AuthenticationRequiredError(scopes=["s"]), Forbidden),
    ],
)
def test_what_a_broken_write_means(error, meaning):
    """Not sent is unreachable, sent without an answer is unknown, a wrong address or secret is permanent."""
    assert type(WRITE.failed(error)) is meaning


@pytest.mark.parametrize("error", [httpx.ReadTimeout("late"), Exception("cannot be read"), httpx.HTTPError("x")])
def test_a_broken_read_leaves_no_doubt(error):
    """Reading changes nothing, so it is never unknown."""
    assert isinstance(READ.failed(error), Transient)


@pytest.mark.parametrize("status", [300, 307, *range(400, 432), 451, *range(500, 512), 599])
@pytest.mark.parametrize(
    "answers",
    [
        CREATE_CHANNEL,
        POST_MESSAGE,
        UPDATE_MESSAGE,
        DELETE_MESSAGE,
        POST_ACTIVITY,
        UPDATE_ACTIVITY,
        DELETE_ACTIVITY,
    ],
)
def test_every_status_means_something_for_a_write(answers, status):
    """429 and 423 pass; 408, 409, 412, all from 500, and 400 to a message leave a doubt; the rest is final."""
    attempt = RemoteCall("post", GRAPH, writes=True, answers=answers)
    error = attempt.refused(Refusal(status))
    if status in (423, 429):
        assert isinstance(error, Transient)
    elif status in (408, 409, 412) or status >= 500 or (status == 400 and answers is POST_MESSAGE):
        assert isinstance(error, Unknown)
    else:
        assert isinstance(error, Permanent)


@pytest.mark.parametrize(
    ("refusal", "meaning"),
    [
        (Refusal(400, message="not a known activity id"), Gone),
        (Refusal(404, codes=("ActivityNotFoundInConversation",)), Gone),
        (Refusal(403, codes=("ServiceError",), message="Unknown"), Unknown),
        (Refusal(403, codes=("BotNotInConversationRoster",)), Forbidden),
    ],
)
def test_what_a_refused_update_of_a_bot_means(refusal, meaning):
    """A message that is gone is told in two ways, and one 403 is trouble of the service's own."""
    attempt = RemoteCall("update", BOT, writes=True, answers=UPDATE_ACTIVITY)
    assert type(attempt.refused(refusal)) is meaning


@pytest.mark.parametrize("answers", [LIST_CHANNELS, LIST_MESSAGES, GET_USER])
def test_a_refused_read_is_never_in_doubt(answers):
    """Reads are tried again or refused for good."""
    attempt = RemoteCall("read", GRAPH, writes=False, answers=answers)
    for status in (*range(400, 432), *range(500, 512)):
        assert isinstance(attempt.refused(Refusal(status)), Transient | Permanent)


def test_the_calls_own_table_comes_first():
    """A code or a word of the message outranks the status; the call's status outranks the common one."""
    own = {"Quota": Interpretation(Misconfigured, "Buy more."), 403: Interpretation(Rejected, "Not you.")}
    attempt = RemoteCall("create", GRAPH, writes=True, answers=own)
    assert isinstance(attempt.refused(Refusal(403, codes=("QUOTA",))), Misconfigured)
    assert isinstance(attempt.refused(Refusal(403, message="the quota is reached")), Misconfigured)
    assert isinstance(attempt.refused(Refusal(403)), Rejected)
    assert isinstance(attempt.refused(Refusal(401)), ANSWERS[401].error)


def test_a_refusal_is_a_whole_sentence():
    """What was tried, on what, what came back with its request id, and what to do."""
    body = {"error": {"code": "Forbidden", "message": "Missing role\npermissions."}}
    response = httpx.Response(403, json=body, headers={"request-id": "r-1"})
    assert str(WRITE.refused(Refusal.of_response(response))) == (
        "Tried to create the channel 'inc-1'; Microsoft Graph answered 403 (Forbidden; Missing role permissions; "
        "request-id r-1). The identity lacks a permission: grant it, then replay."
    )


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[1]", b'{"error": "no"}', b'{"error": {"code": 5}}', b"[" * 9_000]
)
def test_an_unreadable_refusal_is_told_by_its_status(content):
    """A body that is no error object costs nothing but its words."""
    assert str(Refusal.of_response(httpx.Response(502, content=content))) == "502"


def test_foreign_words_are_bounded_and_cleaned():
    """A remote system cannot fill the logs or steer a terminal."""
    body = {"error": {"code": "\x1b[31mX", "message": "y" * 100_000}}
    told = str(Refusal.of_response(httpx.Response(400, json=body)))
    assert len(told) < 700
    assert "\x1b" not in told


def test_a_throttle_carries_the_servers_patience():
    """429 with Retry-After says when."""
    response = httpx.Response(429, headers={"Retry-After": "7"})
    error = WRITE.refused(Refusal.of_response(response))
    assert isinstance(error, Throttled)
    assert error.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("header", "patience"),
    [
        ("0", timedelta(0)),
        ("1.5", timedelta(seconds=1.5)),
        ("99999999999999999999", timedelta(hours=1)),
        pytest.param(format_datetime(datetime.now(UTC) + timedelta(days=2)), timedelta(hours=1), id="a date to come"),
        pytest.param(format_datetime(datetime.now(UTC) - timedelta(days=2)), timedelta(0), id="a date gone by"),
        ("-5", None),
        ("soon", None),
        ("nan", None),
        ("", None),
    ],
)
def test_the_servers_patience_is_read_and_bounded(header, patience):
    """Seconds or a date, at most an hour; nonsense is no patience."""
    assert retry_after(httpx.Headers({"Retry-After": header})) == patience


def test_every_error_is_of_the_tree():
    """Whatever came back, the caller sees one of Tocsin's own errors."""
    assert isinstance(WRITE.failed(KeyError("x")), TocsinError)
