"""What is tried again, how often, and after how long a wait."""

import asyncio
from datetime import timedelta

import pytest

from worker.domain.errors import Forbidden, Held, Misconfigured, Rejected, Throttled, Transient, Unknown, Unreachable
from worker.resilience import retrying
from worker.resilience.retrying import retry_transient

BUSY = Throttled("Busy.", retry_after=timedelta(seconds=7))
AWAY = Unreachable("Away.")


@pytest.fixture
def waits(monkeypatch):
    """The seconds of every wait, which nobody waits for."""
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(retrying, "backoff", lambda attempt: timedelta(seconds=attempt))
    return waited


class Remote:
    """Fails as it is told to, and answers then."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.calls = 0

    async def __call__(self):
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


async def test_what_passes_is_tried_again_after_a_growing_wait(waits):
    """Two failures are outlasted, and the answer of the third attempt is the answer."""
    assert await retry_transient(Remote(AWAY, AWAY)) == "answer"
    assert waits == [1, 2]


async def test_the_wait_that_is_asked_for_is_kept(waits):
    """Who says when another attempt makes sense is not asked before."""
    assert await retry_transient(Remote(BUSY, AWAY)) == "answer"
    assert waits == [7, 2]


async def test_the_last_failure_is_raised(waits):
    """After three attempts there is no fourth, and no wait for one."""
    remote = Remote(AWAY, AWAY, BUSY, AWAY)
    with pytest.raises(Throttled):
        await retry_transient(remote)
    assert (remote.calls, waits) == (3, [1, 2])


@pytest.mark.parametrize(
    "failure", [Held("Held."), Unknown("?"), Forbidden("No."), Misconfigured("No."), Rejected("No."), KeyError("ours")]
)
async def test_what_does_not_pass_is_not_tried_again(failure, waits):
    """What another worker holds, what is in doubt and what is refused is for the caller to decide."""
    remote = Remote(failure)
    with pytest.raises(type(failure)):
        await retry_transient(remote)
    assert (remote.calls, waits) == (1, [])


async def test_attempts_can_be_without_end(waits):
    """Whoever cannot do without it waits for as long as it takes."""
    remote = Remote(*[AWAY] * 50)
    assert await retry_transient(remote, attempts=None) == "answer"
    assert remote.calls == 51


@pytest.mark.usefixtures("waits")
async def test_each_failure_that_is_not_the_last_is_told():
    """Who asked hears of every failure before the wait for the next attempt, with its number."""
    told = []
    with pytest.raises(Transient):
        await retry_transient(Remote(AWAY, BUSY, AWAY), on_retry=lambda *heard: told.append(heard))
    assert told == [(AWAY, 1), (BUSY, 2)]


async def test_a_cancelled_wait_ends_the_attempts():
    """A stop is not outlasted."""
    remote = Remote(*[Unreachable("Away.", retry_after=timedelta(hours=1))] * 2)
    trying = asyncio.create_task(retry_transient(remote))
    async with asyncio.timeout(10):
        while not remote.calls:
            await asyncio.sleep(0)
        trying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trying
    assert remote.calls == 1
