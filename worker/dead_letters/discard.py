"""Take a dead letter out for good, and keep a record from which it can be sent again.

An incident that was never launched takes no more alerts from then on: the next one opens another.
"""

import base64
import json
from functools import partial

from worker.dead_letters.browse import DecodedLetter
from worker.dead_letters.operation import Planned
from worker.dead_letters.outcome import ItemOutcome, ItemResult
from worker.domain.audit import AuditRecord
from worker.domain.errors import Rejected
from worker.domain.event import EventType
from worker.domain.states import LaunchState
from worker.grouping.alert_store import AlertStore
from worker.messaging.message import Message
from worker.resilience.retrying import retry_transient
from worker.storage.stores import Stores

# A row ends at a mebibyte of UTF-16; the largest message of the standard tier fits, also in base 64.
_ROOM = 400_000


class Discard:
    """What is done to each dead letter that nobody wants any more."""

    action = "discard"

    def __init__(self, stores: Stores, alert_store: AlertStore, *, who: str, because: str) -> None:
        self._stores = stores
        self._alert_store = alert_store
        self._who = who
        self._because = because

    def plan(self, decoded: DecodedLetter) -> Planned:
        incident = decoded.incident
        outcome = ItemOutcome(
            sequence_number=decoded.message.sequence,
            result=ItemResult.DONE,
            incident_id=incident.id if incident is not None else None,
        )
        opens = incident is not None and incident.event.type is EventType.TRIGGER
        return Planned(outcome, partial(self._discard, outcome, opens=opens))

    async def check(self, planned: Planned) -> Planned:
        return planned

    async def _discard(self, outcome: ItemOutcome, message: Message, *, opens: bool) -> ItemOutcome:
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
        incident_id = outcome.incident_id
        await retry_transient(lambda: self._stores.audit.add(incident_id, record))
        if incident_id is not None and opens:
            await retry_transient(lambda: self._close(incident_id))
        return outcome

    async def _close(self, incident_id: str) -> None:
        known = await self._stores.incidents.summary(incident_id)
        if known is None or known.state is LaunchState.FAILED:
            await self._alert_store.close(incident_id)


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
