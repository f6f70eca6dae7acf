"""One alert as it is kept with its incident."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from worker.domain.alert_identity import alert_id, identity
from worker.domain.event import EventType, Severity
from worker.domain.incident import Incident
from worker.domain.report import Report
from worker.domain.sender_clock import believed


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """Times are the sender's as told, but for `received_at`, which is ours; `began` and `ended` are those that decide.

    `sender`: who proved to the intake that they sent it; empty where it came by the queue alone.
    `ended_at`: of a resolve, and of what is no longer reported. `left_out`: how many more were left out of
    the call that it came in. `report`: a person's words, of a report alone.
    """

    id: str
    type: EventType
    identity: str
    severity: Severity
    title: str
    received_at: datetime
    sender: str = ""
    occurred_at: datetime | None = None
    ended_at: datetime | None = None
    state_reason: str = ""
    resources: tuple[str, ...] = ()
    left_out: int = 0
    because: str = ""
    opened: bool = False
    report: Report | None = None

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
            sender=event.sender,
            occurred_at=event.occurred_at,
            ended_at=event.resolved_at if event.type is not EventType.TRIGGER else None,
            state_reason=event.state_reason,
            resources=event.resources,
            left_out=event.left_out,
            because=because,
            opened=opened,
            report=Report.of(event, incident.received_at) if event.type is EventType.REPORT else None,
        )

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
