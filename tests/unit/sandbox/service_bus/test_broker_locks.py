"""What a lock is worth: to whom it belongs, how long it lasts, and what is counted when it ends."""

from datetime import timedelta
from uuid import uuid4

import pytest

from worker.sandbox.service_bus.broker import LockLost

QUEUE = "incidents"
LOCK = timedelta(seconds=30)
MOMENT = timedelta(microseconds=1)


def test_a_locked_message_is_delivered_to_nobody_else(bench):
    """While one receiver holds it, another waits."""
    bench.send(b"a")
    bench.receive()
    assert bench.receiver(credit=1).deliveries == []


def test_a_completed_message_is_gone(bench):
    """Neither peek nor time brings it back."""
    bench.send(b"a")
    bench.broker.complete(QUEUE, bench.receive().lock_token)
    bench.advance(LOCK)
    assert bench.is_empty()


def test_an_abandoned_message_returns_to_its_place_in_front(bench):
    """It is delivered before messages that came after it, at once, as a failed delivery."""
    bench.send(b"a", b"b")
    bench.broker.abandon(QUEUE, bench.receive().lock_token)
    again = bench.receive()
    assert (again.content, again.delivery_count) == (b"a", 1)


def test_an_abandoned_message_goes_to_a_waiting_receiver_at_once(bench):
    """Nobody has to ask again."""
    bench.send(b"a")
    held = bench.receive()
    waiting = bench.receiver(credit=1)
    bench.broker.abandon(QUEUE, held.lock_token)
    assert waiting.contents == [b"a"]


def test_a_released_message_does_not_count_as_failed(bench):
    """A receiver that gives back what it never looked at costs the message nothing."""
    bench.send(b"a")
    bench.broker.release(QUEUE, bench.receive().lock_token)
    assert bench.receive().delivery_count == 0


def test_a_lock_that_ends_counts_as_a_failed_delivery(bench):
    """At the end of the lock, and not before, the message is ready again with one delivery more on it."""
    bench.send(b"a")
    bench.receive()
    waiting = bench.receiver(credit=1)
    bench.advance(LOCK - MOMENT)
    assert waiting.deliveries == []
    bench.advance(MOMENT)
    assert [delivery.delivery_count for delivery in waiting.deliveries] == [1]


def test_every_delivery_has_a_token_of_its_own(bench):
    """An old token opens nothing after the message was delivered again."""
    bench.send(b"a")
    first = bench.receive()
    bench.broker.abandon(QUEUE, first.lock_token)
    second = bench.receive()
    assert first.lock_token != second.lock_token
    with pytest.raises(LockLost):
        bench.broker.complete(QUEUE, first.lock_token)
    bench.broker.complete(QUEUE, second.lock_token)


def test_renewing_moves_the_end_of_the_lock_and_keeps_its_token(bench):
    """The lock lasts a whole lock duration from the renewal, under the same token."""
    bench.send(b"a")
    held = bench.receive()
    bench.advance(timedelta(seconds=20))
    assert bench.broker.renew(QUEUE, held.lock_token) == bench.now + LOCK
    bench.advance(LOCK - MOMENT)
    [peeked] = bench.broker.peek(QUEUE, 0, 1)
    assert peeked.lock_token == held.lock_token
    bench.broker.complete(QUEUE, held.lock_token)


def test_a_renewed_lock_ends_too(bench):
    """One renewal is one more lock duration, not more."""
    bench.send(b"a")
    held = bench.receive()
    bench.broker.renew(QUEUE, held.lock_token)
    bench.advance(LOCK)
    assert bench.receive().delivery_count == 1


@pytest.mark.parametrize("settle", ["complete", "abandon", "release", "renew"])
def test_what_comes_after_the_end_of_the_lock_comes_too_late(bench, settle):
    """Even when no tick has passed since, a late settlement is refused and changes nothing."""
    bench.send(b"a")
    held = bench.receive()
    bench.now += LOCK
    with pytest.raises(LockLost, match=str(held.lock_token)):
        getattr(bench.broker, settle)(QUEUE, held.lock_token)
    assert bench.receive().delivery_count == 1


@pytest.mark.parametrize("settle", ["complete", "abandon", "release", "renew"])
def test_a_settled_message_is_settled_once(bench, settle):
    """The second settlement learns that the lock is gone."""
    bench.send(b"a")
    held = bench.receive()
    bench.broker.complete(QUEUE, held.lock_token)
    with pytest.raises(LockLost):
        getattr(bench.broker, settle)(QUEUE, held.lock_token)


def test_a_late_dead_lettering_is_refused(bench):
    """The message is delivered again instead."""
    bench.send(b"a")
    held = bench.receive()
    bench.advance(LOCK)
    with pytest.raises(LockLost):
        bench.broker.dead_letter(QUEUE, held.lock_token, "Undecodable", "It is no event.")
    assert bench.dead_letters() == []


def test_a_late_settlement_gives_the_message_to_whoever_waits(bench):
    """The call that is refused still lets time do its work, though nobody has ticked."""
    bench.send(b"a")
    held = bench.receive()
    waiting = bench.receiver(credit=1)
    bench.now += LOCK
    with pytest.raises(LockLost):
        bench.broker.complete(QUEUE, held.lock_token)
    assert waiting.contents == [b"a"]


def test_a_lock_survives_the_receiver_that_took_it(bench):
    """It belongs to the queue: after the connection is lost, the token still settles, from anywhere."""
    bench.send(b"a")
    receiver = bench.receiver(credit=1)
    bench.broker.unsubscribe(receiver)
    assert bench.receiver(credit=1).deliveries == []
    bench.broker.complete(QUEUE, receiver.deliveries[0].lock_token)
    assert bench.is_empty()


def test_a_token_of_nobody_is_lost(bench):
    """A token that the broker never gave out is answered like an old one."""
    with pytest.raises(LockLost):
        bench.broker.complete(QUEUE, uuid4())


def test_the_broker_says_when_it_has_something_to_do(bench):
    """Next due is the end of the earliest lock, follows renewals, and is nothing when all is settled."""
    assert bench.broker.next_due() is None
    bench.send(b"a")
    held = bench.receive()
    assert bench.broker.next_due() == held.locked_until
    bench.advance(timedelta(seconds=10))
    renewed_until = bench.broker.renew(QUEUE, held.lock_token)
    assert bench.broker.next_due() == renewed_until > held.locked_until
    bench.broker.complete(QUEUE, held.lock_token)
    assert bench.broker.next_due() is None
