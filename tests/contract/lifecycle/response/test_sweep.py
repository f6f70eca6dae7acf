"""Timers whose messages are missing, against a real table store."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.response.response import Response
from worker.domain.response.timer import Timer, TimerKind
from worker.lifecycle.response.scheduling import TimerScheduler
from worker.lifecycle.response.sweep import TimerSweep, sweep_timers_if_it_is_our_turn
from worker.messaging.mark import Marks
from worker.storage.store_time import StoreTime
from worker.storage.stores import open_stores

NOW = datetime.now(UTC)
EARLIER = NOW - timedelta(minutes=3)


class Queue:
    """What was sent to it."""

    def __init__(self):
        self.sent = []

    async def publish(self, encoded, *, at, mark):
        del mark
        self.sent.append((encoded.event.due, encoded.message_id, at))


@pytest.fixture
async def stores(settings):
    async with open_stores(settings, owner="one") as opened:
        await opened.table.prepare()
        yield opened


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def sweep(stores, queue):
    timers = TimerScheduler(queue.publish, Marks(stores.mark_key.read_or_create))
    return TimerSweep(stores.incidents, stores.responses, timers, 60.0)


async def respond(stores, key, **timers):
    """A launched incident of which these timers are awaited."""
    incident = Incident(key=key, event=Event(title="Checkout is down", key=key), received_at=EARLIER)
    await stores.incidents.lease(incident, ())
    timers = {TimerKind(kind): Timer(epoch=3, due_at=due_at) for kind, due_at in timers.items()}
    response = Response(incident_id=incident.id, since=EARLIER, severity=2, timers=timers)
    await stores.responses.append(None, response, ())
    return incident


async def test_what_is_long_due_is_sent_again(stores, sweep, queue):
    """Under another id than the message that is missing, or the broker would drop it; nothing else is sent."""
    incident = await respond(stores, "lost", escalation=EARLIER, answer=NOW + timedelta(minutes=9))
    await respond(stores, "in time", escalation=NOW - timedelta(seconds=20))
    assert await sweep.run(NOW) == 1
    [(due, message_id, at)] = queue.sent
    assert (due.kind, due.epoch, due.due_at, at) == (TimerKind.ESCALATION, 3, EARLIER, EARLIER)
    assert message_id.startswith(f"{incident.id}:escalation:3:")
    assert message_id.rpartition(":")[2].startswith("again")


async def test_a_queue_that_is_behind_is_not_filled(stores, sweep, queue):
    """For some minutes it is the same message, of which duplicate detection leaves one; then another."""
    await respond(stores, "lost", escalation=EARLIER)
    start = datetime.fromtimestamp(NOW.timestamp() // 600 * 600, UTC)
    for minutes in (0, 1, 9, 10):
        await sweep.run(max(start + timedelta(minutes=minutes), EARLIER + timedelta(minutes=2)))
    assert len({message_id for _, message_id, _ in queue.sent}) == 2


async def test_one_worker_looks_in_each_minute(stores, sweep, queue):
    """The others leave it to that one."""
    await respond(stores, "lost", escalation=EARLIER)
    clock = StoreTime(stores.table.clock_lead)
    assert await sweep_timers_if_it_is_our_turn(sweep, stores.turns, clock)
    assert not await sweep_timers_if_it_is_our_turn(sweep, stores.turns, clock)
    assert len(queue.sent) == 1
