"""The incident that an event opens, its key and its id."""

import hashlib
import re
import secrets
from datetime import datetime
from functools import cached_property

from pydantic import (
    BaseModel,
)

from worker.domain.event import KEY_LIMIT, Event
from worker.domain.own_keys import DERIVED, OF_CALL, OF_GENERATION, OF_SENDER, RANDOM, names_fault

# Crockford's alphabet without i, l, o and u: an id read aloud on the phone at night is not misheard. Lower case, since
# channel names and table keys compare it.
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_CHARACTERS = 10
_DIGITS_OF_KEY = 32
INCIDENT_ID = re.compile(rf"inc-[{_CROCKFORD}]{{{_ID_CHARACTERS}}}")


class Incident(BaseModel, frozen=True):
    """The thing being responded to; it has one key and one id for its whole life."""

    key: str
    event: Event
    received_at: datetime

    @cached_property
    def id(self) -> str:
        return incident_id(self.key)


def incident_id(key: str) -> str:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    digits = (_CROCKFORD[(number >> (64 - 5 * (place + 1))) & 31] for place in range(_ID_CHARACTERS))
    return "inc-" + "".join(digits)


def derived_key(event: Event) -> str | None:
    """The key of an event that names its fingerprint: one sender's alert that fired at the same time is one incident.

    Without a time of its own it is told from its next firing by when it was received; None until that is known.
    """
    if event.key is not None:
        return event.key
    if event.call:
        return OF_CALL + (_digest(event, event.call) if event.proved_sender else event.call)
    fired = event.occurred_at or event.received_at
    if not event.fingerprint or fired is None:
        return None
    content = f"{event.source}\n{event.fingerprint}\n{fired.isoformat()}"
    return DERIVED + _digest(event, content)


def names_its_incident(event: Event) -> bool:
    """Whether its sender said by a key which fault it is about; else that is known by its fingerprint."""
    return names_fault(event.key)


def generation_key(event: Event) -> str:
    """Of the incident that this telling of its sender's key opens, where an earlier one has ended.

    The same for all copies of its message, however the event was corrected meanwhile; no key from outside is one.
    """
    digest = _digest(event, f"{event.key}\n{event.occasion}")[:_DIGITS_OF_KEY]
    return f"{OF_GENERATION}{digest}:{event.key}"[:KEY_LIMIT]


def sender_key(event: Event) -> str:
    """Of the first incident that this event's sender opens by a key which is another sender's."""
    return f"{OF_SENDER}{_digest(event, event.key or '')[:_DIGITS_OF_KEY]}:{event.key}"[:KEY_LIMIT]


def _digest(event: Event, content: str) -> str:
    """Two senders that say the same do not meet in it."""
    told_by = f"\n{event.proved_sender}" if event.proved_sender else ""
    return hashlib.sha256(f"{content}{told_by}".encode()).hexdigest()


def random_key() -> str:
    return RANDOM + secrets.token_hex(16)


def with_key(event: Event) -> Event:
    """The event with a key that all its copies share from here on."""
    return event.model_copy(update={"key": derived_key(event) or random_key()})
