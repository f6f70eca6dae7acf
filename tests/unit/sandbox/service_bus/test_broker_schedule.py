"""Messages for later."""

from datetime import timedelta

import pytest

from worker.sandbox.service_bus.broker import Incoming, MessageNotFound, State

QUEUE = "incidents"
HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)


@pytest.fixture(params=["send", "schedule"])
def schedule(request, bench):
    """Both ways to schedule: the property of a sent message, and the request to the management node."""

    def schedule(content, after):
        [number] = getattr(bench.broker, request.param)(QUEUE, [Incoming(content, scheduled_for=bench.now + after)])
        return number

    return schedule


def test_a_scheduled_message_is_invisible_to_receivers_and_visible_to_peek(bench, schedule):
    """Until its time comes it can only be looked at."""
    number = schedule(b"a", HOUR)
    waiting = bench.receiver(credit=1)
    bench.advance(HOUR - MOMENT)
    assert waiting.deliveries == []
    [peeked] = bench.broker.peek(QUEUE, 0, 10)
    assert (peeked.sequence_number, peeked.state) == (number, State.SCHEDULED)


def test_a_scheduled_message_is_delivered_when_its_time_comes(bench, schedule):
    """It enters the queue at that moment: behind those already there, under a new number, enqueued then."""
    number = schedule(b"late", HOUR / 2)
    bench.send(b"early")
    bench.advance(HOUR / 2)
    receiver = bench.receiver(credit=2)
    late = receiver.deliveries[1]
    assert receiver.contents == [b"early", b"late"]
    assert late.sequence_number > receiver.deliveries[0].sequence_number > number
    assert late.enqueued_sequence_number == late.sequence_number
    assert (late.state, late.enqueued_at, late.delivery_count) == (State.ACTIVE, bench.now, 0)


def test_messages_due_at_the_same_moment_come_in_the_order_in_which_they_were_scheduled(bench, schedule):
    """Their numbers decide, not chance."""
    contents = [str(number).encode() for number in range(20)]
    for content in contents:
        schedule(content, HOUR)
    bench.advance(HOUR)
    assert bench.receiver(credit=20).contents == contents


@pytest.mark.parametrize("after", [-HOUR, timedelta(0)])
def test_a_time_that_has_come_means_now(bench, schedule, after):
    """Whoever schedules for the past, or this very moment, has sent: a waiting receiver is served at once."""
    waiting = bench.receiver(credit=1)
    schedule(b"a", after)
    assert waiting.contents == [b"a"]


def test_the_broker_wakes_for_what_is_scheduled(bench, schedule):
    """Next due is the time of the earliest scheduled message."""
    schedule(b"later", 2 * HOUR)
    schedule(b"a", HOUR)
    assert bench.broker.next_due() == bench.now + HOUR


def test_a_cancelled_message_never_comes(bench, schedule):
    """It is gone at once; the others stay."""
    numbers = [schedule(content, HOUR) for content in (b"a", b"b", b"c")]
    bench.broker.cancel(QUEUE, [numbers[0], numbers[2]])
    bench.advance(HOUR)
    assert bench.receiver(credit=3).contents == [b"b"]


def test_a_message_is_cancelled_once(bench, schedule):
    """The second time there is nothing under that number."""
    number = schedule(b"a", HOUR)
    bench.broker.cancel(QUEUE, [number])
    with pytest.raises(MessageNotFound, match=str(number)):
        bench.broker.cancel(QUEUE, [number])


def test_cancelling_is_all_or_nothing(bench, schedule):
    """One unknown number, and every message stays."""
    number = schedule(b"a", HOUR)
    with pytest.raises(MessageNotFound, match="Nothing was cancelled"):
        bench.broker.cancel(QUEUE, [number, 999])
    bench.advance(HOUR)
    assert bench.receive().content == b"a"


def test_a_message_that_has_come_cannot_be_cancelled(bench, schedule):
    """Its old number names nothing, and its new one no scheduled message; a tick makes no difference."""
    number = schedule(b"a", HOUR)
    bench.now += HOUR
    with pytest.raises(MessageNotFound):
        bench.broker.cancel(QUEUE, [number])
    [active] = bench.broker.peek(QUEUE, 0, 1)
    with pytest.raises(MessageNotFound):
        bench.broker.cancel(QUEUE, [active.sequence_number])


def test_the_time_to_live_begins_when_the_message_enters_the_queue(bench):
    """Waiting for its time does not age a message."""
    bench.send(b"a", scheduled_for=bench.now + 10 * HOUR, time_to_live=HOUR)
    bench.advance(10 * HOUR)
    assert bench.receive().expires_at == bench.now + HOUR
