"""An event as a message of the queue carries it: encoded and hashed once, where it comes in, and then passed on."""

from dataclasses import dataclass, replace
from typing import Self

from worker.domain.event import Event, decode, encode

# A message of the Standard tier holds 256 KB; what is left is for its properties.
MESSAGE_LIMIT = 240_000


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """`message_id` is the hash of the whole event unless the message is one of several, or a reminder."""

    event: Event
    message_id: str
    body: bytes

    @classmethod
    def of(cls, event: Event, *, message_id: str | None = None) -> Self:
        return cls(event, message_id or event.id, encode(event))

    @classmethod
    def read(cls, body: bytes) -> Self:
        """The event whose encoded form this is; raises Undecodable."""
        event = decode(body)
        return cls(event, event.id, body)

    @property
    def fits_into_a_message(self) -> bool:
        return len(self.body) <= MESSAGE_LIMIT

    def with_event(self, event: Event) -> Self:
        """Another form of the same event, in a message of the same id."""
        return replace(self, event=event, body=encode(event))
