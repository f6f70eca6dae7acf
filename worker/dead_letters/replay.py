"""Send a dead letter's message anew, as another message of the same incident."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from worker.alerts.formats import native
from worker.dead_letters.editing import Edit, edited
from worker.dead_letters.outcome import ItemOutcome, ItemResult
from worker.domain.audit import AuditRecord
from worker.domain.errors import Rejected, Undecodable
from worker.domain.event import Event, decode, encode
from worker.domain.incident import Incident
from worker.domain.states import LaunchState
from worker.messaging.copies import replay_id, replay_of
from worker.messaging.decoding import FORMAT, events_of, incident_from, incident_of
from worker.messaging.message import Message
from worker.messaging.sender import Sender
from worker.resilience.retrying import retry_transient
from worker.storage.incident_store import Store

_TRACE = "traceparent"
_REPLAYED = "tocsin-replay-of"
_REPLAYED_TRACE = "tocsin-replay-of-traceparent"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is sent in the place of a dead letter; of what is no event, the bytes as they are.

    `before` is the incident that the message was about, as far as it was an event before it was edited.
    """

    body: bytes
    incident: Incident | None = None
    before: Incident | None = None


def replacement(message: Message, edits: Sequence[Edit]) -> Replacement:
    """Raises Undecodable for what still is no event, Rejected for edits that lead nowhere."""
    if len(_or_none(lambda: events_of(message)) or ()) > 1:
        return _of_many(message, edits)
    if not edits:
        return _unedited(message)
    before = _or_none(lambda: incident_of(message))
    content = before.event.model_dump(mode="json", exclude_none=True) if before else _object(message)
    event = decode(json.dumps(edited(content, edits)).encode())
    incident = incident_from(event, message)
    return Replacement(encode(incident.event), incident, before)


def _of_many(message: Message, edits: Sequence[Edit]) -> Replacement:
    """The bytes as they are: a worker makes a message of each event."""
    if edits:
        raise Rejected(
            "The message carries many events, so no value can be set for all. Replay it as it is: each becomes a "
            "message of its own."
        )
    return Replacement(message.body)


def _unedited(message: Message) -> Replacement:
    """With the key by which the incident is known written into it, and the time at which it was received."""
    incident = incident_of(message)
    as_sent: Event | None = _or_none(lambda: decode(message.body))
    says_it_all = as_sent is not None and as_sent.key is not None and as_sent.received_at is not None
    return Replacement(message.body if says_it_all else encode(incident.event), incident, incident)


def _or_none(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Undecodable:
        return None


def _object(message: Message) -> dict[str, Any]:
    try:
        content = json.loads(message.body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Rejected(
            "The body is no JSON object, so no value of it can be set. Export it, mend it and send it anew, "
            "then discard this one."
        )
    return content


class Replay:
    """What a walk does to each dead letter: record it, send it anew, and say that it may be taken out."""

    action = "replay"

    def __init__(
        self, sender: Sender, store: Store, *, who: str, edits: Sequence[Edit] = (), force: bool = False
    ) -> None:
        self._sender = sender
        self._store = store
        self._who = who
        self._edits = edits
        self._force = force

    def preview(self, message: Message) -> ItemOutcome:
        """What replaying it would come to, as far as the message itself tells."""
        new_id = replay_id(message)
        try:
            incident = self._replacement(message).incident
        except Rejected as error:
            return ItemOutcome(sequence_number=message.sequence, result=ItemResult.FAILED, sentence=str(error))
        except Undecodable as error:
            result = ItemResult.FAILED if self._edits else ItemResult.SKIPPED
            advice = "Mend it with --set, or discard it; --force sends it as it is."
            return ItemOutcome(sequence_number=message.sequence, result=result, sentence=f"{error} {advice}")
        incident_id = incident.id if incident else None
        return ItemOutcome(
            sequence_number=message.sequence, result=ItemResult.DONE, incident_id=incident_id, new_message_id=new_id
        )

    async def check(self, previewed: ItemOutcome) -> ItemOutcome:
        """What replaying it would come to, as the store tells of its incident."""
        if previewed.result is not ItemResult.DONE or previewed.incident_id is None or self._force:
            return previewed
        known = await self._store.summary(previewed.incident_id)
        if known is None or known.state is not LaunchState.LAUNCHED:
            return previewed
        sentence = "Already launched: a replay would do nothing. Discard it; --force sends it all the same."
        return previewed.model_copy(update={"result": ItemResult.SKIPPED, "new_message_id": None, "sentence": sentence})

    async def __call__(self, message: Message) -> ItemOutcome:
        previewed = self.preview(message)
        if previewed.result is not ItemResult.DONE:
            return previewed
        made = self._replacement(message)
        await self._refuse_another_incident(made)
        sentence = await self._earlier_edits(message, made)
        await retry_transient(lambda: self._record(message, made))
        await retry_transient(lambda: self._send(message, made))
        return previewed.model_copy(update={"sentence": sentence})

    def _replacement(self, message: Message) -> Replacement:
        try:
            return replacement(message, self._edits)
        except Undecodable:
            if self._force and not self._edits:
                return Replacement(message.body)
            raise

    async def _refuse_another_incident(self, made: Replacement) -> None:
        """Another key is another incident, and what its launch has made so far would be made again."""
        if made.before is None or made.incident is None or made.before.id == made.incident.id:
            return
        if await self._store.summary(made.before.id) is not None:
            raise Rejected(
                f"--set key: {made.before.id} has been worked on under its key, and would be launched a second time. "
                "Leave its key as it is."
            )

    async def _earlier_edits(self, message: Message, made: Replacement) -> str:
        """A warning, where a run that was interrupted may have sent it with other values."""
        if not self._edits:
            return ""
        edits = self._edits_by_name()
        for record in await self._store.audit(made.incident.id if made.incident else None):
            told = record.details
            if told.get("sequence_number") == message.sequence and told.get("edits", edits) != edits:
                return (
                    f"{record.who} replayed it with other values at {record.at:%Y-%m-%d %H:%M:%S} UTC. If the queue "
                    "still remembers that message, it drops this one: look at the incident."
                )
        return ""

    def _edits_by_name(self) -> dict[str, str]:
        return {edit.name: edit.text for edit in self._edits}

    async def _record(self, message: Message, made: Replacement) -> None:
        record = AuditRecord(
            action=self.action,
            who=self._who,
            details={
                "sequence_number": message.sequence,
                "message_id": message.id,
                "new_message_id": replay_id(message),
                "reason": message.reason,
                "edits": self._edits_by_name(),
                "forced": self._force,
            },
        )
        incident = made.incident
        # What the first attempt stored is what all later ones launch: an edit has to reach it there.
        if self._edits and incident and await self._store.amend(incident.id, incident.event, record):
            return
        await self._store.record(incident.id if incident else None, record)

    async def _send(self, message: Message, made: Replacement) -> None:
        properties = {_REPLAYED: str(message.sequence)}
        if trace := message.properties.get(_TRACE):
            properties[_REPLAYED_TRACE] = str(trace)
        headers: dict[str, str] = {}
        if made.body != message.body:
            # Whatever the dead letter was, an event of ours is sent in its place.
            properties[FORMAT] = native.NAME
        if made.incident is not None:
            headers = {"content_type": "application/json", "correlation_id": made.incident.id} | message.headers
        await self._sender.send(replay_of(message, made.body, properties=properties, **headers))
