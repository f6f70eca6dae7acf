"""A message that carries many events becomes as many messages, so that each is launched, retried and counted alone."""

from collections.abc import Sequence

import structlog

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event
from worker.domain.settlement import Complete, Split
from worker.messaging.copies import part_id
from worker.messaging.decoding import keyed
from worker.messaging.message import Message

log = structlog.get_logger()


def split(message: Message, events: Sequence[Event]) -> Split | Complete:
    """Nothing is left to do for a message without any event."""
    log.info("message.split", parts=len(events))
    return Split(tuple(_part(message, number, event) for number, event in enumerate(events))) if events else Complete()


def _part(message: Message, number: int, event: Event) -> EncodedEvent:
    """All that would depend on the message it comes in is written into it: split off again, it is the same."""
    message_id = part_id(message, number)
    keyed_event = keyed(event, message_id, message.first_enqueued_at)
    part = EncodedEvent.of(keyed_event, message_id=message_id)
    if part.fits_into_a_message:
        return part
    return part.with_event(
        keyed_event.model_copy(update={"raw": "Left out by the worker: too large to be carried along."})
    )
