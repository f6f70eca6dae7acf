"""Send a dead letter's message anew, as another message of the same incident."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from worker.alerts.formats import native
from worker.dead_letters.browse import DecodedLetter
from worker.dead_letters.editing import Edit, edited
from worker.dead_letters.operation import Planned
from worker.dead_letters.outcome import ItemOutcome, ItemResult
from worker.domain.audit import AuditRecord
from worker.domain.errors import Rejected, Undecodable
from worker.domain.event import Event, decode, encode
from worker.messaging.copies import replay_id, replay_of
from worker.messaging.decoding import FORMAT, incident_from
from worker.messaging.message import Message
from worker.messaging.sender import Sender
from worker.resilience.retrying import retry_transient
from worker.storage.stores import Stores

_TRACE = "traceparent"
_REPLAYED = "tocsin-replay-of"
_REPLAYED_TRACE = "tocsin-replay-of-traceparent"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is sent in the place of a dead letter, and of which incident that is; without an event, the same body.

    `before` is the incident that the message was about, as far as it was an event before it was edited.
    """

    event: Event | None = None
    incident_id: str | None = None
    before: str | None = None


def replacement(decoded: DecodedLetter, edits: Sequence[Edit]) -> Replacement:
    """Raises Undecodable for what still is no event, Rejected for edits that lead nowhere."""
    if decoded.carries_many:
        return _of_many(edits)
    return _edited(decoded, edits) if edits else _unedited(decoded)


def _of_many(edits: Sequence[Edit]) -> Replacement:
    """The body as it is: a worker makes a message of each event."""
    if edits:
        raise Rejected(
            "The message carries many events, so no value can be set for all. Replay it as it is: each becomes a "
            "message of its own."
        )
    return Replacement()


def _edited(decoded: DecodedLetter, edits: Sequence[Edit]) -> Replacement:
    message, before = decoded.message, decoded.incident
    content = before.event.model_dump(mode="json", exclude_none=True) if before else _object(message)
    event = decode(json.dumps(edited(content, edits)).encode())
    incident = incident_from(event, message)
    if before is not None and event.key == before.event.key:
        return Replacement(incident.event, before.id, before.id)
    return Replacement(incident.event, incident.id, before.id if before else None)


def _unedited(decoded: DecodedLetter) -> Replacement:
    """With the key by which the incident is known written into it, and the time at which it was received."""
    incident = decoded.incident
    if incident is None:
        raise Undecodable(decoded.fault or "")
    event = None if _says_it_all(decoded.message) else incident.event
    return Replacement(event, incident.id, incident.id)


def _says_it_all(message: Message) -> bool:
    try:
        as_sent = decode(message.body)
    except Undecodable:
        return False
    return as_sent.key is not None and as_sent.received_at is not None


def _object(message: Message) -> dict[str, Any]:
    try:
        content = json.loads(message.body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Rejected(
            "The body is no JSON object, so no value of it can be set. Export it, correct it and send it anew, "
            "then discard this one."
        )
    return content


class Replay:
    """What is done to each dead letter: record it, send it anew, and say that it may be taken out."""

    action = "replay"

    def __init__(
        self, sender: Sender, stores: Stores, *, who: str, edits: Sequence[Edit] = (), force: bool = False
    ) -> None:
        self._sender = sender
        self._stores = stores
        self._who = who
        self._edits = edits
        self._force = force

    def plan(self, decoded: DecodedLetter) -> Planned:
        message = decoded.message
        try:
            made = self._replacement(decoded)
        except Rejected as error:
            outcome = ItemOutcome(sequence_number=message.sequence, result=ItemResult.FAILED, sentence=str(error))
            return Planned(outcome)
        except Undecodable as error:
            result = ItemResult.FAILED if self._edits else ItemResult.SKIPPED
            sentence = f"{error} Correct it with --set, or discard it; --force sends it as it is."
            return Planned(ItemOutcome(sequence_number=message.sequence, result=result, sentence=sentence))
        outcome = ItemOutcome(
            sequence_number=message.sequence,
            result=ItemResult.DONE,
            incident_id=made.incident_id,
            new_message_id=replay_id(message),
        )
        return Planned(outcome, partial(self._replay, outcome, made))

    async def check(self, planned: Planned) -> Planned:
        outcome = planned.outcome
        if outcome.result is not ItemResult.DONE or outcome.incident_id is None or self._force:
            return planned
        known = await self._stores.incidents.summary(outcome.incident_id)
        if known is None or known.launched_at is None:
            return planned
        sentence = "Already launched: a replay would do nothing. Discard it; --force sends it all the same."
        skipped = {"result": ItemResult.SKIPPED, "new_message_id": None, "sentence": sentence}
        return Planned(outcome.model_copy(update=skipped))

    async def _replay(self, outcome: ItemOutcome, made: Replacement, message: Message) -> ItemOutcome:
        await self._refuse_another_incident(made)
        sentence = await self._warn_of_earlier_edits(message, made)
        await retry_transient(lambda: self._record(message, made))
        await retry_transient(lambda: self._send(message, made))
        return outcome.model_copy(update={"sentence": sentence})

    def _replacement(self, decoded: DecodedLetter) -> Replacement:
        try:
            return replacement(decoded, self._edits)
        except Undecodable:
            if self._force and not self._edits:
                return Replacement()
            raise

    async def _refuse_another_incident(self, made: Replacement) -> None:
        """Another key is another incident, and what its launch has made so far would be made again."""
        if made.before is None or made.incident_id is None or made.before == made.incident_id:
            return
        if await self._stores.incidents.summary(made.before) is not None:
            raise Rejected(
                f"--set key: {made.before} has been worked on under its key, and would be launched a second time. "
                "Leave its key as it is."
            )

    async def _warn_of_earlier_edits(self, message: Message, made: Replacement) -> str:
        """A sentence, where a run that was interrupted may have sent it with other values."""
        if not self._edits:
            return ""
        edits = self._edits_by_name()
        for record in await self._stores.audit.read(made.incident_id):
            details = record.details
            if details.get("sequence_number") == message.sequence and details.get("edits", edits) != edits:
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
        incident_id, event = made.incident_id, made.event
        # What the first attempt stored is what all later ones launch: an edit has to reach it there.
        if self._edits and incident_id and event and await self._stores.incidents.amend(incident_id, event, record):
            return
        await self._stores.audit.add(incident_id, record)

    async def _send(self, message: Message, made: Replacement) -> None:
        properties = {_REPLAYED: str(message.sequence)}
        if trace := message.properties.get(_TRACE):
            properties[_REPLAYED_TRACE] = str(trace)
        headers: dict[str, str] = {}
        body = message.body if made.event is None else encode(made.event)
        if body != message.body:
            # Whatever the dead letter was, an event of ours is sent in its place.
            properties[FORMAT] = native.NAME
        if made.incident_id is not None:
            headers = {"content_type": "application/json", "correlation_id": made.incident_id} | message.headers
        await self._sender.send(replay_of(message, body, properties=properties, **headers))
