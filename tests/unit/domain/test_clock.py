"""The clock beside that of whoever answered: in the sentence where it may be the reason, and silent elsewhere."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from worker.clients.boards import errors as boards_errors
from worker.clients.boards.sdk import Answer
from worker.clients.boards.sdk import Refusal as BoardsRefusal
from worker.clients.outcomes import RemoteCall
from worker.clients.system import System
from worker.domain.clock import doubt, lead
from worker.domain.errors import Forbidden
from worker.storage.sdk_errors import translated

HOUR = timedelta(hours=1)


def dated(ahead):
    return {"Date": format_datetime(datetime.now(UTC) + ahead, usegmt=True)}


def response(status, ahead):
    return httpx.Response(status, headers=dated(ahead), request=httpx.Request("GET", "https://h/"))


class AzureResponse:
    def __init__(self, status, ahead):
        self.status_code, self.headers, self.reason = status, dated(ahead), "Forbidden"


def of_store(ahead):
    return translated(HttpResponseError(response=AzureResponse(403, ahead)), "read")


def of_graph(ahead):
    answer = response(401, ahead)
    failed = httpx.HTTPStatusError("401", request=answer.request, response=answer)
    return RemoteCall("post", System("graph", "Microsoft Graph"), writes=True).failed(failed)


def of_entra(ahead):
    failed = ClientAuthenticationError("AADSTS700024", response=AzureResponse(401, ahead))
    return RemoteCall("get a token", System("entra", "Entra ID"), writes=False).failed(failed)


def of_boards(ahead):
    class Response:
        status_code, headers, content, raw = 401, dated(ahead), b"", None

    answer = Answer(401, clock=doubt(Response.headers))
    call = boards_errors.Call(boards_errors.Kind.GET, "read a work item")
    return boards_errors.translated(BoardsRefusal(answer, writing=False), call)


@pytest.mark.parametrize("refused", [of_store, of_graph, of_entra, of_boards])
@pytest.mark.parametrize(("ahead", "words"), [(HOUR, "behind"), (-HOUR, "ahead of")])
def test_a_refusal_names_a_clock_that_is_wrong(refused, ahead, words):
    """Whoever reads it looks at the clock before the roles."""
    error = refused(ahead)
    assert type(error) is Forbidden
    assert f"This machine's clock is {'3600' if words == 'behind' else '360'}" in str(error) or "3599 s" in str(error)
    assert f" s {words} that of the service" in str(error)


@pytest.mark.parametrize("refused", [of_store, of_graph, of_entra, of_boards])
def test_a_clock_that_is_right_is_not_spoken_of(refused):
    """Some seconds are the way of the answer."""
    assert "clock" not in str(refused(timedelta(seconds=20)))


@pytest.mark.parametrize("headers", [{}, {"Date": ""}, {"Date": "yesterday"}, {"Date": "Mon, 99 Nov 99999 99:99 GMT"}])
def test_a_date_that_is_none_says_nothing(headers):
    """Whatever answers may send any header."""
    assert (lead(headers), doubt(headers)) == (None, "")
