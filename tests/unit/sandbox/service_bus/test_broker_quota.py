"""A queue has an end."""

import pytest

from worker.sandbox.service_bus.broker import Incoming, QuotaExceeded

QUEUE = "incidents"
DEAD_LETTERS = "incidents/$deadletterqueue"


@pytest.fixture
def bench(make_bench):
    return make_bench(max_size_bytes=10)


def test_a_full_queue_refuses_and_stores_nothing_of_the_batch(bench):
    """The error says how full it is, and the part of the batch that would have fitted is not kept."""
    bench.send(b"12345678")
    with pytest.raises(QuotaExceeded, match="hold 8 of 10 bytes; 3 more"):
        bench.broker.send(QUEUE, [Incoming(b"1"), Incoming(b"12")])
    assert len(bench.broker.peek(QUEUE, 0, 10)) == 1


def test_a_queue_can_be_filled_to_the_last_byte(bench):
    """The limit itself is allowed."""
    bench.send(b"12345", b"67890")
    assert len(bench.broker.peek(QUEUE, 0, 10)) == 2


def test_completing_makes_room(bench):
    """What is gone weighs nothing."""
    bench.send(b"1234567890")
    bench.broker.complete(QUEUE, bench.receive().lock_token)
    bench.send(b"1234567890")


def test_dead_letters_weigh_until_they_are_completed(bench):
    """They are part of the queue, as in the real service."""
    bench.send(b"1234567890")
    bench.broker.dead_letter(QUEUE, bench.receive().lock_token, None, None)
    with pytest.raises(QuotaExceeded, match="clear the dead letters"):
        bench.send(b"1")
    bench.broker.complete(DEAD_LETTERS, bench.receive(DEAD_LETTERS).lock_token)
    bench.send(b"1234567890")
