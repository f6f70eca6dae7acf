"""A queue that hangs: the sender is answered in time, and nothing is broken or lost."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
import structlog

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import Throttled, Unknown, Unreachable
from worker.domain.event import Event
from worker.intake.acknowledgement import Acknowledgement

EVENT = EncodedEvent.of(Event(title="x", key="k"))
SHORT = timedelta(milliseconds=1)


class SlowQueue:
    """Acknowledges, or fails, when it is told to."""

    def __init__(self):
        self.published = []
        self.go_on = asyncio.Event()
        self.failure = None

    async def publish(self, event):
        await self.go_on.wait()
        if self.failure:
            raise self.failure
        self.published.append(event)


@pytest.fixture
def queue():
    return SlowQueue()


async def logged(lines, name):
    async with asyncio.timeout(10):
        while name not in [line["event"] for line in lines]:
            await asyncio.sleep(0)


async def test_an_acknowledgement_in_time_is_success(queue):
    """A queue that answers leaves nothing to say."""
    queue.go_on.set()
    await Acknowledgement(queue.publish).publish_within(EVENT)
    assert queue.published == [EVENT]


async def test_the_queues_own_failure_is_passed_on(queue):
    """What the queue says about why it failed reaches the front door unchanged."""
    queue.go_on.set()
    queue.failure = Unreachable("nobody there")
    with pytest.raises(Unreachable, match="nobody there"):
        await Acknowledgement(queue.publish).publish_within(EVENT)


async def test_a_slow_queue_is_not_waited_for_and_not_interrupted(queue):
    """The outcome is unknown to the sender, and the send goes on to its end."""
    with structlog.testing.capture_logs() as lines:
        with pytest.raises(Unknown):
            await Acknowledgement(queue.publish, patience=SHORT).publish_within(EVENT)
        queue.go_on.set()
        await logged(lines, "intake.late")
    assert queue.published == [EVENT]


@pytest.mark.parametrize("failure", [Unreachable("gone"), ZeroDivisionError("a fault of ours")])
async def test_a_late_failure_is_told_to_the_operator(queue, failure):
    """A failure that nobody waits for any more is in the log."""
    queue.failure = failure
    with structlog.testing.capture_logs() as lines:
        with pytest.raises(Unknown):
            await Acknowledgement(queue.publish, patience=SHORT).publish_within(EVENT)
        queue.go_on.set()
        await logged(lines, "intake.late")
    assert lines[-1]["log_level"] in {"warning", "error"}


async def test_behind_a_queue_that_hangs_no_crowd_gathers(queue):
    """Beyond a number of waiting events the next is refused at once, and taken again when the queue moves."""
    acknowledgement = Acknowledgement(queue.publish, patience=SHORT, at_once=2)
    for _ in range(2):
        with pytest.raises(Unknown):
            await acknowledgement.publish_within(EVENT)
    with pytest.raises(Throttled):
        await acknowledgement.publish_within(EVENT)
    queue.go_on.set()
    async with asyncio.timeout(10):
        while len(queue.published) < 3:
            await asyncio.sleep(0)
            with suppress(Throttled):
                await acknowledgement.publish_within(EVENT)
