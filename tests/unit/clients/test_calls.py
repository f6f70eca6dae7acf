"""How one remote call is bounded, translated and quickly tried again."""

import asyncio
import time
from datetime import timedelta

import httpx
import pytest

from worker.clients.calls import carry_out, http_client, page_time_out
from worker.clients.outcomes import RemoteCall
from worker.clients.teams.graph import GRAPH
from worker.domain.errors import Rejected, Throttled, TocsinError, Transient, Unknown, Unreachable
from worker.resilience.send_deadline import SendDeadline, sending_before

WRITE = RemoteCall("create the channel", GRAPH, writes=True)
READ = RemoteCall("list the channels", GRAPH, writes=False)
PAGE = RemoteCall("page the person", GRAPH, writes=True, repeatable=True)
LONG = timedelta(seconds=30)
SOON = timedelta(milliseconds=50)


class Remote:
    """Fails as it is told, one failure for each call, then answers."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.calls = 0

    async def __call__(self):
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


@pytest.mark.parametrize("failure", [Throttled("t", retry_after=timedelta(0)), httpx.ConnectError("refused")])
@pytest.mark.parametrize("attempt", [WRITE, READ])
async def test_what_was_not_applied_is_tried_again_at_once(attempt, failure):
    """A short throttle or a connection that never stood is got over in place."""
    remote = Remote(failure, failure)
    assert await carry_out(attempt, remote, time_out=LONG, breaker=None) == "answer"
    assert remote.calls == 3


async def test_quick_tries_come_to_an_end():
    """After three tries the failure is the caller's."""
    remote = Remote(*(httpx.ConnectError("refused") for _ in range(9)))
    with pytest.raises(Unreachable):
        await carry_out(WRITE, remote, time_out=LONG, breaker=None)
    assert remote.calls == 3


@pytest.mark.parametrize(
    ("failure", "meaning"),
    [
        (httpx.ReadTimeout("late"), Unknown),
        (httpx.ReadError("reset"), Unknown),
        (Exception("unreadable"), Unknown),
        (Unknown("may have been applied"), Unknown),
        (Rejected("no"), Rejected),
        (Transient("past the deadline"), Transient),
        (Throttled("later", retry_after=timedelta(minutes=1)), Throttled),
    ],
)
async def test_a_write_is_never_sent_twice_in_doubt(failure, meaning):
    """What may have been applied, was refused, or is to wait for long, is sent once."""
    remote = Remote(failure)
    with pytest.raises(meaning):
        await carry_out(WRITE, remote, time_out=LONG, breaker=None)
    assert remote.calls == 1


async def test_an_error_of_our_own_passes_unchanged():
    """What a client already translated is not translated again."""
    error = Rejected("as it was said")
    with pytest.raises(TocsinError) as caught:
        await carry_out(WRITE, Remote(error), time_out=LONG, breaker=None)
    assert caught.value is error
    assert caught.value.__cause__ is None


async def test_a_call_ends_with_its_time():
    """A server that never comes to an end is left when the time is over, whatever it drips meanwhile."""

    async def dripping():
        while True:
            await asyncio.sleep(0.001)

    with pytest.raises(Unknown, match="TimeoutError"):
        await carry_out(WRITE, dripping, time_out=SOON, breaker=None)


async def test_being_cancelled_is_not_a_failure():
    """A worker that stops is not told that a call broke off."""
    call = asyncio.create_task(carry_out(WRITE, asyncio.Event().wait, time_out=LONG, breaker=None))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_a_late_write_does_not_leave(method):
    """The deadline is asked just before a write would leave, by the client itself."""
    async with http_client("http://127.0.0.1:9", time_out=LONG) as http:
        with sending_before(SendDeadline(time.monotonic() + 1)), pytest.raises(Transient, match="was not sent"):
            await http.request(method, "http://127.0.0.1:9")


async def test_a_late_read_may_leave():
    """Looking is allowed at any time."""
    async with http_client("http://127.0.0.1:9", time_out=LONG) as http:
        with sending_before(SendDeadline(time.monotonic() + 1)), pytest.raises(httpx.ConnectError):
            await http.get("http://127.0.0.1:9")


def test_only_encrypted_addresses_are_verified_and_spoken_to_in_http2():
    """Certificates are read for https alone, and never left out there."""
    plain, encrypted = (http_client(f"{scheme}://graph.example", time_out=LONG) for scheme in ("http", "https"))
    assert plain._transport._pool._ssl_context.check_hostname is False
    assert encrypted._transport._pool._ssl_context.check_hostname is True
    assert encrypted._transport._pool._http2


@pytest.mark.parametrize("failure", [httpx.ReadTimeout("late"), httpx.ReadError("reset"), Exception("unreadable")])
async def test_a_repeatable_write_is_sent_again_in_doubt(failure):
    """What bears a key takes effect once, however often it is sent; what was refused is not sent again for that."""
    remote = Remote(failure, Unknown("may have been applied"))
    assert await carry_out(PAGE, remote, time_out=LONG, breaker=None) == "answer"
    assert remote.calls == 3
    refused = Remote(Rejected("no"))
    with pytest.raises(Rejected):
        await carry_out(PAGE, refused, time_out=LONG, breaker=None)
    assert refused.calls == 1


async def test_a_repeatable_write_says_that_it_needs_no_look():
    """Whoever reads its error is not told of a search that nobody makes."""
    with pytest.raises(Unknown, match="same key") as caught:
        await carry_out(PAGE, Remote(*(httpx.ReadTimeout("late") for _ in range(3))), time_out=LONG, breaker=None)
    assert "looked for" not in str(caught.value)


def test_a_page_is_given_up_within_half_a_minute():
    """Three tries and the pauses between them, unless calls are bounded more narrowly anyway."""
    assert 3 * page_time_out(timedelta(seconds=75)) < timedelta(seconds=27)
    assert page_time_out(SOON) == SOON
