"""How long a store that does not answer is asked again."""

import asyncio
import time
from datetime import timedelta

import pytest

from worker.domain.errors import Forbidden, Throttled, Transient, Unreachable
from worker.storage import retrying
from worker.storage.retrying import retry_until, seconds_to_wait


class Clock:
    """A clock that moves by sleeping."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(retrying, "time", clock)
    monkeypatch.setattr(asyncio, "sleep", clock.sleep)
    return clock


async def test_a_store_that_is_away_is_asked_until_the_time_is_over(clock):
    """The last failure is raised at the end of the time, and not before."""
    asked = []

    async def ask():
        asked.append(clock.now)
        raise Unreachable("Away.")

    with pytest.raises(Unreachable):
        await retry_until(101.0, ask)
    assert asked == pytest.approx([100.0, 100.2, 100.4, 100.6, 100.8, 101.0], abs=0.01)


async def test_an_answer_ends_it(clock):
    """What the store answers is the answer."""
    failures = [Transient("No answer came."), Throttled("Busy.")]

    async def ask():
        if failures:
            raise failures.pop()
        return "row"

    assert await retry_until(200.0, ask) == "row"
    assert clock.now == pytest.approx(100.4)


@pytest.mark.usefixtures("clock")
async def test_a_refusal_is_not_asked_again():
    """What will not pass is raised at once."""
    failures = [Forbidden("No grant.")]

    async def ask():
        raise failures.pop()

    with pytest.raises(Forbidden):
        await retry_until(200.0, ask)


@pytest.mark.parametrize(
    ("asked", "left", "wait"),
    [(None, 10, 0.2), (timedelta(seconds=3), 10, 3), (timedelta(seconds=30), 10, 10), (timedelta(), 10, 0.2)],
)
def test_a_store_that_asks_for_patience_is_given_it_while_there_is_time(asked, left, wait):
    """The wait is what the store asks for, and never beyond the end."""
    error = Throttled("Busy.", retry_after=asked)
    assert seconds_to_wait(error, time.monotonic() + left) == pytest.approx(wait, abs=0.1)
