"""What lies in the dead letters, read without locking or changing anything."""

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import BaseModel, computed_field

from worker.domain.errors import TocsinError, Undecodable
from worker.domain.event import Event, Severity
from worker.domain.incident import Incident, names_its_incident
from worker.domain.text import clean_line
from worker.messaging.dead_letter_receiver import DeadLetterReceiver
from worker.messaging.decoding import Decoder, incident_from
from worker.messaging.message import Message

# Our own reasons name the step after a colon; what others write after one is part of their reason.
_OURS = re.compile(r"(?P<cause>[A-Z][A-Za-z]*):(?P<step>[a-z0-9-]+(:[a-z0-9-]+)?)")


@dataclass(frozen=True, slots=True)
class DecodedLetter:
    """A dead letter's message, and the incident that it is about or why it is about no single one; read once."""

    message: Message
    incident: Incident | None = None
    fault: str | None = None
    carries_many: bool = False


# The key of the incident with which a telling of its sender's key is kept; None where that is not known.
KeyOf = Callable[[Event], Awaitable[str | None]]


async def _known_to_nobody(_event: Event) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The dead letters beside the queue, and by what they are understood."""

    receiver: DeadLetterReceiver
    decoder: Decoder
    key_of: KeyOf = _known_to_nobody

    async def decode(self, message: Message) -> DecodedLetter:
        """Of a sender's key, which has had several incidents, with the one that this message is about."""
        decoded = decode_letter(message, self.decoder)
        incident = decoded.incident
        if incident is None or not names_its_incident(incident.event):
            return decoded
        # While the store is away, they are read all the same.
        with suppress(TocsinError):
            if (key := await self.key_of(incident.event)) is not None:
                placed = Incident(key=key, event=incident.event, received_at=incident.received_at)
                return replace(decoded, incident=placed)
        return decoded


class Letter(BaseModel, frozen=True):
    """One dead letter, without its body; the shape of `--json`, to which fields may be added.

    `fault` says why the message is no event; it has no incident, title, severity and service then.
    """

    sequence_number: int
    message_id: str
    reason: str
    description: str
    enqueued_at: datetime
    delivery_count: int
    size: int
    incident_id: str | None = None
    title: str | None = None
    severity: Severity | None = None
    service: str | None = None
    fault: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def step(self) -> str | None:
        ours = _OURS.fullmatch(self.reason)
        return ours["step"] if ours else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def cause(self) -> str:
        """The reason without the step."""
        ours = _OURS.fullmatch(self.reason)
        return ours["cause"] if ours else self.reason


def decode_letter(message: Message, decoder: Decoder) -> DecodedLetter:
    try:
        events = decoder.events_of(message)
    except Undecodable as error:
        return DecodedLetter(message, fault=str(error))
    match events:
        case [event]:
            return DecodedLetter(message, incident_from(event, message))
        case []:
            fault = "The message is understood, and has nothing in it that launches an incident."
            return DecodedLetter(message, fault=fault)
        case _:
            fault = f"The message carries {len(events)} events, and each becomes a message of its own."
            return DecodedLetter(message, fault=fault, carries_many=True)


def letter_of(decoded: DecodedLetter) -> Letter:
    message, incident = decoded.message, decoded.incident
    letter = Letter(
        sequence_number=message.sequence,
        message_id=message.id,
        reason=clean_line(message.reason),
        description=message.description,
        enqueued_at=message.enqueued_at,
        delivery_count=message.deliveries - 1,
        size=len(message.body),
        fault=decoded.fault,
    )
    if incident is None:
        return letter
    event = incident.event
    facts = {"title": event.shown_title, "severity": event.severity, "service": event.service}
    return letter.model_copy(update={"incident_id": incident.id, **facts})
