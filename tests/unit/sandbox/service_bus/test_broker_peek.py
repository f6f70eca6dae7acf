"""Looking into a queue without touching it."""

from datetime import timedelta

QUEUE = "incidents"


def test_peek_shows_active_locked_and_scheduled_messages_in_the_order_of_their_numbers(bench):
    """Whatever is in the queue is seen."""
    bench.send(b"locked", b"active")
    bench.receive()
    bench.send(b"scheduled", scheduled_for=bench.now + timedelta(hours=1))
    bench.send(b"last")
    peeked = bench.broker.peek(QUEUE, 0, 10)
    assert [message.content for message in peeked] == [b"locked", b"active", b"scheduled", b"last"]


def test_peek_begins_at_the_given_number(bench):
    """Pages follow each other with the last number plus one, over gaps, and end empty."""
    bench.send(*(str(number).encode() for number in range(5)))
    bench.broker.complete(QUEUE, bench.receive().lock_token)
    pages = [bench.broker.peek(QUEUE, start, 2) for start in (1, 4, 6)]
    assert [[message.sequence_number for message in page] for page in pages] == [[2, 3], [4, 5], []]


def test_peeking_is_not_receiving(bench):
    """The message can still be received, as on its first delivery."""
    bench.send(b"a")
    bench.broker.peek(QUEUE, 0, 1)
    assert bench.receive().delivery_count == 0


def test_a_count_that_makes_no_sense_shows_nothing(bench):
    """A peer's number is not trusted."""
    bench.send(b"a", b"b")
    assert bench.broker.peek(QUEUE, 0, -1) == []
