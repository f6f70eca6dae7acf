"""What is done with a message at the end."""

from dataclasses import dataclass
from datetime import timedelta

from worker.domain.encoded_event import EncodedEvent

# Service Bus takes 4,096 characters elsewhere in its SDKs, and this one sends the description twice in one frame.
_DESCRIPTION_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Complete:
    """The message is done with."""


@dataclass(frozen=True, slots=True)
class Split:
    """The message is done with once each of its parts is in the queue as a message of its own."""

    parts: tuple[EncodedEvent, ...]


@dataclass(frozen=True, slots=True)
class RetryLater:
    """`outage`: what is waited for is no fault of the incident, and the time does not count towards giving up.

    `crowded`: it waits for others in the same queue, and so never where one of them could be received.
    """

    delay: timedelta
    because: str
    outage: bool = False
    crowded: bool = False


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`reason` is a stable code to group by; `description` the sentence for the person who reads it."""

    reason: str
    description: str


# What is decided about one incident, and about any message.
IncidentSettlement = Complete | RetryLater | DeadLetter
Settlement = IncidentSettlement | Split


def dead_letter(reason: str, description: str) -> DeadLetter:
    whole = len(description) <= _DESCRIPTION_LIMIT
    return DeadLetter(reason, description if whole else description[: _DESCRIPTION_LIMIT - 1] + "…")
