"""The incident that gathers what one sender opens beyond its rate: its key, and the event that it is launched with."""

import hashlib
from datetime import datetime, timedelta

from worker.domain.event import DetectionSource, Event, EventType
from worker.domain.incident import Incident, generation_key, incident_id, names_its_incident
from worker.domain.own_keys import OF_FLOOD
from worker.domain.sender_rate import SenderRate
from worker.domain.text import quoted

_DIGITS = 32
_ITS_ID = "inc-"
_MINUTE = timedelta(minutes=1)
_TEXT = """\
{sender} opens more incidents{kind} than one sender may at a time{bound}. What it sends beyond that is \
gathered in this one incident, without a work item and a channel for each. Nothing is lost: the note \
beneath counts it and names the worst, and the status_url of each says that it is here.

The first of them: {first}.

Look at the sender first: does it tell one fault many times, or many faults? A grouping rule makes one \
incident of one fault (TOCSIN_GROUPING_RULES); a sender that means many has a rate of its own \
(TOCSIN_INTAKE_SENDERS). This incident resolves when all that is gathered in it has. The sender opens \
incidents of their own again once it is quieter."""


def sender_digest(sender: str) -> str:
    """A name of any characters, as a key of a row may be."""
    return hashlib.sha256(sender.encode()).hexdigest()[:_DIGITS]


def telling_id(incident: Incident) -> str:
    """By which one message that would open an incident is known: a sender's key may open several, one after another."""
    return incident_id(generation_key(incident.event)) if names_its_incident(incident.event) else incident.id


def flood_key(incident: Incident, at: datetime) -> str:
    """Of the flood that this incident is the first of; by its key it is known which one is to launch it."""
    digest = sender_digest(incident.event.sent_by)
    return f"{OF_FLOOD}{digest}:{at:%Y%m%dT%H%M%SZ}:{telling_id(incident).removeprefix(_ITS_ID)}"


def is_flood(key: str | None) -> bool:
    return key is not None and key.startswith(OF_FLOOD)


def begins_flood(incident: Incident, key: str) -> bool:
    """Whether it was this incident that came first, so that its message launches the flood."""
    return is_flood(key) and key.endswith(f":{telling_id(incident).removeprefix(_ITS_ID)}")


def flood_of(incident: Incident, key: str, rate: SenderRate | None) -> Incident:
    """The flood's own incident, as urgent as the first of it, for the same service and its people on call."""
    first = incident.event
    event = Event(
        type=EventType.TRIGGER,
        title=f"Flood of {'severe ' if first.is_severe else ''}alerts from {first.sent_by}",
        description=_description(first, rate),
        severity=first.severity,
        service=first.service,
        source=first.source,
        sender=first.sender,
        detection_source=DetectionSource.MONITORING,
        received_at=incident.received_at,
        key=key,
    )
    return Incident(key=key, event=event, received_at=incident.received_at)


def _description(first: Event, rate: SenderRate | None) -> str:
    kind = " of severity 1 or 2" if first.is_severe else ""
    bound = f": {rate.count} in {rate.per / _MINUTE:g} minutes" if rate is not None else ""
    return _TEXT.format(sender=first.sent_by, kind=kind, bound=bound, first=repr(quoted(first.shown_title)))
