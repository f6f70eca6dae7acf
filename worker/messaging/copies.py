"""Copies of a message: each with an id that is its own and the same however often it is sent."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from azure.servicebus import ServiceBusMessage

from worker.messaging.message import FIRST_ENQUEUED, ORIGIN, Message
from worker.observability import telemetry

_ID_LIMIT = 128
_COPY_SUFFIX_LIMIT = 24
_CODING = "content-encoding"
# Of the dead letter that was replayed, or of the trace in which it failed: on a copy they would be wrong.
_OF_THE_ORIGINAL = frozenset(
    {
        "DeadLetterReason",
        "DeadLetterErrorDescription",
        "Diagnostic-Id",
        "traceparent",
        "tracestate",
        telemetry.RETRY_OF,
    }
)


def copy_for_later(message: Message, delay: timedelta) -> ServiceBusMessage:
    """Sent to come back after the delay."""
    properties = message.properties | telemetry.retry_properties()
    copy = _copy(message, message.body, suffix=f"a{message.sequence}", properties=properties)
    # By the broker's clock: by ours, when it is wrong, a copy would come at once, or after many minutes.
    copy.scheduled_enqueue_time_utc = message.lock.broker_time() + delay
    return copy


def part_id(message: Message, number: int) -> str:
    return _copy_id(message, f"s{number}")


def replay_id(message: Message) -> str:
    return _copy_id(message, f"r{message.sequence}")


def replay_of(message: Message, body: bytes, *, properties: Mapping[str, str], **headers: str) -> ServiceBusMessage:
    """A new message in the place of a dead letter, without what only the old one was, its time to live included."""
    kept = {name: value for name, value in message.properties.items() if name not in _OF_THE_ORIGINAL}
    return _copy(message, body, suffix=f"r{message.sequence}", properties=kept | dict(properties), **headers)


def _copy(
    message: Message, body: bytes, *, suffix: str, properties: dict[str, Any], **headers: str
) -> ServiceBusMessage:
    """With a new id, or duplicate detection drops it; the same id however often it is sent."""
    written: dict[str, Any] = message.headers | headers
    # The SDK's own messages have no other place for how the body is compressed.
    coding = {_CODING: message.coding} if message.coding else {}
    first = {ORIGIN: message.origin, FIRST_ENQUEUED: message.first_enqueued_at.isoformat()}
    written["application_properties"] = coding | properties | first
    return ServiceBusMessage(body, message_id=_copy_id(message, suffix), **written)


def _copy_id(message: Message, suffix: str) -> str:
    root = message.origin
    if len(root) > _ID_LIMIT - _COPY_SUFFIX_LIMIT:
        root = hashlib.sha256(root.encode()).hexdigest()
    return f"{root}:{suffix}"
