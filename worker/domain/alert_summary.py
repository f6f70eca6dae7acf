"""What all alerts of one incident come to: how many, from when to when, on what, and which of them still fire.

Pure, and the same whatever the order in which they came: a resolve may overtake what it ends, and a firing may be told
again long after.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field

from worker.domain.alert_identity import alert_id, identity
from worker.domain.event import EventType, Severity
from worker.domain.incident import Incident
from worker.domain.report import Report

_RESOURCES_NAMED = 20
# All of it is one property of a row, which ends at 32 Ki characters.
_REASONS_KEPT = 8
_REPORTS_TOLD = 5


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One alert as it is kept with its incident. Times are the sender's, but for `received_at`, which is ours.

    `report`: a person's words, of a report alone.
    """

    id: str
    type: EventType
    identity: str
    severity: Severity
    title: str
    received_at: datetime
    occurred_at: datetime | None = None
    resources: tuple[str, ...] = ()
    because: str = ""
    opened: bool = False
    report: Report | None = None

    @classmethod
    def of(cls, incident: Incident, *, because: str, opened: bool = False) -> "AlertRecord":
        event = incident.event
        return cls(
            id=alert_id(event),
            type=event.type,
            identity=identity(event),
            severity=event.severity,
            title=event.title,
            received_at=incident.received_at,
            occurred_at=event.occurred_at,
            resources=event.resources,
            because=because,
            opened=opened,
            report=Report.of(event, incident.received_at) if event.type is EventType.REPORT else None,
        )


class AlertSummary(BaseModel, frozen=True):
    """The alerts of one incident, counted; `resolved_at` once none of them fires any more."""

    alerts: int = Field(description="Firings and the like, each counted once however often it was delivered.")
    faults: int = Field(description="Different things that fired, told apart by their fingerprints.")
    firing: int = Field(description="How many of these have not been resolved.")
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None = None
    acknowledged_at: datetime | None = None
    severity: Severity = Field(description="The worst of them all, reports included.")
    worst: str = Field(default="", description="The title of the first alert or report with that severity.")
    resources: tuple[str, ...] = ()
    more_resources: int = 0
    reasons: dict[str, int] = Field(default_factory=dict, description="Why they were taken for this incident's.")
    reports: tuple[Report, ...] = Field(default=(), description="What people added to it, the newest first.")
    more_reports: int = 0

    @property
    def mark(self) -> str:
        """The same for what is the same to people: some senders tell of an end over and over."""
        told = self.model_dump(mode="json", exclude={"resolved_at", "acknowledged_at"})
        told |= {"resolved": self.resolved_at is not None, "acknowledged": self.acknowledged_at is not None}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def summarised(told: Iterable[AlertRecord]) -> AlertSummary | None:
    """None where nothing has fired."""
    alerts = _each_once(sorted(told, key=lambda each: (each.received_at, each.id)))
    firings = [each for each in alerts if each.type is EventType.TRIGGER]
    if not firings:
        return None
    resolves = [each for each in alerts if each.type is EventType.RESOLVE]
    still = _still_firing(firings, resolves)
    reports = [each for each in alerts if each.type is EventType.REPORT]
    worst = min((*firings, *reports), key=lambda each: each.severity)
    resources = list(dict.fromkeys(resource for each in firings for resource in each.resources))
    return AlertSummary(
        alerts=len(firings),
        faults=len({each.identity for each in firings}),
        firing=len(still),
        first_at=min(each.occurred_at or each.received_at for each in firings),
        last_at=max(each.received_at for each in firings),
        resolved_at=None if still else max(each.received_at for each in resolves),
        acknowledged_at=max((each.received_at for each in alerts if each.type is EventType.ACKNOWLEDGE), default=None),
        severity=worst.severity,
        worst=worst.title,
        resources=tuple(resources[:_RESOURCES_NAMED]),
        more_resources=max(len(resources) - _RESOURCES_NAMED, 0),
        reasons=_most_frequent(Counter(each.because for each in firings if each.because)),
        reports=tuple(each.report for each in reversed(reports) if each.report)[:_REPORTS_TOLD],
        more_reports=max(len(reports) - _REPORTS_TOLD, 0),
    )


def ends(resolve: AlertRecord, firing: AlertRecord) -> bool:
    """Of the same identity."""
    end = _Ends()
    end.add(resolve)
    return end.covers(firing)


def _each_once(alerts: Iterable[AlertRecord]) -> list[AlertRecord]:
    first: dict[str, AlertRecord] = {}
    for each in alerts:
        first.setdefault(each.id, each)
    return list(first.values())


def _most_frequent(reasons: Counter[str]) -> dict[str, int]:
    ordered = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    return dict(ordered[:_REASONS_KEPT])


@dataclass(slots=True)
class _Ends:
    """All resolves of one identity. By the sender's own times where both sides have them: never its clock to ours."""

    began: datetime | None = None
    received: datetime | None = None
    received_without_beginning: datetime | None = None

    def add(self, resolve: AlertRecord) -> None:
        self.received = _later(self.received, resolve.received_at)
        if resolve.occurred_at is not None:
            self.began = _later(self.began, resolve.occurred_at)
        else:
            self.received_without_beginning = _later(self.received_without_beginning, resolve.received_at)

    def covers(self, firing: AlertRecord) -> bool:
        if firing.occurred_at is None:
            return _reaches(self.received, firing.received_at)
        by_time = _reaches(self.began, firing.occurred_at)
        return by_time or _reaches(self.received_without_beginning, firing.received_at)


def _still_firing(firings: Sequence[AlertRecord], resolves: Sequence[AlertRecord]) -> set[str]:
    """The identities of which at least one firing is not ended."""
    ends: defaultdict[str, _Ends] = defaultdict(_Ends)
    for resolve in resolves:
        ends[resolve.identity].add(resolve)
    return {firing.identity for firing in firings if not ends[firing.identity].covers(firing)}


def _later(moment: datetime | None, other: datetime) -> datetime:
    return other if moment is None else max(moment, other)


def _reaches(moment: datetime | None, wanted: datetime) -> bool:
    return moment is not None and moment >= wanted
