"""What all alerts of one incident come to: how many, from when to when, on what, and which of them still fire.

Pure, and the same whatever the order in which they came: a resolve may overtake what it ends, and a firing may be told
again long after.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from worker.domain.alert_ends import AlertEnds
from worker.domain.alert_record import AlertRecord
from worker.domain.event import EventType, Severity
from worker.domain.report import Report

_RESOURCES_NAMED = 20
# All of it is one property of a row, which ends at 32 Ki characters.
_REASONS_KEPT = 8
_REPORTS_TOLD = 5


class AlertSummary(BaseModel, frozen=True):
    """The alerts of one incident, counted; `resolved_at` once none of them fires any more."""

    alerts: int = Field(description="Firings and the like, each counted once however often it was delivered.")
    faults: int = Field(description="Different things that fired, told apart by their fingerprints.")
    firing: int = Field(description="How many of these have not been resolved.")
    unreported: int = Field(
        default=0,
        description="How many of those firing are no longer reported, so that nobody knows whether they are over.",
    )
    unreported_because: tuple[str, ...] = Field(default=(), description="The sender's words for that.")
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None = None
    acknowledged_at: datetime | None = None
    severity: Severity = Field(description="The worst of them all, reports included.")
    worst: str = Field(default="", description="The title of the first alert or report with that severity.")
    resources: tuple[str, ...] = ()
    more_resources: int = 0
    left_out: int = Field(default=0, description="How many more alerts, at least, were left out of what was told.")
    reasons: dict[str, int] = Field(default_factory=dict, description="Why they were taken for this incident's.")
    reports: tuple[Report, ...] = Field(default=(), description="What people added to it, the newest first.")
    more_reports: int = 0

    @property
    def mark(self) -> str:
        """The same for what is the same to people: some senders tell of an end over and over."""
        # What no count had before it was added is no change.
        new = {name for name in ("unreported", "unreported_because", "left_out") if not getattr(self, name)}
        told = self.model_dump(mode="json", exclude={"resolved_at", "acknowledged_at"} | new)
        told |= {"resolved": self.resolved_at is not None, "acknowledged": self.acknowledged_at is not None}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def summarised(told: Iterable[AlertRecord]) -> AlertSummary | None:
    """None where nothing has fired."""
    alerts = each_once(told)
    firings = [each for each in alerts if each.type is EventType.TRIGGER]
    if not firings:
        return None
    resolves = [each for each in alerts if each.type is EventType.RESOLVE]
    unmeasured = [each for each in alerts if each.type is EventType.NO_LONGER_REPORTED]
    still = _left_by(firings, resolves)
    unreported = still - _left_by(firings, [*resolves, *unmeasured])
    reports = [each for each in alerts if each.type is EventType.REPORT]
    worst = min((*firings, *reports), key=lambda each: each.severity)
    resources = list(dict.fromkeys(resource for each in firings for resource in each.resources))
    return AlertSummary(
        alerts=len(firings),
        faults=len({each.identity for each in firings}),
        firing=len(still),
        first_at=min(each.began or each.received_at for each in firings),
        last_at=max(each.received_at for each in firings),
        unreported=len(unreported),
        unreported_because=_reasons_of(each for each in unmeasured if each.identity in unreported),
        resolved_at=None if still else max(each.settled_at for each in resolves),
        acknowledged_at=max(_acknowledgements(alerts), default=None),
        severity=worst.severity,
        worst=worst.title,
        resources=tuple(resources[:_RESOURCES_NAMED]),
        more_resources=max(len(resources) - _RESOURCES_NAMED, 0),
        left_out=max(each.left_out for each in firings),
        reasons=_most_frequent(Counter(each.because for each in firings if each.because)),
        reports=tuple(each.report for each in reversed(reports) if each.report)[:_REPORTS_TOLD],
        more_reports=max(len(reports) - _REPORTS_TOLD, 0),
    )


def _reasons_of(unmeasured: Iterable[AlertRecord]) -> tuple[str, ...]:
    told = dict.fromkeys(each.state_reason for each in unmeasured if each.state_reason)
    return tuple(told)[:_REASONS_KEPT]


def each_once(told: Iterable[AlertRecord]) -> list[AlertRecord]:
    """In the order of their receipt. The same fact told again is one, until its end was told in between."""
    first: dict[tuple[str, int], AlertRecord] = {}
    ends: Counter[str] = Counter()
    for each in sorted(told, key=lambda each: (each.received_at, each.id)):
        known = (each.fact, ends[each.identity]) if each.fact else (each.id, 0)
        if known not in first:
            first[known] = each
            ends[each.identity] += each.type is EventType.RESOLVE
    return list(first.values())


def _most_frequent(reasons: Counter[str]) -> dict[str, int]:
    ordered = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    return dict(ordered[:_REASONS_KEPT])


class _Ends:
    """Of all identities; whether one reaches a firing is asked ten thousand times, and mostly of the same sender."""

    def __init__(self, ends: Iterable[AlertRecord]) -> None:
        self._told: defaultdict[str, list[AlertRecord]] = defaultdict(list)
        for each in ends:
            self._told[each.identity].append(each)
        self._known: dict[tuple[str, str | None, str], AlertEnds] = {}

    def reach(self, firing: AlertRecord) -> bool:
        if firing.identity not in self._told:
            return False
        told = (firing.identity, firing.sender, firing.service)
        if told not in self._known:
            self._known[told] = AlertEnds(end for end in self._told[firing.identity] if end.may_end(firing))
        return self._known[told].reach(firing)


def _left_by(firings: Iterable[AlertRecord], ends: Iterable[AlertRecord]) -> set[str]:
    """The identities of which at least one firing is reached by no end of a sender that may end it."""
    reached = _Ends(ends)
    return {firing.identity for firing in firings if not reached.reach(firing)}


def _acknowledgements(alerts: Sequence[AlertRecord]) -> Iterator[datetime]:
    """Of the incident, by who may end what opened it; nobody speaks for others by joining them."""
    opened = [each for each in alerts if each.opened]
    for each in alerts:
        if each.type is EventType.ACKNOWLEDGE and all(each.may_end(opener) for opener in opened):
            yield each.received_at
