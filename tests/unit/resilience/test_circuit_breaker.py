"""A breaker opens on silence, lets one probe through at a time, and closes on any answer."""

import asyncio
from datetime import timedelta

import pytest
from patience import LIMIT
from settable_clock import SettableClock

from worker.domain.errors import Forbidden, Held, Throttled, TocsinError, Transient, Unknown, Unreachable
from worker.resilience.circuit_breaker import Breaker, State

PAUSE = timedelta(seconds=15)


@pytest.fixture
def clock():
    return SettableClock(100.0)


@pytest.fixture
def breaker(clock):
    return Breaker("boards", pause=PAUSE, failures=3, clock=clock)


def call(breaker, error=None):
    """What came of one call: the error that its caller saw."""
    try:
        with breaker.guard():
            if error:
                raise error
    except TocsinError as seen:
        return seen
    return None


def fail(breaker, times=3, kind=Unreachable):
    return [call(breaker, kind("no answer")) for _ in range(times)]


@pytest.mark.parametrize("kind", [Unreachable, Unknown])
def test_it_opens_after_so_many_calls_without_an_answer(breaker, kind):
    """Silence and unknown outcomes in a row open it, one less does not."""
    fail(breaker, 2, kind)
    assert breaker.state is State.CLOSED
    fail(breaker, 1, kind)
    assert breaker.state is State.OPEN


def test_an_answer_between_failures_starts_the_count_anew(breaker):
    """Four failures with a success among them are no outage."""
    fail(breaker, 2)
    call(breaker)
    fail(breaker, 2)
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("refusal", [Throttled("slow"), Forbidden("no right"), Held("later")])
def test_a_refusal_is_an_answer(breaker, refusal):
    """Whoever refuses is there."""
    fail(breaker, 2)
    call(breaker, refusal)
    fail(breaker, 2)
    assert breaker.state is State.CLOSED


def test_a_deadline_of_our_own_says_nothing(breaker):
    """A request that was not sent neither counts as silence nor as an answer."""
    fail(breaker, 2)
    call(breaker, Transient("The request was not sent."))
    fail(breaker, 1)
    assert breaker.state is State.OPEN


def test_while_open_a_call_is_not_made(breaker):
    """The caller hears at once that nothing was sent, when to come back, and that it is nobody's fault."""
    fail(breaker)
    made = []
    told = "this one was not made; boards is tried again every 15 s"
    with pytest.raises(Unreachable, match=told) as raised, breaker.guard():
        made.append("a call")
    assert made == []
    assert raised.value.retry_after == PAUSE
    assert raised.value.outage


def test_only_the_failures_of_an_open_breaker_are_an_outage(breaker):
    """The failures that led to it count for the incident; the one that opened it does not."""
    assert [error.outage for error in fail(breaker)] == [False, False, True]


def test_after_the_pause_one_probe_goes_through(breaker, clock):
    """While the probe is out the others still fail at once."""
    fail(breaker)
    clock.now += PAUSE.total_seconds()
    with breaker.guard():
        assert breaker.state is State.HALF_OPEN
        refused = call(breaker)
    assert isinstance(refused, Unreachable)
    assert refused.retry_after == PAUSE
    assert breaker.state is State.CLOSED


def test_a_failed_probe_opens_it_for_another_pause(breaker, clock):
    """One failure is enough then, and it is part of the outage."""
    fail(breaker)
    clock.now += PAUSE.total_seconds()
    failed = call(breaker, Unknown("lost"))
    assert failed.outage
    assert failed.retry_after == PAUSE
    assert breaker.state is State.OPEN
    assert call(breaker).retry_after == PAUSE


def test_a_probe_that_is_cancelled_lets_the_next_call_be_one(breaker, clock):
    """A worker that stops in the middle of its probe leaves nothing half open."""
    fail(breaker)
    clock.now += PAUSE.total_seconds()
    with pytest.raises(asyncio.CancelledError), breaker.guard():
        raise asyncio.CancelledError
    assert call(breaker) is None
    assert breaker.state is State.CLOSED


def test_a_late_answer_to_an_earlier_call_closes_it(breaker):
    """Who answers is there, whenever the question was asked."""
    with breaker.guard():
        fail(breaker)
        assert breaker.state is State.OPEN
    assert breaker.state is State.CLOSED


def test_who_counts_can_be_said(clock):
    """For the table of incidents a refusal is as bad as silence."""
    tables = Breaker("tables", failures=2, counts=lambda error: not isinstance(error, Held), clock=clock)
    fail(tables, 2, Forbidden)
    assert tables.state is State.OPEN


async def test_waiting_for_a_closed_one_takes_no_time(breaker):
    """Nothing holds up those who ask before every call."""
    await asyncio.wait_for(breaker.wait_until_passable(), LIMIT)


async def test_who_waits_goes_on_when_it_closes(breaker):
    """The answer to another call ends the wait, long before the next probe."""
    with breaker.guard():
        fail(breaker)
        waiting = asyncio.create_task(breaker.wait_until_passable())
        await asyncio.sleep(0)
        assert not waiting.done()
    await asyncio.wait_for(waiting, LIMIT)


async def test_who_waits_goes_on_when_a_probe_is_due():
    """By the real clock, with a pause that a test can wait out."""
    breaker = Breaker("boards", pause=timedelta(milliseconds=20), failures=1)
    fail(breaker, 1)
    await asyncio.wait_for(breaker.wait_until_passable(), LIMIT)
    assert call(breaker) is None
