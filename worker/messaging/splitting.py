"""A message that carries many events becomes as many messages, so that each is launched, retried and counted alone."""

from collections.abc import Sequence

import structlog

from worker.domain.event import Event, encode
from worker.domain.settlement import Complete, Split
from worker.messaging.copies import part_id
from worker.messaging.decoding import keyed
from worker.messaging.message import Message

log = structlog.get_logger()

# A message of the Standard tier holds 256 KB; what is left is for its properties.
_PART_LIMIT = 240_000


def split(message: Message, events: Sequence[Event]) -> Complete:
    """Nothing is left to do for a message without any event."""
    log.info("message.split", parts=len(events))
    return Split(tuple(_part(message, number, event) for number, event in enumerate(events))) if events else Complete()


def _part(message: Message, number: int, event: Event) -> Event:
    """All that would depend on the message it comes in is written into it: cut out again, it is the same."""
    part = keyed(event, part_id(message, number), message.enqueued_at)
    if len(encode(part)) <= _PART_LIMIT:
        return part
    return part.model_copy(update={"raw": "Left out by the worker: too large to be carried along."})
