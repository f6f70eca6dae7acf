"""What a message is about: the events that it carries, by whatever way it came into the queue, and their incident."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import structlog

from worker.alerts import appearance
from worker.alerts.cloudevents_binary import of_amqp
from worker.alerts.content import plain_body, read_contents
from worker.alerts.detection import detect, meant
from worker.alerts.format import Format, Ignored, LeftOut, NotThisFormat
from worker.alerts.formats import known_formats, native
from worker.alerts.parsing import read_alerts
from worker.alerts.reading import AS_USUAL, Reading
from worker.domain.errors import Undecodable
from worker.domain.event import INTERNAL_KINDS, Event, EventType, decode
from worker.domain.incident import Incident, derived_key
from worker.domain.own_keys import OF_MESSAGE
from worker.messaging.message import Message
from worker.observability import telemetry

log = structlog.get_logger()

FORMAT = "tocsin-format"
_CLOUDEVENTS = "cloudevents"
_STRUCTURED = "application/cloudevents"
# As much as the intake takes of one call.
_INFLATED_LIMIT = 8_000_000


class _Payload(NamedTuple):
    format_name: str | None  # None for what is of no format, or for a list whose parts each say what they are
    content: object


@dataclass(frozen=True, slots=True)
class Decoder:
    """`reading`: what the words and labels of a monitoring system mean here, and its own formats."""

    reading: Reading = AS_USUAL

    def events_of(self, message: Message) -> Sequence[Event]:
        """None at all if nothing in it launches anything; raises Undecodable with a sentence that names the field."""
        named = message.properties.get(FORMAT)
        if named in (None, native.NAME) and (ours := _as_we_write_it(message)):
            return [ours]
        try:
            payload = _payload(message, named, known_formats(self.reading.house))
        except Undecodable as error:
            raise Undecodable(f"The message is not an event. {error}") from None
        try:
            findings = read_alerts(payload.format_name, payload.content, self.reading)
            _tell_left_out(findings)
        except NotThisFormat as refusal:
            if refusal.format_name != native.NAME:
                raise
            looks = "" if payload.format_name else f" {appearance.of_value(payload.content)}"
            raise Undecodable(f"The message is not an event: {refusal.named}.{looks}") from None
        return [finding for finding in findings if isinstance(finding, Event)]


def _tell_left_out(findings: Sequence[Event | Ignored]) -> None:
    for left_out in (finding for finding in findings if isinstance(finding, LeftOut)):
        log.warning("alerts.left_out", count=left_out.count)
        telemetry.alerts_left_out("count", left_out.count)


def _as_we_write_it(message: Message) -> Event | None:
    """Nobody but us says when we received it; such an event is not interpreted a second time."""
    try:
        event = decode(message.body)
    except Undecodable:
        return None
    is_ours = event.received_at is not None and (event.type not in INTERNAL_KINDS or _says_so(message, event.type))
    return event if is_ours else None


def _says_so(message: Message, kind: EventType) -> bool:
    """What we send ourselves says outside as well what it is; whether it is ours at all, its mark decides."""
    return message.headers.get("subject") == kind


def _payload(message: Message, named: object, formats: Mapping[str, Format]) -> _Payload:
    content_type = message.headers.get("content_type", "")
    if named not in (None, _CLOUDEVENTS):
        known, content = _known(named, formats), _content(message, content_type)
        return _Payload(meant(known, content, formats), content)
    if named == _CLOUDEVENTS or content_type.lower().startswith(_STRUCTURED):
        return _Payload(_CLOUDEVENTS, _binary(message, content_type) or _content(message, content_type))
    if binary := _binary(message, content_type):
        return _Payload(_CLOUDEVENTS, binary)
    content = _content(message, content_type)
    return _Payload(detect(content, formats), content)


def _content(message: Message, content_type: str) -> object:
    return read_contents(message.body, content_type=content_type, coding=message.coding, limit=_INFLATED_LIMIT)


def _known(named: object, formats: Mapping[str, Format]) -> str:
    if named in formats:
        return str(named)
    raise Undecodable(f"The property {FORMAT} names no format that is known here; there are: {', '.join(formats)}.")


def _binary(message: Message, content_type: str) -> dict[str, object] | None:
    body = plain_body(message.body, content_type=content_type, coding=message.coding, limit=_INFLATED_LIMIT)
    return of_amqp(message.properties, content_type, body)


def incident_from(event: Event, message: Message) -> Incident:
    """One that names no key is known by the first of its copies from here on."""
    # Not by when this one was enqueued: that is another time for each of its copies.
    known = keyed(event, message.origin, message.first_enqueued_at)
    return Incident(key=known.key or "", event=known, received_at=known.received_at or message.first_enqueued_at)


def keyed(event: Event, origin: str, enqueued_at: datetime) -> Event:
    """The event with its key and the time of its receipt, by its message where it has neither."""
    key = derived_key(event) or f"{OF_MESSAGE}{origin}"
    return event.model_copy(update={"key": key, "received_at": event.received_at or enqueued_at})
