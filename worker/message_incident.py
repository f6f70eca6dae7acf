"""The incident that a message is about."""

from datetime import datetime

from worker.errors import Undecodable
from worker.incident import OF_MESSAGE, Event, Incident, derived_key
from worker.message_events import events_of
from worker.service_bus import Message


def incident_of(message: Message) -> Incident:
    """Raises Undecodable. One that names no key is known by the first of its copies from here on."""
    match events_of(message):
        case [event]:
            return incident_from(event, message)
        case []:
            raise Undecodable("The message is understood, and tells of nothing that launches an incident.")
        case events:
            raise Undecodable(f"The message carries {len(events)} events, and each becomes a message of its own.")


def incident_from(event: Event, message: Message) -> Incident:
    # Not by when the message was enqueued: that is another time for each of its copies.
    known = keyed(event, message.origin, message.enqueued_at)
    return Incident(key=known.key or "", event=known, received_at=known.received_at or message.enqueued_at)


def keyed(event: Event, origin: str, enqueued_at: datetime) -> Event:
    """The event with its key and the time of its receipt, by the id of its message where it tells neither."""
    key = derived_key(event) or f"{OF_MESSAGE}{origin}"
    return event.model_copy(update={"key": key, "received_at": event.received_at or enqueued_at})
