"""What a message is to the broker: as a sender gave it, and as it stands at one moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

# What a settlement does to the content of a message.
Change = Callable[[bytes], bytes]


def unchanged(content: bytes) -> bytes:
    return content


class State(IntEnum):
    """The numbers are those of the annotation `x-opt-message-state`."""

    ACTIVE = 0
    DEFERRED = 1
    SCHEDULED = 2


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as a sender gave it; its content is encoded AMQP, which the broker never looks into."""

    content: bytes
    message_id: str | None = None
    time_to_live: timedelta | None = None
    scheduled_for: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Why a message is among the dead letters, and of which queue."""

    reason: str | None
    description: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it stands at one moment; whatever happens to it later makes another value."""

    sequence_number: int
    enqueued_sequence_number: int
    content: bytes
    message_id: str | None
    delivery_count: int
    enqueued_at: datetime
    time_to_live: timedelta
    expires_at: datetime | None = None
    scheduled_for: datetime | None = None
    state: State = State.ACTIVE
    lock_token: UUID | None = None
    locked_until: datetime | None = None
    dead_letter: DeadLetter | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Locked messages are active ones: they are still in the queue. Deferred ones are in none of these."""

    active: int
    dead_lettered: int
    scheduled: int
