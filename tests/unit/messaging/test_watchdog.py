"""The watchdog barks when no slot hears from the queue any more, and at nothing else."""

import asyncio
import time
from datetime import timedelta

import pytest
from patience import LIMIT
from settable_clock import SettableClock

from worker.messaging.poll_status import ReceiverStatus
from worker.messaging.watchdog import PollsStopped, stopped, watch
from worker.observability.heartbeat import Heartbeat

PATIENCE = timedelta(minutes=5)


@pytest.fixture
def clock():
    return SettableClock(0.0)


@pytest.fixture
def slots(clock):
    return [ReceiverStatus(f"slot {number}", clock=clock) for number in range(2)]


def test_silence_since_the_first_failure_is_measured(slots, clock):
    """Failures go on for longer than the patience, and nobody got through."""
    slots[0].succeeded()
    slots[0].failed()
    clock.now += 299
    slots[0].failed()
    assert not stopped(slots, PATIENCE)
    clock.now += 2
    assert stopped(slots, PATIENCE)


def test_a_worker_that_never_heard_anything_is_stopped_too(slots, clock):
    """The queue was silent from the start."""
    slots[0].failed()
    clock.now += 301
    assert stopped(slots, PATIENCE)


def test_another_slot_that_hears_is_enough(slots, clock):
    """One slot that cannot get through is no reason to end the others' work."""
    slots[0].failed()
    clock.now += 400
    slots[1].succeeded()
    assert not stopped(slots, PATIENCE)


def test_slots_that_do_not_poll_are_no_silence(slots, clock):
    """All are busy with long launches, or paused: no poll failed, so nothing is wrong with the queue."""
    for slot in slots:
        slot.succeeded()
    clock.now += 4_000
    assert not stopped(slots, PATIENCE)


def test_one_success_forgives_all_failures(slots, clock):
    """What counts is the time since the last poll that got through."""
    slots[0].failed()
    clock.now += 299
    slots[0].succeeded()
    clock.now += 299
    slots[0].failed()
    assert not stopped(slots, PATIENCE)
    assert slots[0].failures == 1


async def test_it_ends_with_a_sentence(slots, clock):
    """Whoever finds the worker ended reads for how long it tried and what to look at."""
    slots[0].failed()
    clock.now += 2
    with pytest.raises(PollsStopped, match="No poll of the queue has succeeded for 1 s, and 1 attempts to reconnect"):
        await asyncio.wait_for(watch(slots, timedelta(seconds=1)), LIMIT)


async def test_the_heart_beats_while_the_loop_turns():
    """Its age is small as soon as the loop has had a turn; nobody has to beat it by hand."""
    heart = Heartbeat()
    heart.at -= 100
    assert heart.age > timedelta(seconds=99)
    began = time.monotonic()
    beating = asyncio.create_task(heart.beat())
    await asyncio.sleep(0)
    assert heart.age <= timedelta(seconds=time.monotonic() - began)
    beating.cancel()
