"""One alert as it is kept with its incident."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from worker.domain.alert_identity import alert_id, identity
from worker.domain.event import EventType, Severity
from worker.domain.incident import Incident
from worker.domain.report import Report
from worker.domain.sender_clock import believed
from worker.domain.sender_scope import NOTHING_MORE, Sender, SenderScope


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """Times are the sender's as told, but for `received_at`, which is ours; `began` and `ended` are those that decide.

    `fact`: of what names its fault by a key and no time, what is the same each time that it is told; else empty.
    `sender`: who proved to the intake that they sent it; empty where it came by the queue alone, None where it was
    kept before that was noted. `sender_scope`: of what tells an end, where its sender may end more than its own.
    `ended_at`: of a resolve, and of what is no longer reported. `left_out`: how many more were left out of
    the call that it came in. `report`: a person's words, of a report alone.
    """

    id: str
    type: EventType
    identity: str
    severity: Severity
    title: str
    received_at: datetime
    sender: str | None = None
    service: str = ""
    occurred_at: datetime | None = None
    ended_at: datetime | None = None
    state_reason: str = ""
    resources: tuple[str, ...] = ()
    left_out: int = 0
    because: str = ""
    opened: bool = False
    report: Report | None = None
    sender_scope: SenderScope | None = None
    fact: str = ""

    @classmethod
    def of(cls, incident: Incident, *, because: str, opened: bool = False) -> Self:
        event = incident.event
        return cls(
            id=alert_id(event),
            type=event.type,
            identity=identity(event),
            severity=event.severity,
            title=event.title,
            received_at=incident.received_at,
            sender=event.teller,
            service=event.service,
            occurred_at=event.occurred_at,
            ended_at=event.resolved_at if event.type is not EventType.TRIGGER else None,
            state_reason=event.state_reason,
            resources=event.resources,
            left_out=event.left_out,
            because=because,
            opened=opened,
            report=Report.of(event, incident.received_at) if event.type is EventType.REPORT else None,
            sender_scope=event.sender_scope if event.type is not EventType.TRIGGER else None,
            fact=event.fact if event.type is EventType.TRIGGER else "",
        )

    @property
    def told_by(self) -> Sender:
        return Sender(self.sender or "", self.sender_scope or NOTHING_MORE)

    def may_end(self, firing: Self) -> bool:
        """Whether what it says reaches what the sender of that told; whether it does is for AlertEnds."""
        return self.told_by.may_end(firing.sender, firing.service)

    @property
    def began(self) -> datetime | None:
        return believed(self.occurred_at, self.received_at) if self.occurred_at is not None else None

    @property
    def ended(self) -> datetime | None:
        return believed(self.ended_at, self.received_at) if self.ended_at is not None else None

    @property
    def settled_at(self) -> datetime:
        """When it ended what it ends: as its sender says, and never after it was told."""
        return min(self.ended_at or self.received_at, self.received_at)
