"""The reminder that what an incident's alerts have come to is to be told: one in each interval, after its end."""

from datetime import UTC, datetime, timedelta

import pytest
from marked import MARKS

from worker.domain.errors import Unreachable
from worker.domain.event import EventType
from worker.domain.incident import incident_id
from worker.lifecycle.reminders import ReminderScheduler

EVERY = timedelta(seconds=15)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Queue:
    """Takes what is published, and may be away."""

    def __init__(self):
        self.sent = []
        self.away = False

    async def publish(self, encoded, *, at, mark):
        assert mark == await MARKS.make(encoded.body)
        if self.away:
            raise Unreachable("away")
        self.sent.append((encoded.event, encoded.message_id, at))


@pytest.fixture
def queue():
    return Queue()


def at(seconds):
    return lambda: NOON + timedelta(seconds=seconds)


async def test_the_reminder_comes_after_the_end_of_its_interval(queue):
    """Whatever was kept within it is there by then, also where our idea of the broker's time is a little behind."""
    await ReminderScheduler(queue.publish, EVERY, MARKS).remind("k", at(14.9))
    [(event, message_id, due)] = queue.sent
    assert (event.type, event.key) == (EventType.SUMMARY_DUE, "k")
    assert message_id.startswith(f"{incident_id('k')}:summary:")
    assert due - NOON == timedelta(seconds=17)


async def test_what_was_told_before_the_reminder_is_due_does_not_spare_it(queue):
    """Until then alerts of its interval may still be kept, by whoever is behind the broker's time."""
    await ReminderScheduler(queue.publish, EVERY, MARKS).remind("k", at(14.9))
    [(event, _, due)] = queue.sent
    assert event.received_at == due


async def test_within_an_interval_all_workers_send_the_same_message(queue):
    """So that duplicate detection leaves one; whoever has sent it does not send it again."""
    for telling in (
        one := ReminderScheduler(queue.publish, EVERY, MARKS),
        ReminderScheduler(queue.publish, EVERY, MARKS),
        one,
    ):
        await telling.remind("k", at(3))
    assert len(queue.sent) == 2
    assert len({message_id for _, message_id, _ in queue.sent}) == 1


async def test_the_next_interval_has_a_reminder_of_its_own(queue):
    """What is kept after the end may have come too late for the one before."""
    telling = ReminderScheduler(queue.publish, EVERY, MARKS)
    for seconds in (14.9, 15):
        await telling.remind("k", at(seconds))
    assert len({message_id for _, message_id, _ in queue.sent}) == 2


async def test_each_incident_has_its_own(queue):
    """A reminder of one reminds of no other."""
    telling = ReminderScheduler(queue.publish, EVERY, MARKS)
    for key in ("k", "l"):
        await telling.remind(key, at(0))
    assert len({message_id for _, message_id, _ in queue.sent}) == 2


async def test_what_the_broker_did_not_take_is_sent_again(queue):
    """Only what was sent is remembered as sent."""
    telling = ReminderScheduler(queue.publish, EVERY, MARKS)
    queue.away = True
    with pytest.raises(Unreachable):
        await telling.remind("k", at(0))
    queue.away = False
    await telling.remind("k", at(1))
    assert len(queue.sent) == 1
