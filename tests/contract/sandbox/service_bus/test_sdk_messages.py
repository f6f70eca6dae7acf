"""Messages through the real SDK: what is sent is what is received, once, in order, and settled as asked."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from azure.servicebus import (
    ServiceBusMessage,
    ServiceBusMessageBatch,
    ServiceBusMessageState,
    ServiceBusReceiveMode,
    ServiceBusSubQueue,
)
from azure.servicebus.amqp import AmqpAnnotatedMessage, AmqpMessageBodyType
from azure.servicebus.exceptions import (
    MessageLockLostError,
    MessageNotFoundError,
    MessageSizeExceededError,
    ServiceBusError,
    ServiceBusQuotaExceededError,
)
from patience import LIMIT

QUEUE = "incidents"


async def take(receiver, count: int = 1):
    """Receive exactly so many messages."""
    messages = []
    while len(messages) < count:
        received = await receiver.receive_messages(count - len(messages), max_wait_time=LIMIT)
        assert received
        messages += received
    return messages


def texts(messages) -> list[str]:
    return [str(message) for message in messages]


async def test_every_kind_of_body_comes_back_as_it_was(server, sdk):
    """Data of several parts, sequences, values and nothing at all travel unchanged, with what is written on them."""
    bodies = {"data_body": [b"a", b"b"], "sequence_body": [[1, "two"], [None]], "value_body": {"key": [1, 2.5]}}
    sender, receiver = await asyncio.gather(sdk.sender(server), sdk.receiver(server))
    properties = {"text": "x", "number": 7, "float": 1.5, "flag": True, "bytes": b"y", "time": datetime.now(UTC)}
    written = ServiceBusMessage(
        b"",
        application_properties=properties,
        message_id="the id",
        correlation_id="inc-1",
        content_type="application/json",
        subject="a subject",
        reply_to="back",
        time_to_live=timedelta(minutes=5),
    )

    for kind, body in bodies.items():
        await sender.send_messages(AmqpAnnotatedMessage(**{kind: body}))
    await sender.send_messages(written)
    data, sequence, value, message = await take(receiver, 4)

    assert list(data.body) == [b"a", b"b"]
    assert sequence.body_type is AmqpMessageBodyType.SEQUENCE
    assert list(sequence.body) == [[1, b"two"], [None]]
    assert value.body == {b"key": [1, 2.5]}
    assert (message.message_id, message.correlation_id, message.subject) == ("the id", "inc-1", "a subject")
    assert (message.content_type, message.reply_to) == ("application/json", "back")
    assert message.time_to_live == timedelta(minutes=5)
    assert message.application_properties[b"number"] == 7
    assert message.application_properties[b"bytes"] == b"y"
    assert message.expires_at_utc - message.enqueued_time_utc == timedelta(minutes=5)


async def test_a_batch_is_many_messages_in_order(server, sdk):
    """Lists and batches arrive one by one, first in first out, with rising sequence numbers."""
    sender, receiver = await asyncio.gather(sdk.sender(server), sdk.receiver(server))
    batch: ServiceBusMessageBatch = await sender.create_message_batch()
    for number in range(5):
        batch.add_message(ServiceBusMessage(f"batch {number}"))

    await sender.send_messages(batch)
    await sender.send_messages([ServiceBusMessage(f"list {number}") for number in range(5)])
    messages = await take(receiver, 10)

    assert texts(messages) == [f"{kind} {number}" for kind in ("batch", "list") for number in range(5)]
    assert [message.sequence_number for message in messages] == list(range(1, 11))


async def test_competing_receivers_get_each_message_once(server, sdk):
    """Sixty messages for four receivers: none twice, none left."""
    receivers = await asyncio.gather(*(sdk.receiver(server) for _ in range(4)))
    await sdk.send(server, *(str(number) for number in range(60)))

    async def work(receiver) -> list[str]:
        seen = []
        while server.broker.counts(QUEUE).active:
            for message in await receiver.receive_messages(3, max_wait_time=1):
                seen.append(str(message))
                await receiver.complete_message(message)
        return seen

    seen = [text for part in await asyncio.gather(*map(work, receivers)) for text in part]

    assert sorted(seen, key=int) == [str(number) for number in range(60)]
    assert server.broker.counts(QUEUE).active == 0


async def test_a_large_message_travels_in_many_frames(server, sdk):
    """Two hundred and forty thousand bytes go in and come out."""
    sender, receiver = await asyncio.gather(sdk.sender(server), sdk.receiver(server))
    body = bytes(range(256)) * 937

    await sender.send_messages(ServiceBusMessage(body))

    assert b"".join((await take(receiver))[0].body) == body


async def test_a_message_over_the_limit_is_refused_at_once(server, sdk):
    """The SDK knows the limit from the link: 256 KiB."""
    sender = await sdk.sender(server)

    with pytest.raises(MessageSizeExceededError):
        await sender.send_messages(ServiceBusMessage(b"x" * 262_145))

    assert server.broker.counts(QUEUE).active == 0


async def test_an_abandoned_message_comes_back_first_and_counted(serve, sdk):
    """It is delivered before what was sent after it; at the last permitted delivery it goes to the dead letters."""
    server = await serve(max_delivery_count=2)
    receiver, dead = await asyncio.gather(
        sdk.receiver(server), sdk.receiver(server, sub_queue=ServiceBusSubQueue.DEAD_LETTER)
    )
    await sdk.send(server, "first", "second")

    (first,) = await take(receiver)
    first_token = first.lock_token
    await receiver.abandon_message(first)
    (again,) = await take(receiver)
    new_token = again.lock_token
    await receiver.abandon_message(again)
    (letter,) = await take(dead)

    assert (str(again), again.delivery_count) == ("first", 1)
    assert new_token != first_token
    assert str(letter) == "first"
    assert letter.dead_letter_reason == "MaxDeliveryCountExceeded"
    assert letter.dead_letter_error_description


async def test_a_dead_letter_says_why(server, sdk):
    """Reason and description stand beside the sender's own properties; without arguments there are none."""
    receiver, dead = await asyncio.gather(
        sdk.receiver(server), sdk.receiver(server, sub_queue=ServiceBusSubQueue.DEAD_LETTER)
    )
    await sdk.send(server, ServiceBusMessage("told", application_properties={"mine": 1}), "untold")
    told, untold = await take(receiver, 2)

    await receiver.dead_letter_message(told, reason="Undecodable", error_description="It is not an event.")
    await receiver.dead_letter_message(untold)
    told, untold = await take(dead, 2)

    assert (told.dead_letter_reason, told.dead_letter_error_description) == ("Undecodable", "It is not an event.")
    assert told.application_properties[b"mine"] == 1
    assert (untold.dead_letter_reason, untold.application_properties) == (None, None)


async def test_a_dead_letter_can_be_sent_again(server, sdk):
    """Sent again it is a new message; dead-lettered again it has the new reason only; then it can be discarded."""
    receiver, dead, sender = await asyncio.gather(
        sdk.receiver(server), sdk.receiver(server, sub_queue=ServiceBusSubQueue.DEAD_LETTER), sdk.sender(server)
    )
    await sender.send_messages(ServiceBusMessage("again", message_id="m"))
    await receiver.dead_letter_message((await take(receiver))[0], reason="First", error_description="One.")
    (letter,) = await take(dead)
    await sender.send_messages(letter)
    await dead.complete_message(letter)

    (replayed,) = await take(receiver)
    await receiver.dead_letter_message(replayed, reason="Second")
    (letter,) = await take(dead)
    await dead.complete_message(letter)

    assert replayed.delivery_count == 0
    assert replayed.sequence_number > 1
    assert letter.dead_letter_reason == "Second"
    assert server.broker.counts(QUEUE).dead_lettered == 0


async def test_nothing_can_be_sent_to_the_dead_letters(server, sdk):
    """The broker alone writes there."""
    client = sdk.client(server)
    async with client.get_queue_sender(f"{QUEUE}/$deadletterqueue") as sender:
        with pytest.raises(ServiceBusError, match="Nothing can be sent"):
            await sender.send_messages(ServiceBusMessage("x"))


async def test_renewing_moves_the_expiry_and_keeps_the_token(house, server, sdk):
    """After two renewals of 30 s a message of 50 s is still held; once lost it cannot be renewed or settled."""
    receiver = await sdk.receiver(server)
    await sdk.send(server, "long")
    (message,) = await take(receiver)
    token, until = message.lock_token, message.locked_until_utc

    house.later(timedelta(seconds=25))
    renewed = await receiver.renew_message_lock(message)
    house.later(timedelta(seconds=25))
    still_held = server.snapshot()[QUEUE]["messages"][0]["locked_until"]
    house.later(timedelta(seconds=10))

    assert renewed - until >= timedelta(seconds=24)
    assert message.lock_token == token
    assert still_held is not None
    with pytest.raises(MessageLockLostError):
        await receiver.renew_message_lock(message)
    with pytest.raises(MessageLockLostError):
        await receiver.complete_message(message)


async def test_an_expired_lock_brings_the_message_back_counted(house, server, sdk):
    """Whoever comes next gets it, as a delivery that failed before."""
    receiver = await sdk.receiver(server)
    await sdk.send(server, "slow")
    await take(receiver)

    house.later(timedelta(seconds=31))
    (again,) = await take(receiver)

    assert again.delivery_count == 1


async def test_receive_and_delete_leaves_nothing(server, sdk):
    """The message is gone when it is handed out, and has no lock."""
    receiver = await sdk.receiver(server, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE)
    await sdk.send(server, "gone")

    (message,) = await take(receiver)

    assert str(message) == "gone"
    assert server.broker.counts(QUEUE).active == 0


async def test_a_scheduled_message_is_only_seen_by_peeking(house, server, sdk):
    """Until its time it is not received; then it is, under the time it was scheduled for."""
    sender, receiver = await asyncio.gather(sdk.sender(server), sdk.receiver(server))
    due = datetime.now(UTC) + timedelta(minutes=10)
    await sender.schedule_messages([ServiceBusMessage("a"), ServiceBusMessage("b")], due)
    await sender.send_messages(ServiceBusMessage("c", scheduled_enqueue_time_utc=due))

    nothing = await receiver.receive_messages(1, max_wait_time=0.2)
    peeked = await receiver.peek_messages(10)
    house.later(timedelta(minutes=11))
    received = await take(receiver, 3)

    assert nothing == []
    assert [message.state for message in peeked] == [ServiceBusMessageState.SCHEDULED] * 3
    assert sorted(texts(received)) == ["a", "b", "c"]
    assert {message.state for message in received} == {ServiceBusMessageState.ACTIVE}


async def test_a_scheduled_message_is_cancelled_once(server, sdk):
    """The second cancellation says that there is no such message."""
    sender = await sdk.sender(server)
    numbers = await sender.schedule_messages(ServiceBusMessage("x"), datetime.now(UTC) + timedelta(hours=1))

    await sender.cancel_scheduled_messages(numbers)

    assert server.broker.counts(QUEUE).scheduled == 0
    with pytest.raises(MessageNotFoundError):
        await sender.cancel_scheduled_messages(numbers)


async def test_peeking_takes_nothing(server, sdk):
    """Peek goes on where it stopped, sees locked messages, ends in an empty list and locks nobody out."""
    receiver = await sdk.receiver(server)
    nothing = await receiver.peek_messages(5)
    await sdk.send(server, *"abcd")

    (locked,) = await take(receiver)
    first = await receiver.peek_messages(2, sequence_number=1)
    rest = await receiver.peek_messages(5)
    end = await receiver.peek_messages(5)
    await receiver.complete_message(locked)

    assert (nothing, texts(first), texts(rest), end) == ([], ["a", "b"], ["c", "d"], [])
    assert texts(await take(receiver, 3)) == ["b", "c", "d"]


async def test_a_duplicate_is_acknowledged_and_dropped(serve, sdk):
    """One of two equal message ids stays, within a batch too; another id is another message."""
    server = await serve(requires_duplicate_detection=True)

    await sdk.send(server, *(ServiceBusMessage("x", message_id=name) for name in ("one", "one", "two")))
    await sdk.send(server, ServiceBusMessage("x", message_id="one"))

    assert [message["message_id"] for message in server.snapshot()[QUEUE]["messages"]] == ["one", "two"]


async def test_what_has_lived_too_long_becomes_a_dead_letter(house, serve, sdk):
    """The message's own time to live counts, and the dead letter says that it expired."""
    server = await serve(dead_lettering_on_expiration=True)
    dead = await sdk.receiver(server, sub_queue=ServiceBusSubQueue.DEAD_LETTER)
    await sdk.send(server, ServiceBusMessage("short", time_to_live=timedelta(minutes=1)), "long")

    house.later(timedelta(minutes=2))
    (letter,) = await take(dead)

    assert (str(letter), letter.dead_letter_reason) == ("short", "TTLExpiredException")
    assert server.broker.counts(QUEUE).active == 1


async def test_a_full_queue_takes_nothing_of_a_batch(serve, sdk):
    """The sender is told that the quota is used up."""
    server = await serve(max_size_bytes=2000)

    with pytest.raises(ServiceBusQuotaExceededError):
        await sdk.send(server, "x", "y" * 3000)

    assert server.broker.counts(QUEUE).active == 0


async def test_unused_messages_go_back_uncounted_when_a_receiver_closes(server, sdk):
    """What was prefetched and not looked at is released at close."""
    await sdk.send(server, *"abcdef")
    receiver = await sdk.receiver(server, prefetch_count=10)
    (first,) = await take(receiver)
    await receiver.complete_message(first)

    await receiver.close()
    next_receiver = await sdk.receiver(server)
    messages = await take(next_receiver, 5)

    assert texts(messages) == list("bcdef")
    assert {message.delivery_count for message in messages} == {0}


async def test_a_deferred_message_is_received_by_its_number_alone(server, sdk):
    """It is peeked as deferred, no receiver is given it, and when it is abandoned it is deferred again."""
    receiver = await sdk.receiver(server)
    await sdk.send(server, "x", "y")
    message, other = await take(receiver, 2)
    await receiver.defer_message(message)
    await receiver.complete_message(other)

    [peeked] = await receiver.peek_messages(5, sequence_number=1)
    [again] = await receiver.receive_deferred_messages(message.sequence_number)
    await receiver.abandon_message(again)
    [last] = await receiver.receive_deferred_messages([message.sequence_number])

    assert (peeked.state, peeked.sequence_number) == (ServiceBusMessageState.DEFERRED, message.sequence_number)
    assert (texts([last]), last.delivery_count) == (["x"], 1)
    with pytest.raises(MessageNotFoundError, match="locked"):
        await receiver.receive_deferred_messages(message.sequence_number)
    await receiver.complete_message(last)
    assert not await receiver.peek_messages(5, sequence_number=1)


async def test_a_message_without_an_id_is_given_one(server, sdk, peers):
    """The same at every look and delivery, and another for each message; an id of its sender's stays."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.publish("x", "y")
    receiver = await sdk.receiver(server)
    await sdk.send(server, ServiceBusMessage("z", message_id="mine"))

    peeked = [message.message_id for message in await receiver.peek_messages(5)]
    taken = [message.message_id for message in await take(receiver, 3)]

    assert peeked == taken
    assert taken[2] == "mine"
    assert len(set(taken)) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", given) for given in taken[:2])
