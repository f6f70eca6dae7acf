"""The events that a message carries, by whatever way it came into the queue."""

from collections.abc import Sequence
from typing import NamedTuple

from worker.alert_format import NotThisFormat
from worker.alert_reading import read_alerts
from worker.alerts import FORMATS, native
from worker.alerts.detect import detect
from worker.careless_json import read_careless
from worker.cloudevents_binary import of_amqp
from worker.errors import Undecodable
from worker.incident import Event, decode
from worker.service_bus import Message

FORMAT = "tocsin-format"
_CLOUDEVENTS = "cloudevents"
_STRUCTURED = "application/cloudevents"


class _Payload(NamedTuple):
    format_name: str
    content: object


def events_of(message: Message) -> Sequence[Event]:
    """None if nothing in it launches anything; raises Undecodable with a sentence that names the field."""
    named = message.properties.get(FORMAT)
    if named in (None, native.NAME) and (ours := _as_we_write_it(message.body)):
        return [ours]
    try:
        payload = _payload(message, named)
        findings = read_alerts(payload.format_name, payload.content, message.severities)
    except NotThisFormat as refusal:
        if refusal.format_name != native.NAME:
            raise
        raise Undecodable(f"The message is not an event: {refusal.named}.") from None
    except Undecodable as error:
        raise Undecodable(f"The message is not an event. {error}") from None
    return [finding for finding in findings if isinstance(finding, Event)]


def _as_we_write_it(body: bytes) -> Event | None:
    """Nobody but us says when we received it; such an event is not interpreted a second time."""
    try:
        event = decode(body)
    except Undecodable:
        return None
    return event if event.received_at is not None else None


def _payload(message: Message, named: object) -> _Payload:
    content_type = message.headers.get("content_type", "")
    if named not in (None, _CLOUDEVENTS):
        return _Payload(_known(named), read_careless(message.body))
    if named == _CLOUDEVENTS or content_type.lower().startswith(_STRUCTURED):
        return _Payload(_CLOUDEVENTS, _binary(message, content_type) or read_careless(message.body))
    if binary := _binary(message, content_type):
        return _Payload(_CLOUDEVENTS, binary)
    content = read_careless(message.body)
    # What bears no mark of any format is told what an event of ours needs.
    return _Payload(detect(content) or native.NAME, content)


def _known(named: object) -> str:
    if named in FORMATS:
        return str(named)
    raise Undecodable(f"The property {FORMAT} names no format that is known here; there are: {', '.join(FORMATS)}.")


def _binary(message: Message, content_type: str) -> dict[str, object] | None:
    return of_amqp(message.properties, content_type, message.body)
