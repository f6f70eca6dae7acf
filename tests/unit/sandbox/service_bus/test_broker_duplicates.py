"""Duplicate detection: the same message id within the window is the same message."""

from datetime import timedelta

import pytest

from worker.sandbox.service_bus.broker import Incoming

QUEUE = "incidents"
WINDOW = timedelta(minutes=5)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def bench(make_bench):
    return make_bench(
        requires_duplicate_detection=True,
        duplicate_detection_window=WINDOW,
        default_time_to_live=timedelta(days=1),
        lock_duration=WINDOW,
    )


def contents(bench):
    return [message.content for message in bench.broker.peek(QUEUE, 0, 100)]


def test_a_second_message_with_the_same_id_is_dropped_and_answered_as_sent(bench):
    """The sender cannot tell; it gets the number of the message that it repeated."""
    first = bench.send(b"a", message_id="m-1")
    assert bench.send(b"again", message_id="m-1") == first
    assert contents(bench) == [b"a"]


def test_duplicates_within_one_batch_are_dropped(bench):
    """One call is no exception."""
    bench.broker.send(QUEUE, [Incoming(b"a", "m-1"), Incoming(b"b", "m-2"), Incoming(b"c", "m-1")])
    assert contents(bench) == [b"a", b"b"]


def test_an_id_may_be_used_again_after_the_window(bench):
    """The window counts from the first send, whatever was dropped since, and ends on the moment."""
    bench.send(b"a", message_id="m-1")
    bench.advance(WINDOW - MOMENT)
    bench.send(b"dropped", message_id="m-1")
    bench.advance(MOMENT)
    bench.send(b"b", message_id="m-1")
    assert contents(bench) == [b"a", b"b"]


def test_an_id_is_remembered_when_its_message_is_gone(bench):
    """Detection looks at sends: completing the first does not let the second in."""
    bench.send(b"a", message_id="m-1")
    bench.broker.complete(QUEUE, bench.receive().lock_token)
    bench.send(b"b", message_id="m-1")
    assert bench.is_empty()


def test_scheduled_messages_take_part_when_they_are_scheduled(bench):
    """A scheduled one drops a later send, a sent one drops a later schedule."""
    [number] = bench.broker.schedule(QUEUE, [Incoming(b"a", "m-1", scheduled_for=bench.now + timedelta(hours=1))])
    assert bench.send(b"b", message_id="m-1") == [number]
    bench.send(b"c", message_id="m-2")
    bench.broker.schedule(QUEUE, [Incoming(b"d", "m-2", scheduled_for=bench.now + timedelta(hours=1))])
    assert contents(bench) == [b"a", b"c"]


def test_a_scheduled_message_comes_although_its_id_is_known(bench):
    """Its time coming is no second send."""
    bench.broker.schedule(QUEUE, [Incoming(b"a", "m-1", scheduled_for=bench.now + WINDOW / 2)])
    bench.advance(WINDOW / 2)
    assert bench.receive().content == b"a"


def test_redelivery_is_no_duplicate(bench):
    """An abandoned message, and one whose lock has ended, come again within the window."""
    bench.send(b"a", message_id="m-1")
    bench.broker.abandon(QUEUE, bench.receive().lock_token)
    bench.broker.renew(QUEUE, bench.receive().lock_token)
    bench.advance(WINDOW)
    assert bench.receive().delivery_count == 2


@pytest.mark.parametrize("message_id", [None, ""])
def test_messages_without_an_id_are_never_duplicates(bench, message_id):
    """No id says nothing about sameness."""
    bench.send(b"a", message_id=message_id)
    bench.send(b"b", message_id=message_id)
    assert contents(bench) == [b"a", b"b"]


def test_ids_are_compared_exactly(bench):
    """Case counts, unlike in the names of queues."""
    bench.send(b"a", message_id="m-1")
    bench.send(b"b", message_id="M-1")
    assert contents(bench) == [b"a", b"b"]


def test_a_queue_without_detection_takes_every_message(make_bench):
    """Only a queue that is set so looks at ids."""
    bench = make_bench()
    bench.send(b"a", b"b", message_id="m-1")
    assert contents(bench) == [b"a", b"b"]
