"""The sections of a message, kept as the bytes they came in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from worker.sandbox.service_bus.codec import (
    Array,
    DecodeError,
    Described,
    Int,
    Long,
    Reader,
    Symbol,
    Timestamp,
    UInt,
    ULong,
    decode,
    encode,
)
from worker.sandbox.service_bus.messages import DeadLetter, Delivery, Incoming

HEADER, DELIVERY_ANNOTATIONS, MESSAGE_ANNOTATIONS, PROPERTIES, APPLICATION_PROPERTIES = 0x70, 0x71, 0x72, 0x73, 0x74
DATA, SEQUENCE, VALUE, FOOTER = 0x75, 0x76, 0x77, 0x78
_BODY = (DATA, SEQUENCE, VALUE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What the real service allows for the properties of one message together.
MAX_PROPERTIES_SIZE = 64 * 1024
_LONGEST_TIME_TO_LIVE = 0xFFFFFFFF
_SCHEDULED = Symbol("x-opt-scheduled-enqueue-time")
# Only the broker writes these; a message that is sent again still carries those of its former life.
_BROKER_ANNOTATIONS = frozenset(
    {
        "x-opt-sequence-number",
        "x-opt-enqueue-sequence-number",
        "x-opt-enqueued-time",
        "x-opt-locked-until",
        "x-opt-message-state",
        "x-opt-deadletter-source",
        _SCHEDULED,
    }
)


@dataclass(frozen=True, slots=True)
class Sections:
    """Each section with its descriptor; the body may be several of one kind."""

    single: dict[int, bytes]
    body: tuple[tuple[int, bytes], ...]

    def value(self, code: int) -> Any:
        raw = self.single.get(code)
        return None if raw is None else decode(raw).value

    def mapping(self, code: int) -> dict[Any, Any]:
        entries: dict[Any, Any] = _expect(self.value(code) if code in self.single else {}, dict, code)
        return entries

    def fields(self, code: int, count: int) -> list[Any]:
        values = _expect(self.value(code) if code in self.single else [], list, code)
        return [*values, *[None] * (count - len(values))]

    @property
    def content(self) -> bytes:
        return b"".join((*self.single.values(), *(raw for _, raw in self.body)))

    def replaced(self, code: int, value: Any) -> "Sections":
        return replace(self, single={**self.single, code: _section(code, value)})

    def value_body(self) -> Any:
        """The body of a request: one amqp-value."""
        if len(self.body) != 1 or self.body[0][0] != VALUE:
            raise DecodeError("The request's body is not one amqp-value section.")
        return decode(self.body[0][1]).value


def _expect(value: Any, kind: type, code: int) -> Any:
    if not isinstance(value, kind):
        raise DecodeError(f"The message section 0x{code:02x} is a {type(value).__name__}, not a {kind.__name__}.")
    return value


def split(content: bytes) -> Sections:
    """Cut a message into its sections, in whatever order they stand: the SDK puts some behind the body."""
    reader = Reader(content)
    single: dict[int, bytes] = {}
    body: list[tuple[int, bytes]] = []
    while not reader.exhausted:
        start = reader.position
        code = _section_code(reader)
        raw = content[start : reader.position]
        if code in _BODY:
            body.append((code, raw))
        elif single.setdefault(code, raw) is not raw:
            raise DecodeError(f"The message has its section 0x{code:02x} twice.")
    return Sections(single, tuple(body))


def _section_code(reader: Reader) -> int:
    start = reader.position
    if reader.content[start : start + 1] != b"\x00":
        raise DecodeError(f"There is no message section at byte {start}.")
    reader.position += 1
    code = reader.value()
    if not isinstance(code, ULong) or not HEADER <= code <= FOOTER:
        raise DecodeError(f"A message has no section {str(code)[:40]}.")
    reader.skip()
    return int(code)


def incoming(content: bytes) -> Incoming:
    """Read what the broker decides by; everything that will be read at a delivery is tried here.

    A message without an id is given one, as the service does: some clients cannot settle a message without.
    """
    sections = split(content)
    if not sections.fields(PROPERTIES, 1)[0]:
        sections = _with_id(sections, uuid4().hex)
    header = sections.fields(HEADER, 5)
    annotations = sections.mapping(MESSAGE_ANNOTATIONS)
    sections.mapping(APPLICATION_PROPERTIES)
    return Incoming(
        content=sections.content,
        message_id=_text(sections.fields(PROPERTIES, 1)[0]),
        time_to_live=_time_to_live(header[2]),
        scheduled_for=_moment(annotations.get(_SCHEDULED)),
    )


def _with_id(sections: Sections, message_id: str) -> Sections:
    return sections.replaced(PROPERTIES, [message_id, *sections.fields(PROPERTIES, 1)[1:]])


def with_properties(content: bytes, changes: Mapping[Any, Any]) -> bytes:
    """The message with these application properties in place of its own of the same names; raises DecodeError."""
    if not changes:
        return content
    sections = split(content)
    properties = sections.mapping(APPLICATION_PROPERTIES) | {str(name): value for name, value in changes.items()}
    if wrong := [name for name, value in properties.items() if isinstance(value, dict | list | Array | Described)]:
        raise DecodeError(f"The property {wrong[0][:80]} must be one plain value.")
    changed = sections.replaced(APPLICATION_PROPERTIES, properties)
    if len(changed.single[APPLICATION_PROPERTIES]) > MAX_PROPERTIES_SIZE:
        raise DecodeError(f"The properties of a message may have {MAX_PROPERTIES_SIZE:,} bytes together.")
    return changed.content


def incoming_batch(content: bytes) -> list[Incoming]:
    """A batch is an envelope of data sections, each a whole message; the envelope's own properties mean nothing."""
    return [incoming(_expect(decode(raw).value, bytes, code)) for code, raw in split(content).body if code == DATA]


def _text(message_id: Any) -> str | None:
    if message_id is None:
        return None
    return message_id.hex() if isinstance(message_id, bytes) else str(message_id)


def _time_to_live(milliseconds: Any) -> timedelta | None:
    if milliseconds is None:
        return None
    return timedelta(milliseconds=_expect(milliseconds, UInt, HEADER))


def _moment(milliseconds: Any) -> datetime | None:
    if milliseconds is None:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=_expect(milliseconds, Timestamp, MESSAGE_ANNOTATIONS))
    except OverflowError:
        raise DecodeError(f"The time {milliseconds} ms after 1970 is beyond every calendar.") from None


def outgoing(delivery: Delivery) -> bytes:
    """The message as a receiver sees it: header and annotations are the broker's, the rest is untouched."""
    sections = split(delivery.content)
    parts = [_header(sections, delivery), _annotations(sections, delivery)]
    parts += [sections.single[code] for code in (PROPERTIES,) if code in sections.single]
    parts += _application_properties(sections, delivery.dead_letter)
    parts += [raw for _, raw in sections.body]
    parts += [sections.single[code] for code in (FOOTER,) if code in sections.single]
    return b"".join(parts)


def _section(code: int, value: Any) -> bytes:
    return encode(Described(ULong(code), value))


def _header(sections: Sections, delivery: Delivery) -> bytes:
    durable, priority, *_ = sections.fields(HEADER, 2)
    return _section(HEADER, [durable, priority, _milliseconds(delivery), None, UInt(delivery.delivery_count)])


def _milliseconds(delivery: Delivery) -> UInt:
    """The time to live that holds in this queue, which may be less than the sender's; the field ends at 49 days."""
    return UInt(min(delivery.time_to_live // timedelta(milliseconds=1), _LONGEST_TIME_TO_LIVE))


def _annotations(sections: Sections, delivery: Delivery) -> bytes:
    kept = sections.mapping(MESSAGE_ANNOTATIONS).items()
    annotations = {key: value for key, value in kept if key not in _BROKER_ANNOTATIONS}
    annotations[Symbol("x-opt-sequence-number")] = Long(delivery.sequence_number)
    annotations[Symbol("x-opt-enqueue-sequence-number")] = Long(delivery.enqueued_sequence_number)
    annotations[Symbol("x-opt-enqueued-time")] = timestamp(delivery.enqueued_at)
    annotations[Symbol("x-opt-message-state")] = Int(delivery.state)
    if delivery.locked_until:
        annotations[Symbol("x-opt-locked-until")] = timestamp(delivery.locked_until)
    if delivery.scheduled_for:
        annotations[_SCHEDULED] = timestamp(delivery.scheduled_for)
    return _section(MESSAGE_ANNOTATIONS, annotations)


def _application_properties(sections: Sections, dead_letter: DeadLetter | None) -> list[bytes]:
    if dead_letter is None or (dead_letter.reason is None and dead_letter.description is None):
        raw = sections.single.get(APPLICATION_PROPERTIES)
        return [] if raw is None else [raw]
    properties = sections.mapping(APPLICATION_PROPERTIES)
    if dead_letter.reason is not None:
        properties["DeadLetterReason"] = dead_letter.reason
    if dead_letter.description is not None:
        properties["DeadLetterErrorDescription"] = dead_letter.description
    return [_section(APPLICATION_PROPERTIES, properties)]


def timestamp(moment: datetime) -> Timestamp:
    return Timestamp((moment - _EPOCH) // timedelta(milliseconds=1))


def delivery_tag(token: UUID) -> bytes:
    """Service Bus tags a delivery with its lock token, in the byte order of .NET."""
    return token.bytes_le
