"""How messages get among the dead letters, and what holds there."""

from datetime import timedelta

import pytest

from worker.sandbox.service_bus.broker import Counts, DeadLetter, Incoming, MessageNotFound, NotAllowed

QUEUE = "incidents"
DEAD_LETTERS = "incidents/$deadletterqueue"
LOCK = timedelta(seconds=30)


@pytest.fixture
def dead(bench):
    """A bench on which one message is dead already."""
    bench.send(b"a", message_id="m-1")
    bench.broker.dead_letter(QUEUE, bench.receive().lock_token, "Undecodable", "It is no event.")
    return bench


def fail_by_abandoning(bench):
    bench.broker.abandon(QUEUE, bench.receive().lock_token)


def fail_by_holding_too_long(bench):
    bench.receive()
    bench.advance(LOCK)


def test_a_message_is_dead_lettered_with_reason_and_description(dead):
    """It leaves the queue and stands among the dead letters with what was said of it, body intact."""
    assert dead.is_empty()
    [letter] = dead.dead_letters()
    assert (letter.content, letter.message_id) == (b"a", "m-1")
    assert letter.dead_letter == DeadLetter("Undecodable", "It is no event.", source=QUEUE)


def test_a_message_is_dead_lettered_without_a_word(bench):
    """Neither reason nor description is invented."""
    bench.send(b"a")
    bench.broker.dead_letter(QUEUE, bench.receive().lock_token, None, None)
    assert bench.dead_letters()[0].dead_letter == DeadLetter(None, None, source=QUEUE)


@pytest.mark.parametrize("fail", [fail_by_abandoning, fail_by_holding_too_long])
@pytest.mark.parametrize("allowed", [1, 3])
def test_the_last_allowed_failure_kills(make_bench, allowed, fail):
    """At exactly as many failed deliveries as the queue allows, and not one before, the message is dead."""
    bench = make_bench(max_delivery_count=allowed)
    bench.send(b"a")
    for _ in range(allowed):
        assert bench.dead_letters() == []
        fail(bench)
    [letter] = bench.dead_letters()
    assert (letter.dead_letter.reason, letter.delivery_count) == ("MaxDeliveryCountExceeded", allowed)
    assert f"delivered {allowed} times" in letter.dead_letter.description
    assert bench.is_empty()


def test_releasing_never_kills(make_bench):
    """What is not counted does not add up."""
    bench = make_bench(max_delivery_count=1)
    bench.send(b"a")
    for _ in range(5):
        bench.broker.release(QUEUE, bench.receive().lock_token)
    assert bench.receive().delivery_count == 0


@pytest.mark.parametrize("settle", ["abandon", "release"])
def test_nothing_is_counted_among_the_dead(dead, settle):
    """A dead letter can be looked at and given back any number of times: it stays, and its count stays."""
    for _ in range(10):
        letter = dead.receive(DEAD_LETTERS)
        getattr(dead.broker, settle)(DEAD_LETTERS, letter.lock_token)
    assert [letter.delivery_count for letter in dead.dead_letters()] == [0]


def test_locks_among_the_dead_end_without_being_counted(dead):
    """A dead letter that was held too long is there again, as it was."""
    dead.receive(DEAD_LETTERS)
    dead.advance(LOCK)
    assert dead.receive(DEAD_LETTERS).delivery_count == 0


def test_the_dead_do_not_expire(make_bench):
    """The time to live ended with the life."""
    bench = make_bench(dead_lettering_on_expiration=True)
    bench.send(b"a", time_to_live=timedelta(seconds=5))
    bench.advance(timedelta(days=365))
    assert [letter.expires_at for letter in bench.dead_letters()] == [None]


def test_the_dead_cannot_be_dead_lettered(dead):
    """The refusal says what to do instead, and the letter stays locked to its holder."""
    letter = dead.receive(DEAD_LETTERS)
    with pytest.raises(NotAllowed, match="Complete it"):
        dead.broker.dead_letter(DEAD_LETTERS, letter.lock_token, "Twice", None)
    dead.broker.complete(DEAD_LETTERS, letter.lock_token)
    assert dead.dead_letters() == []


@pytest.mark.parametrize("operation", ["send", "schedule"])
def test_nothing_is_sent_to_the_dead_letters(bench, operation):
    """Only the broker puts messages there."""
    with pytest.raises(NotAllowed, match="Send to 'incidents'"):
        getattr(bench.broker, operation)(DEAD_LETTERS, [Incoming(b"a")])
    assert bench.dead_letters() == []


def test_nothing_is_cancelled_among_the_dead(dead):
    """Nothing can be scheduled there, so nothing is found."""
    with pytest.raises(MessageNotFound):
        dead.broker.cancel(DEAD_LETTERS, [letter.sequence_number for letter in dead.dead_letters()])


def test_a_dead_letter_has_a_number_of_its_own_and_remembers_the_old_one(dead):
    """No number of a queue ever names two messages, dead ones included."""
    [letter] = dead.dead_letters()
    [later] = dead.send(b"b")
    assert letter.enqueued_sequence_number == 1
    assert len({1, letter.sequence_number, later}) == 3


def test_a_message_that_dies_goes_to_whoever_waits_for_the_dead(bench):
    """A receiver of dead letters is served at once."""
    watching = bench.receiver(credit=1, entity=DEAD_LETTERS)
    bench.send(b"a")
    bench.broker.dead_letter(QUEUE, bench.receive().lock_token, "Forbidden:announce", "The bot is not in the team.")
    assert [delivery.dead_letter.reason for delivery in watching.deliveries] == ["Forbidden:announce"]


def test_the_dead_are_counted_apart(dead):
    """Counts tell active messages, locked ones included, from dead and scheduled ones."""
    dead.send(b"b", b"c")
    dead.receive()
    dead.send(b"d", scheduled_for=dead.now + timedelta(hours=1))
    assert dead.broker.counts(QUEUE) == Counts(active=2, dead_lettered=1, scheduled=1)
