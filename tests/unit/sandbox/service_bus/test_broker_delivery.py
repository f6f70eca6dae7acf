"""Who gets which message, and in which order."""

from collections import Counter

import pytest

from worker.sandbox.service_bus.broker import EntityNotFound, Incoming, NotAllowed

QUEUE = "incidents"


def test_competing_receivers_get_every_message_exactly_once_and_evenly(bench):
    """Five receivers share 200 messages: none is lost, none is doubled, each receiver has forty."""
    receivers = [bench.receiver(credit=200) for _ in range(5)]
    contents = [str(number).encode() for number in range(200)]
    for content in contents:
        bench.send(content)
    received = Counter(content for receiver in receivers for content in receiver.contents)
    assert received == Counter(contents)
    assert [len(receiver.deliveries) for receiver in receivers] == [40] * 5


def test_turns_go_on_from_one_dispatch_to_the_next(bench):
    """A receiver that had the last message comes last for the next one, whoever subscribed first."""
    first, second = bench.receiver(credit=2), bench.receiver(credit=2)
    for content in (b"a", b"b", b"c"):
        bench.send(content)
    assert (first.contents, second.contents) == ([b"a", b"c"], [b"b"])


def test_messages_come_in_the_order_of_their_sequence_numbers(bench):
    """First in, first out, and numbers rise by one."""
    numbers = bench.send(b"a", b"b") + bench.send(b"c")
    receiver = bench.receiver(credit=3)
    assert receiver.contents == [b"a", b"b", b"c"]
    assert [delivery.sequence_number for delivery in receiver.deliveries] == numbers == [1, 2, 3]


def test_a_receiver_gets_no_more_than_its_credit(bench):
    """Messages beyond the credit wait in the queue, and come when credit is granted."""
    bench.send(b"a", b"b", b"c")
    receiver = bench.receiver(credit=2)
    assert receiver.contents == [b"a", b"b"]
    receiver.grant(1)
    assert receiver.contents == [b"a", b"b", b"c"]


def test_subscribing_alone_delivers_nothing(bench):
    """A link can be answered before its first transfer: messages wait for the first dispatch."""
    bench.send(b"a")
    receiver = bench.receiver(credit=0)
    assert receiver.deliveries == []


def test_a_waiting_receiver_is_served_by_a_later_send(bench):
    """Leftover credit takes the next message without asking again."""
    receiver = bench.receiver(credit=1)
    bench.send(b"a")
    assert receiver.contents == [b"a"]


def test_a_receiver_that_left_gets_nothing_more(bench):
    """Its credit leaves with it; leaving twice is no fault."""
    receiver = bench.receiver(credit=5)
    bench.broker.unsubscribe(receiver)
    bench.broker.unsubscribe(receiver)
    bench.send(b"a")
    assert receiver.deliveries == []


def test_receive_and_delete_takes_the_message_for_good(bench):
    """There is no lock, nothing to settle, and nothing left."""
    bench.send(b"a")
    receiver = bench.receiver(credit=1, receive_and_delete=True)
    [delivery] = receiver.deliveries
    assert (delivery.content, delivery.lock_token, delivery.locked_until) == (b"a", None, None)
    assert bench.is_empty()


def test_a_first_delivery_says_what_the_message_is(bench):
    """It carries the sender's content untouched, its id, its times, and no failed delivery."""
    bench.send(b"\x00\x53\x75", message_id="m-1")
    delivery = bench.receive()
    assert (delivery.content, delivery.message_id, delivery.delivery_count) == (b"\x00\x53\x75", "m-1", 0)
    assert (delivery.enqueued_at, delivery.locked_until) == (bench.now, bench.now + bench.settings.lock_duration)
    assert delivery.expires_at == bench.now + bench.settings.default_time_to_live
    assert delivery.enqueued_sequence_number == delivery.sequence_number


@pytest.mark.parametrize("entity", ["INCIDENTS", "Incidents/$DeadLetterQueue", "incidents/$deadletterqueue"])
def test_addresses_are_compared_without_regard_to_case(bench, entity):
    """The SDK writes the dead-letter queue in mixed case, the documentation in lower case."""
    bench.broker.check(entity)


@pytest.mark.parametrize("entity", ["", "orders", "incidents/", "incidents/$deadletterqueue/x", "$deadletterqueue"])
def test_an_unknown_address_is_refused_with_the_known_ones(bench, entity):
    """Whoever mistyped the name of a queue reads the right one in the error."""
    with pytest.raises(EntityNotFound, match=r"There is 'incidents'"):
        bench.broker.check(entity)


def test_an_error_does_not_echo_a_name_of_any_length(bench):
    """What comes from outside does not decide how long an error is."""
    with pytest.raises(EntityNotFound) as error:
        bench.broker.send("x" * 100_000, [Incoming(b"a")])
    assert len(str(error.value)) < 500


def test_a_batch_with_one_wrong_message_stores_none_of_them(bench):
    """Send is atomic: the message before the one that breaks a rule is not kept either."""
    with pytest.raises(NotAllowed, match="128 characters"):
        bench.broker.send(QUEUE, [Incoming(b"good", "m-1"), Incoming(b"bad", "m" * 129)])
    assert bench.is_empty()
