"""Where an event goes: the queue while it answers, the spool while it does not, and nobody waits in vain."""

import asyncio
from datetime import timedelta

import pytest
from patience import LIMIT

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import Forbidden, Misconfigured, Rejected, Throttled, Unknown, Unreachable
from worker.domain.event import Event
from worker.intake.acknowledgement import Acknowledgement
from worker.intake.publishing import Publisher
from worker.intake.spool import open_spool

EVENT = EncodedEvent.of(Event(title="x", key="k"))


class Queue:
    """Acknowledges, fails or hangs as it is told to; `trouble` is what is known of it beforehand."""

    def __init__(self):
        self.asked = 0
        self.failure = None
        self.trouble = None
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def publish(self, _event):
        self.asked += 1
        await self.go_on.wait()
        if self.failure:
            raise self.failure

    def publisher(self, spool=None):
        hasty = Acknowledgement(self.publish, patience=timedelta(milliseconds=1))
        return Publisher(self.publish, lambda: self.trouble, spool, hasty)


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
async def spool(tmp_path):
    async with open_spool(tmp_path / "spool", 1_000_000) as opened:
        yield opened


async def test_what_the_queue_takes_is_not_spooled(queue, spool):
    """A queue that answers gets the event, and the spool stays empty."""
    assert await queue.publisher(spool).publish(EVENT) is True
    assert spool.fill.events == 0


@pytest.mark.parametrize(
    "failure", [Unreachable("gone"), Throttled("busy"), Forbidden("no grant"), Misconfigured("no such queue")]
)
async def test_what_the_queue_does_not_take_is_spooled(queue, spool, failure):
    """Whatever keeps the broker from acknowledging, the event is kept."""
    queue.failure = failure
    assert await queue.publisher(spool).publish(EVENT) is False
    assert spool.fill.events == 1


@pytest.mark.parametrize("failure", [Unreachable("gone"), Throttled("busy")])
async def test_without_a_spool_the_queues_failure_is_the_answer(queue, failure):
    """As long as no spool is set, the sender hears of it and sends again."""
    queue.failure = failure
    with pytest.raises(type(failure)):
        await queue.publisher().publish(EVENT)


async def test_what_the_queue_refuses_for_good_is_not_kept(queue, spool):
    """An event that no attempt will bring into the queue is refused at once."""
    queue.failure = Rejected("too large")
    with pytest.raises(Rejected):
        await queue.publisher(spool).publish(EVENT)
    assert spool.fill.events == 0


async def test_a_queue_that_is_known_to_be_down_is_not_asked(queue, spool):
    """Nobody waits for a connection of which it is known that it does not stand."""
    queue.trouble = "The queue cannot be reached."
    assert await queue.publisher(spool).publish(EVENT) is False
    assert queue.asked == 0


async def test_a_queue_that_hangs_costs_one_sender_its_patience_and_not_all(queue, spool):
    """After the first wait in vain events go to the spool, until the queue has taken one from there."""
    queue.go_on.clear()
    publisher = queue.publisher(spool)
    assert [await publisher.publish(EVENT) for _ in range(5)] == [False] * 5
    assert queue.asked == 1
    queue.go_on.set()
    delivering = asyncio.create_task(spool.deliver(queue.publish, lambda: queue.trouble))
    async with asyncio.timeout(LIMIT):
        while spool.fill.events:
            await asyncio.sleep(0.001)
    delivering.cancel()
    assert await publisher.publish(EVENT) is True


async def test_a_hanging_queue_is_asked_again_where_the_spool_cannot_help(queue, spool):
    """With nothing in the spool nobody would ever notice that the queue answers again."""
    queue.go_on.clear()
    spool.limit = 0
    publisher = queue.publisher(spool)
    with pytest.raises(Throttled):
        await publisher.publish(EVENT)
    queue.go_on.set()
    assert await publisher.publish(EVENT) is True


async def test_a_queue_that_hangs_without_a_spool_is_unknown(queue):
    """Whether the queue will have the event nobody can say."""
    queue.go_on.clear()
    with pytest.raises(Unknown):
        await queue.publisher().publish(EVENT)
    queue.go_on.set()


async def test_a_spool_with_room_is_ready(queue, spool):
    """An intake that can keep events is ready whatever the queue does, and says what it keeps."""
    queue.trouble = "The queue cannot be reached."
    publisher = queue.publisher(spool)
    assert (publisher.why_not_ready(), publisher.spooled()) == (None, {})
    await publisher.publish(EVENT)
    assert publisher.spooled() == {"spooled": f"1 event, {len(EVENT.body)} of 1,000,000 bytes"}


async def test_without_room_or_spool_readiness_is_the_queues(queue, spool):
    """An intake that would refuse the next event is not ready, and says why."""
    queue.trouble = "The queue cannot be reached."
    spool.limit = 100
    assert queue.publisher().why_not_ready() == queue.trouble
    assert "no room" in queue.publisher(spool).why_not_ready()
    queue.trouble = None
    assert queue.publisher(spool).why_not_ready() is None
