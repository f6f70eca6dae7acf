"""What became of one alert: the incident it opened or joined, and why."""

import hashlib
import re
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from worker.incident import Event, EventType, names_its_incident

_IDENTITY_DIGITS = 32
_ALERT_DIGITS = 32
TRACKING_ID = re.compile(rf"[0-9a-f]{{{_IDENTITY_DIGITS}}}-[0-9a-f]{{{_ALERT_DIGITS}}}")


class Fate(StrEnum):
    OPENED = "opened"  # an incident of its own
    JOINED = "joined"  # an incident that was open
    RECORDED = "recorded"  # and nothing else: it ends what is not open


class AlertStory(BaseModel, frozen=True):
    """The shape of `GET /v1/alerts/{tracking_id}`, to which fields may be added."""

    tracking_id: str
    type: EventType
    fate: Fate
    incident_id: str | None = Field(description="Whose launch can be followed at /v1/incidents/{incident_id}.")
    because: str = Field(examples=["joined inc-4h7k2m9xqz because its fingerprint is the same"])
    received_at: datetime


def folds(event: Event) -> bool:
    """Whether it may belong to an incident that another event opened."""
    return bool(event.fingerprint) and not names_its_incident(event)


def identity(event: Event) -> str:
    """Of what the event tells, whenever and in whatever words: by the key of its sender, else by its fingerprint."""
    named = f"key\n{event.key}" if names_its_incident(event) else f"{event.source}\n{event.fingerprint}"
    return hashlib.sha256(named.encode()).hexdigest()[:_IDENTITY_DIGITS]


def alert_id(event: Event) -> str:
    """Of this telling of it: the same however often it is delivered."""
    return event.id[:_ALERT_DIGITS]


def tracking_id(event: Event) -> str:
    """By which its sender asks what became of it, where that is not told by an incident of its own."""
    return f"{identity(event)}-{alert_id(event)}"
