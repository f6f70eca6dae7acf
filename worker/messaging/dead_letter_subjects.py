"""What the dead letters speak of: a replay of one goes on with the incident, the fingerprint or the event of it."""

from worker.domain.alert_identity import identity
from worker.domain.dead_letter_subjects import DeadLetterSubjects
from worker.domain.errors import Undecodable
from worker.domain.event import Event
from worker.domain.incident import INCIDENT_ID, incident_id
from worker.messaging.copies import part_id
from worker.messaging.dead_letter_receiver import DeadLetterReceiver
from worker.messaging.decoding import Decoder, keyed
from worker.messaging.message import Message


async def read_subjects(receiver: DeadLetterReceiver, decoder: Decoder) -> DeadLetterSubjects:
    """All of them are looked at, locked or not, and none is changed. Raises Transient, Forbidden."""
    incidents, identities, remainders = set[str](), set[str](), set[str]()
    async for message in receiver.browse():
        if INCIDENT_ID.fullmatch(message.headers.get("correlation_id", "")):
            incidents.add(message.headers["correlation_id"])
        for event in _events(message, decoder):
            incidents.add(incident_id(event.key or ""))
            identities.add(identity(event))
            if event.remainder:
                remainders.add(event.remainder.partition("-")[0])
    return DeadLetterSubjects(incidents, identities, remainders)


def _events(message: Message, decoder: Decoder) -> list[Event]:
    """With the keys by which they are launched: alone by the message, of many by their part of it."""
    try:
        events = decoder.events_of(message)
    except Undecodable:
        return []
    if len(events) == 1:
        return [keyed(events[0], message.origin, message.enqueued_at)]
    return [keyed(event, part_id(message, number), message.enqueued_at) for number, event in enumerate(events)]
