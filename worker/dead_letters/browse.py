"""What lies in the dead letters, read without locking or changing anything."""

import re
from collections.abc import AsyncIterator
from datetime import datetime

from pydantic import BaseModel, computed_field

from worker.domain.errors import Undecodable
from worker.domain.event import Severity
from worker.domain.text import clean_line
from worker.messaging.dead_letter_receiver import DeadLetterReceiver
from worker.messaging.decoding import incident_of
from worker.messaging.message import Message

# The most that the broker gives to one look.
_PAGE = 250
# Our own reasons name the step after a colon; what others write after one is part of their reason.
_OURS = re.compile(r"(?P<cause>[A-Z][A-Za-z]*):(?P<step>[a-z0-9-]+(:[a-z0-9-]+)?)")


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


def letter_of(message: Message) -> Letter:
    letter = Letter(
        sequence_number=message.sequence,
        message_id=message.id,
        reason=clean_line(message.reason),
        description=message.description,
        enqueued_at=message.enqueued_at,
        delivery_count=message.deliveries - 1,
        size=len(message.body),
    )
    try:
        incident = incident_of(message)
    except Undecodable as error:
        return letter.model_copy(update={"fault": str(error)})
    event = incident.event
    told = {"title": event.title, "severity": event.severity, "service": event.service}
    return letter.model_copy(update={"incident_id": incident.id, **told})


async def browse(receiver: DeadLetterReceiver) -> AsyncIterator[Message]:
    """Every dead letter that there is, the oldest first."""
    sequence = 1
    while page := await receiver.peek(sequence, _PAGE):
        for message in page:
            yield message
        sequence = page[-1].sequence + 1
