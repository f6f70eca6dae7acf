"""The incident that a message is about."""

from worker.incident import OF_MESSAGE, Event, Incident, decode, derived_key
from worker.service_bus import Message


def incident_of(message: Message) -> Incident:
    """Raises Undecodable. One that names no key is known by the first of its copies from here on."""
    return incident_from(decode(message.body), message)


def incident_from(event: Event, message: Message) -> Incident:
    # Not by when the message was enqueued: that is another time for each of its copies.
    key = derived_key(event) or f"{OF_MESSAGE}{message.origin}"
    received_at = event.received_at or message.enqueued_at
    keyed: Event = event.model_copy(update={"key": key, "received_at": received_at})
    return Incident(key=key, event=keyed, received_at=received_at)
