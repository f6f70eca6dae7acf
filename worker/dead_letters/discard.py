"""Take a dead letter out for good, and keep a record from which it can be sent again.

An incident that was never launched takes no more alerts from then on: the next one opens another.
"""

import base64
import json

from worker.dead_letters.outcome import ItemOutcome, ItemResult
from worker.domain.audit import AuditRecord
from worker.domain.errors import Rejected, Undecodable
from worker.domain.event import EventType
from worker.domain.incident import Incident
from worker.domain.states import LaunchState
from worker.grouping.alert_store import AlertStore
from worker.messaging.decoding import incident_of
from worker.messaging.message import Message
from worker.resilience.retrying import retry_transient
from worker.storage.incident_store import Store

# A row ends at a mebibyte of UTF-16; the largest message of the standard tier fits, also in base 64.
_ROOM = 400_000


class Discard:
    """What a walk does to each dead letter that nobody wants any more."""

    action = "discard"

    def __init__(self, store: Store, alert_store: AlertStore, *, who: str, because: str) -> None:
        self._store = store
        self._alert_store = alert_store
        self._who = who
        self._because = because

    def preview(self, message: Message) -> ItemOutcome:
        return ItemOutcome(sequence_number=message.sequence, result=ItemResult.DONE, incident_id=_incident_id(message))

    async def check(self, previewed: ItemOutcome) -> ItemOutcome:
        return previewed

    async def __call__(self, message: Message) -> ItemOutcome:
        record = AuditRecord(
            action=self.action,
            who=self._who,
            details={
                "because": self._because,
                "sequence_number": message.sequence,
                "message_id": message.id,
                "reason": message.reason,
                "description": message.description,
                **_kept(message),
            },
        )
        await retry_transient(lambda: self._store.record(_incident_id(message), record))
        await retry_transient(lambda: self._close(message))
        return self.preview(message)

    async def _close(self, message: Message) -> None:
        incident = _incident(message)
        if incident is None or incident.event.type is not EventType.TRIGGER:
            return
        known = await self._store.summary(incident.id)
        if known is None or known.state is LaunchState.FAILED:
            await self._alert_store.close(incident.id)


def body_of(message: Message) -> dict[str, str]:
    """As text, or in base 64 where it is none."""
    try:
        return {"body": message.body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(message.body).decode()}


def _kept(message: Message) -> dict[str, str]:
    """The body, in a form that a row can hold."""
    body = body_of(message)
    if len(json.dumps(body, ensure_ascii=False)) > _ROOM:
        raise Rejected(
            "The message is larger than its record can be, and is not discarded. Export it, then take it out in the "
            "Azure portal."
        )
    return body


def _incident_id(message: Message) -> str | None:
    incident = _incident(message)
    return incident.id if incident is not None else None


def _incident(message: Message) -> Incident | None:
    try:
        return incident_of(message)
    except Undecodable:
        return None
