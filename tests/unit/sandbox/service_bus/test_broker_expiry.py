"""Time to live: of the message or the queue, whichever is shorter."""

from datetime import timedelta

import pytest

QUEUE = "incidents"
LOCK = timedelta(seconds=30)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("own", "of_queue", "shorter"),
    [
        (timedelta(seconds=5), timedelta(seconds=9), timedelta(seconds=5)),
        (timedelta(seconds=9), timedelta(seconds=5), timedelta(seconds=5)),
        (None, timedelta(seconds=5), timedelta(seconds=5)),
    ],
)
def test_the_shorter_time_to_live_counts(make_bench, own, of_queue, shorter):
    """Until it ends the message is there; at its end it is not."""
    bench = make_bench(default_time_to_live=of_queue)
    bench.send(b"a", time_to_live=own)
    assert bench.broker.next_due() == bench.now + shorter
    bench.advance(shorter - MOMENT)
    assert not bench.is_empty()
    bench.advance(MOMENT)
    assert bench.is_empty()


def test_an_expired_message_is_dropped_where_the_queue_says_nothing_else(bench):
    """It leaves no trace among the dead letters."""
    bench.send(b"a", time_to_live=timedelta(seconds=5))
    bench.advance(timedelta(seconds=5))
    assert (bench.is_empty(), bench.dead_letters()) == (True, [])


def test_an_expired_message_is_dead_lettered_where_the_queue_says_so(make_bench):
    """With the reason of the real service."""
    bench = make_bench(dead_lettering_on_expiration=True)
    bench.send(b"a", time_to_live=timedelta(seconds=5))
    bench.advance(timedelta(seconds=5))
    [letter] = bench.dead_letters()
    assert letter.dead_letter.reason == "TTLExpiredException"
    assert "0:00:05" in letter.dead_letter.description


def test_an_expired_message_is_delivered_to_nobody(bench):
    """Not even when credit comes before the tick."""
    bench.send(b"a", time_to_live=timedelta(seconds=5))
    bench.now += timedelta(seconds=5)
    assert bench.receiver(credit=1).deliveries == []


def test_a_locked_message_does_not_expire(bench):
    """Whoever holds it can still complete it after its time."""
    bench.send(b"a", time_to_live=timedelta(seconds=5))
    held = bench.receive()
    bench.advance(timedelta(seconds=10))
    bench.broker.complete(QUEUE, held.lock_token)


@pytest.mark.parametrize("settle", ["abandon", "release"])
def test_a_message_given_back_after_its_time_expires_at_once(make_bench, settle):
    """It is not delivered again, though somebody waits for it."""
    bench = make_bench(dead_lettering_on_expiration=True)
    bench.send(b"a", time_to_live=timedelta(seconds=5))
    held = bench.receive()
    waiting = bench.receiver(credit=1)
    bench.advance(timedelta(seconds=10))
    getattr(bench.broker, settle)(QUEUE, held.lock_token)
    assert waiting.deliveries == []
    assert [letter.dead_letter.reason for letter in bench.dead_letters()] == ["TTLExpiredException"]


def test_a_message_whose_lock_and_life_have_ended_expires(bench):
    """The end of the lock is not the start of another delivery."""
    bench.send(b"a", time_to_live=timedelta(seconds=5))
    bench.receive()
    waiting = bench.receiver(credit=1)
    bench.advance(LOCK)
    assert (waiting.deliveries, bench.is_empty()) == ([], True)


def test_the_longest_time_to_live_is_for_ever(make_bench):
    """The real service's default reaches beyond the last year of the calendar, and that is no fault."""
    bench = make_bench(default_time_to_live=timedelta(days=10_675_199))
    bench.send(b"a")
    assert (bench.broker.next_due(), bench.receive().expires_at) == (None, None)


def test_a_message_sent_without_any_time_to_live_is_dead_on_arrival(bench):
    """Zero is a time to live like any other."""
    bench.send(b"a", time_to_live=timedelta(0))
    assert bench.is_empty()
