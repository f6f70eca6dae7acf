"""Messages are cut into sections and put together again without a look at their bodies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from worker.sandbox.service_bus.codec import DecodeError, Described, Long, Symbol, Timestamp, UByte, UInt, ULong, encode
from worker.sandbox.service_bus.messages import DeadLetter, Delivery, State
from worker.sandbox.service_bus.sections import (
    APPLICATION_PROPERTIES,
    DATA,
    DELIVERY_ANNOTATIONS,
    FOOTER,
    HEADER,
    MESSAGE_ANNOTATIONS,
    PROPERTIES,
    VALUE,
    incoming,
    incoming_batch,
    outgoing,
    split,
    with_properties,
)

HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def section(code, value) -> bytes:
    return encode(Described(ULong(code), value))


BODY = section(DATA, b"body")


def delivery(content: bytes, **fields) -> Delivery:
    return Delivery(
        7,
        3,
        content,
        message_id=None,
        delivery_count=2,
        enqueued_at=NOON,
        time_to_live=HOUR,
        lock_token=uuid4(),
        **fields,
    )


def test_sections_may_stand_in_any_order_and_leave_in_the_right_one():
    """The SDK puts some behind the body; a receiver finds them where the standard has them."""
    content = (
        BODY
        + section(FOOTER, {})
        + section(DELIVERY_ANNOTATIONS, {Symbol("hop"): True})
        + section(APPLICATION_PROPERTIES, {"a": Long(1)})
        + section(PROPERTIES, ["id"])
    )

    sent = outgoing(delivery(content))

    assert list(split(sent).single) == [HEADER, MESSAGE_ANNOTATIONS, PROPERTIES, APPLICATION_PROPERTIES, FOOTER]
    assert sent.endswith(
        section(PROPERTIES, ["id"]) + section(APPLICATION_PROPERTIES, {"a": Long(1)}) + BODY + section(FOOTER, {})
    )


def test_the_header_keeps_what_the_sender_wrote_and_counts_deliveries():
    """Durable and priority are the sender's; the count, and the time to live that holds here, are the broker's."""
    content = section(HEADER, [True, UByte(9), UInt(1000), True, UInt(55)]) + BODY

    header = split(outgoing(delivery(content))).fields(HEADER, 5)

    assert header == [True, 9, 3_600_000, None, 2]


def test_a_time_to_live_beyond_the_field_is_the_longest_that_fits():
    """For ever is written as 49 days."""
    endless = replace(delivery(BODY), time_to_live=timedelta.max)

    assert split(outgoing(endless)).fields(HEADER, 5)[2] == 2**32 - 1


def test_the_annotations_are_the_brokers():
    """Sequence numbers, times and the state are set; what is not known is left out."""
    moment = NOON + timedelta(milliseconds=5)
    content = section(MESSAGE_ANNOTATIONS, {Symbol("x-opt-partition-key"): "p", Symbol("x-opt-locked-until"): None})

    scheduled = delivery(content + BODY, state=State.SCHEDULED, scheduled_for=moment)
    annotations = split(outgoing(scheduled)).mapping(MESSAGE_ANNOTATIONS)

    noon = int(NOON.timestamp() * 1000)
    assert annotations == {
        "x-opt-partition-key": "p",
        "x-opt-sequence-number": 7,
        "x-opt-enqueue-sequence-number": 3,
        "x-opt-enqueued-time": noon,
        "x-opt-message-state": 2,
        "x-opt-scheduled-enqueue-time": noon + 5,
    }


@pytest.mark.parametrize("before", [{}, {"DeadLetterReason": "old", "mine": UInt(1)}])
def test_a_dead_letter_carries_its_reason_beside_what_was_there(before):
    """The reason replaces an older one; the sender's own properties keep their types."""
    content = section(APPLICATION_PROPERTIES, before) + BODY

    sent = outgoing(delivery(content, dead_letter=DeadLetter("new", None, "queue")))
    properties = split(sent).mapping(APPLICATION_PROPERTIES)

    assert properties == {**before, "DeadLetterReason": "new"}
    assert all(type(properties[name]) is type(value) for name, value in before.items())


@pytest.mark.parametrize(
    ("message_id", "text"),
    [("id", "id"), (ULong(7), "7"), (b"\x01\xff", "01ff")],
)
def test_a_message_id_of_any_type_has_a_text(message_id, text):
    """Duplicates are found by it."""
    assert incoming(section(PROPERTIES, [message_id]) + BODY).message_id == text


def test_the_broker_is_told_the_times_that_a_sender_wrote():
    """Time to live and the time to enqueue come out of header and annotations."""
    scheduled = Timestamp(int(NOON.timestamp() * 1000))
    content = (
        section(HEADER, [None, None, UInt(1500)])
        + section(MESSAGE_ANNOTATIONS, {Symbol("x-opt-scheduled-enqueue-time"): scheduled})
        + section(PROPERTIES, ["id"])
        + BODY
    )

    message = incoming(content)

    assert (message.time_to_live, message.scheduled_for) == (timedelta(seconds=1.5), NOON)
    assert message.content == content


def test_a_batch_is_read_message_by_message():
    """What the envelope says of itself is not taken for any of them."""
    inner = [section(PROPERTIES, [name]) + BODY for name in ("one", "two")]
    envelope = section(PROPERTIES, ["one"]) + b"".join(section(DATA, content) for content in inner)

    assert [message.content for message in incoming_batch(envelope)] == inner


@pytest.mark.parametrize(
    "content",
    [
        BODY + BODY[:-1],
        BODY + b"rest",
        section(HEADER, []) + section(HEADER, []) + BODY,
        section(HEADER, [None, None, "soon"]) + BODY,
        section(HEADER, {}) + BODY,
        section(APPLICATION_PROPERTIES, []) + BODY,
        section(APPLICATION_PROPERTIES, None) + BODY,
        section(MESSAGE_ANNOTATIONS, {Symbol("x-opt-scheduled-enqueue-time"): Timestamp(2**62)}) + BODY,
        section(MESSAGE_ANNOTATIONS, {Symbol("x-opt-scheduled-enqueue-time"): "noon"}) + BODY,
        encode(Described(Symbol("amqp:data:binary"), b"")),
        section(0x79, None),
    ],
)
def test_a_message_that_could_not_be_delivered_is_not_taken(content):
    """Whatever will be read at a delivery is refused at the door, with a sentence."""
    with pytest.raises(DecodeError, match=r"\.$"):
        incoming(content)


def test_the_body_of_a_request_is_one_value():
    """Anything else is refused."""
    assert split(section(VALUE, "x")).value_body() == "x"
    with pytest.raises(DecodeError):
        split(BODY).value_body()


def test_the_properties_of_a_message_are_bounded():
    """However often it is settled with more of them; the same name again takes no more room."""
    content = BODY
    for _ in range(3):
        content = with_properties(content, {Symbol("a"): "x" * 60_000})
    with pytest.raises(DecodeError, match="65,536 bytes"):
        with_properties(content, {"b": "x" * 10_000})
