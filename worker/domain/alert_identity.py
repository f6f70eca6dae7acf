"""What became of one alert: the incident it opened or joined, and why."""

import hashlib
import re

from worker.domain.event import Event, EventType
from worker.domain.incident import names_its_incident

_IDENTITY_DIGITS = 32
_ALERT_DIGITS = 32
TRACKING_ID = re.compile(rf"[0-9a-f]{{{_IDENTITY_DIGITS}}}-[0-9a-f]{{{_ALERT_DIGITS}}}")


def is_grouped(event: Event) -> bool:
    """Whether it may belong to an incident that another event opened, by its key or by its fingerprint."""
    return event.type is not EventType.REPORT and (names_its_incident(event) or bool(event.fingerprint))


def is_known_by_key(event: Event) -> bool:
    """Also by a key of ours, as of what a person raised, where it has no fingerprint."""
    return names_its_incident(event) or (event.key is not None and not event.fingerprint)


def identity(event: Event) -> str:
    """Of what the event tells, whenever and in whatever words: by the key of its sender, else by its fingerprint."""
    named = f"key\n{event.key}" if is_known_by_key(event) else f"{event.source}\n{event.fingerprint}"
    return hashlib.sha256(named.encode()).hexdigest()[:_IDENTITY_DIGITS]


def alert_id(event: Event) -> str:
    """Of this telling of it: the same however often it is delivered."""
    return event.id[:_ALERT_DIGITS]


def tracking_id(event: Event, *, event_id: str | None = None) -> str:
    """By which its sender asks what became of it, where that is not told by an incident of its own.

    `event_id` spares the hash to whoever has it already.
    """
    return f"{identity(event)}-{(event_id or event.id)[:_ALERT_DIGITS]}"
