"""What becomes of a message that was delivered."""

from datetime import timedelta
from uuid import UUID

import pytest

from worker.sandbox.service_bus.codec import Described, Int, Long, Symbol, ULong, encode
from worker.sandbox.service_bus.messages import State
from worker.sandbox.service_bus.performatives import (
    STATES,
    Accepted,
    Disposition,
    Error,
    Flow,
    Modified,
    Received,
    Rejected,
    Transfer,
    parse,
)
from worker.sandbox.service_bus.sections import APPLICATION_PROPERTIES, split

QUEUE = "incidents"
DEAD_LETTERS = "incidents/$deadletterqueue"


@pytest.mark.parametrize(
    ("outcome", "active", "dead"),
    [
        (Accepted(), 0, 0),
        (Modified(delivery_failed=True), 1, 0),
        (Rejected(), 0, 1),
    ],
)
async def test_a_settlement_is_answered_with_the_same_outcome(server, peers, outcome, active, dead):
    """The SDK believes only an answer that is settled and has the outcome it asked for, rejected without an error."""
    peer, delivery = await peers.holding(server)

    peer.settle(delivery.delivery_id, outcome)

    answer = await peer.expect(Disposition)
    assert (answer.role, answer.settled, answer.first) == (False, True, delivery.delivery_id)
    assert parse(answer.state, *STATES) == outcome
    counts = server.broker.counts(QUEUE)
    assert (counts.active, counts.dead_lettered) == (active, dead)


async def test_a_delivery_tag_is_the_lock_token_in_the_byte_order_of_dotnet(server, peers):
    """The tag is what the management protocol takes as the token."""
    peer, delivery = await peers.holding(server)
    token = UUID(bytes_le=delivery.delivery_tag)

    status, _ = await peer.manage(
        "com.microsoft:update-disposition", {"disposition-status": "completed", "lock-tokens": [token]}
    )

    assert status["statusCode"] == 200
    assert server.broker.counts(QUEUE).active == 0


@pytest.mark.parametrize(
    ("annotations", "condition"),
    [
        ("all", "com.microsoft:argument-error"),
        ({Symbol("a"): {}}, "amqp:decode-error"),
        ({Symbol("a"): []}, "amqp:decode-error"),
    ],
)
async def test_properties_that_a_message_cannot_have_are_refused(server, peers, annotations, condition):
    """What is not plain, or too much, is rejected with an error, and the message stays locked."""
    peer, delivery = await peers.holding(server)

    peer.settle(delivery.delivery_id, Modified(delivery_failed=True, message_annotations=annotations))

    error = parse((await peer.expect(Disposition)).state, Rejected).error
    assert error.condition == condition
    [message] = server.broker.peek(QUEUE, 0, 1)
    assert (message.lock_token is not None, message.delivery_count) == (True, 0)


@pytest.mark.parametrize(
    ("outcome", "state", "place"),
    [
        (Modified(delivery_failed=True, message_annotations={Symbol("a"): "b"}), State.ACTIVE, QUEUE),
        (Modified(message_annotations={Symbol("a"): "b"}, undeliverable_here=True), State.DEFERRED, QUEUE),
        (Rejected(Error("com.microsoft:dead-letter", None, {Symbol("a"): "b"})), State.ACTIVE, DEAD_LETTERS),
    ],
)
async def test_whoever_settles_can_change_properties(server, peers, outcome, state, place):
    """They are there at the next delivery, whatever the outcome that leaves a message."""
    peer, delivery = await peers.holding(server)

    peer.settle(delivery.delivery_id, outcome)

    await peer.expect(Disposition)
    [message] = server.broker.peek(place, 0, 1)
    assert (message.state, split(message.content).mapping(APPLICATION_PROPERTIES)) == (state, {"a": "b"})


async def test_released_messages_come_back_uncounted(server, peers):
    """Releasing is no failed delivery."""
    peer, delivery = await peers.holding(server)

    peer.settle(delivery.delivery_id, parse(Described(ULong(0x26), []), *STATES), settled=True)
    peer.grant(1, 1, count=1)
    await peer.expect(Transfer)

    assert server.snapshot()[QUEUE]["messages"][0]["delivery_count"] == 0


async def test_settling_after_the_lock_was_lost_says_so(house, server, peers):
    """Both ways, by link and by management, the condition is message-lock-lost."""
    peer, delivery = await peers.holding(server)
    house.later(timedelta(seconds=31))
    token = UUID(bytes_le=delivery.delivery_tag)

    peer.settle(delivery.delivery_id, Accepted())
    by_link = parse((await peer.expect(Disposition)).state, Rejected).error.condition
    status, _ = await peer.manage(
        "com.microsoft:update-disposition", {"disposition-status": "completed", "lock-tokens": [token]}
    )

    assert by_link == "com.microsoft:message-lock-lost"
    assert (status["statusCode"], status["errorCondition"]) == (410, "com.microsoft:message-lock-lost")


async def test_a_muted_settlement_is_applied_and_not_answered(server, peers):
    """The message is gone; the next settlement is answered again."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.publish("one", "two")
    await peer.attach_receiver(QUEUE)
    peer.grant(1, 2)
    first, second = await peer.expect(Transfer), await peer.expect(Transfer)
    server.faults.inject("mute", times=1)

    peer.settle(first.delivery_id, Accepted())
    peer.settle(second.delivery_id, Accepted())

    assert (await peer.expect(Disposition)).first == second.delivery_id
    assert server.broker.counts(QUEUE).active == 0
    assert server.faults.active() == {}


async def test_a_muted_settlement_by_management_is_not_answered_either(server, peers):
    """The request is accepted and applied; the next answer on the link is that to another request."""
    peer, delivery = await peers.holding(server)
    settle = {"disposition-status": "completed", "lock-tokens": [UUID(bytes_le=delivery.delivery_tag)]}
    await peer.manage("com.microsoft:peek-message", {"from-sequence-number": Long(9), "message-count": Int(1)})
    server.faults.inject("mute")

    operation = encode(Described(ULong(0x74), {"operation": "com.microsoft:update-disposition"}))
    peer.transfer(operation + encode(Described(ULong(0x77), settle)), handle=20)
    await peer.expect(Disposition)
    server.faults.clear()

    assert (await peer.manage("unknown", {}))[0]["statusCode"] == 501
    assert server.broker.counts(QUEUE).active == 0


async def test_a_dead_letter_by_management_carries_its_reason(server, peers):
    """Empty texts, which the SDK sends for none, are none."""
    peer, delivery = await peers.holding(server)
    settle = {
        "disposition-status": "suspended",
        "lock-tokens": [UUID(bytes_le=delivery.delivery_tag)],
        "deadletter-reason": "Undecodable",
        "deadletter-description": "",
    }

    await peer.manage("com.microsoft:update-disposition", settle)

    (letter,) = server.snapshot()[QUEUE]["dead_letters"]
    assert (letter["dead_letter_reason"], letter["dead_letter_description"]) == ("Undecodable", None)


async def test_a_disposition_without_an_outcome_settles_nothing(house, server, peers):
    """Neither `received` nor nothing at all gives up the lock; it runs out in its own time."""
    peer, delivery = await peers.holding(server)

    peer.settle(delivery.delivery_id, Received(0, 0))
    peer.send(Disposition(role=True, first=delivery.delivery_id))
    peer.send(Disposition(role=False, first=delivery.delivery_id, settled=True))
    peer.send(Disposition(role=True, first=delivery.delivery_id, settled=True))
    peer.settle(delivery.delivery_id, Accepted())
    peer.grant(1, 1, count=1)
    house.later(timedelta(seconds=31))

    await peer.expect(Transfer)
    assert server.snapshot()[QUEUE]["messages"][0]["delivery_count"] == 1


async def test_a_modified_message_that_did_not_fail_comes_back_uncounted(server, peers):
    """Only `delivery-failed` counts."""
    peer, delivery = await peers.holding(server)

    peer.settle(delivery.delivery_id, Modified())
    await peer.expect(Disposition)

    assert server.snapshot()[QUEUE]["messages"][0]["delivery_count"] == 0


async def test_locks_outlive_the_connection(server, peers):
    """A message held by a lost connection is not given to the next one, which can settle it by its token."""
    peer, delivery = await peers.holding(server)
    await peer.close()
    other = await peers.open(server)
    await other.attach_receiver(QUEUE)

    other.grant(1, 1, drain=True)
    await other.expect(Flow)
    status, _ = await other.manage(
        "com.microsoft:update-disposition",
        {"disposition-status": "completed", "lock-tokens": [UUID(bytes_le=delivery.delivery_tag)]},
    )

    assert status["statusCode"] == 200


async def test_a_lost_connection_leaves_no_receiver_behind(server, peers):
    """Its credit is gone with it: the next message goes to somebody who is there."""
    lost, other = await peers.open(server), await peers.open(server)
    for peer in (lost, other):
        await peer.attach_receiver(QUEUE)
        peer.grant(1, 1, echo=True)
        await peer.expect(Flow)

    lost.writer.transport.abort()
    await other.attach_sender(QUEUE)
    await other.expect(Flow)
    other.transfer(peer.data(b"for you"))
    await other.both()

    assert len(server.broker._subscribed) == 1
