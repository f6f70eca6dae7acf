"""One message of the queue, as the rest of Tocsin reads it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.amqp import AmqpMessageBodyType

from worker.messaging.lock import LockTimes, MessageLock

# On every copy of a message: the id of the first, by which an incident without a key is known for its whole life.
ORIGIN = "tocsin-origin"
# On every copy of a message: when the first was enqueued, which is when its event was received where nobody says more.
FIRST_ENQUEUED = "tocsin-first-enqueued"
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Message:
    """One message, locked or only looked at; `origin` is the id of the first of all its copies."""

    body: bytes
    id: str
    origin: str
    enqueued_at: datetime
    deliveries: int
    received: ServiceBusReceivedMessage
    lock: MessageLock

    @property
    def sequence(self) -> int:
        return self.received.sequence_number or 0

    @property
    def reason(self) -> str:
        """Of a dead letter: the code it was dead-lettered with; empty when whoever did it gave none."""
        return text_of(self.received.dead_letter_reason)

    @property
    def description(self) -> str:
        return text_of(self.received.dead_letter_error_description)

    @property
    def properties(self) -> dict[str, Any]:
        """The sender's own, as text where AMQP carries bytes."""
        return {
            text_of(name): text_of(value) if isinstance(value, bytes) else value
            for name, value in (self.received.application_properties or {}).items()
        }

    @property
    def first_enqueued_at(self) -> datetime:
        """The same for all copies of it, as far as what they say of the first can be believed."""
        try:
            told = datetime.fromisoformat(text_of(self.properties.get(FIRST_ENQUEUED)))
        except ValueError:
            return self.enqueued_at
        return min(told, self.enqueued_at) if told.tzinfo is not None else self.enqueued_at

    @property
    def headers(self) -> dict[str, str]:
        """What the sender wrote on the message, of that which a copy of it is to keep."""
        names = ("content_type", "correlation_id", "subject", "to", "reply_to", "reply_to_session_id", "session_id")
        given = {name: getattr(self.received, name) for name in (*names, "partition_key")}
        return {name: text_of(value) for name, value in given.items() if value is not None}

    @property
    def coding(self) -> str:
        """How the body is compressed, or its charset, as the sender says it in one of the places for it."""
        named = {name.lower().replace("_", "-"): value for name, value in self.properties.items()}
        given = named.get("content-encoding") or named.get("contentencoding") or _coding_of_amqp(self.received)
        return text_of(given)

    @property
    def lock_left(self) -> timedelta:
        return self.lock.left


def leave_expiry_to_the_broker(received: ServiceBusReceivedMessage) -> None:
    """The SDK refuses to settle what this machine's clock takes for expired, without asking; clocks can be wrong.

    There is no setting for it; what it compares with the clock is this field, which each renewal sets anew.
    """
    received._expiry = _NEVER  # noqa: SLF001 (as above)


def read_message(received: ServiceBusReceivedMessage, times: LockTimes | None = None) -> Message:
    lock = (times or LockTimes()).lock(received.enqueued_time_utc, received.locked_until_utc)
    if received.locked_until_utc is not None:
        leave_expiry_to_the_broker(received)
    body = _body(received)
    enqueued_at = received.enqueued_time_utc or datetime.now(UTC)
    given = text_of(received.message_id) or _unnamed(body, enqueued_at)
    origin = (received.application_properties or {}).get(ORIGIN.encode())
    return Message(
        body=body,
        id=given,
        origin=text_of(origin) or given,
        enqueued_at=enqueued_at,
        deliveries=(received.delivery_count or 0) + 1,
        received=received,
        lock=lock,
    )


def _unnamed(body: bytes, enqueued_at: datetime) -> str:
    """An id for a message whose sender gave none; a sequence number would change on the way to the dead letters."""
    content = hashlib.sha256(body).hexdigest()[:32]
    return f"unnamed:{int(enqueued_at.timestamp() * 1000)}:{content}"


def _coding_of_amqp(received: ServiceBusReceivedMessage) -> object:
    properties = received.raw_amqp_message.properties
    return properties.content_encoding if properties else None


def _body(received: ServiceBusReceivedMessage) -> bytes:
    """The bytes; of a value or sequence, as AMQP clients without bytes send, the text or the JSON that was meant."""
    if received.body_type is AmqpMessageBodyType.DATA:
        return b"".join(received.body)
    if received.body_type is AmqpMessageBodyType.SEQUENCE:
        # One list for each section; together they are the sequence.
        return json.dumps([_readable(part) for section in received.body for part in section]).encode()
    value = received.body
    if value is None:
        return b""
    # Bytes stay what they are: text is decoded as the content type says, and may be compressed.
    return value if isinstance(value, bytes) else _text(_readable(value)).encode()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _readable(value: object) -> object:
    match value:
        case Mapping():
            return {text_of(name): _readable(part) for name, part in value.items()}
        case list() | tuple():
            return [_readable(part) for part in value]
        case bool() | int() | float() | None:
            return value
        case _:
            return text_of(value)


def text_of(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "" if value is None else str(value)
