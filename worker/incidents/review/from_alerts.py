"""What the monitoring systems said: the first firing, how many there were, how bad, when all were over."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from worker.domain.alert_summary import AlertSummary
from worker.domain.event import Event, EventType
from worker.incidents.history import History
from worker.incidents.review.timeline_event import TimelineEvent, TimelineSource

# Behind what is told of all of them.
_REPORTS_FROM = 10


def alert_events(history: History) -> Iterator[TimelineEvent]:
    """Never each alert of a storm: what they were taken for is counted."""
    event, received_at = history.event, history.received_at
    if event.occurred_at is not None:
        began = _event(1, event.occurred_at, "occurred", _by(event), "It began.", key=True)
        yield began.model_copy(update={"recorded_at": received_at})
    words = "fired" if event.type is EventType.TRIGGER and event.fingerprint else "was raised"
    yield _event(2, received_at, "fired", _by(event), f"“{event.title}” {words}.", key=True)
    if history.alerts is not None:
        yield from _of_all(history.alerts, event)


def _of_all(alerts: AlertSummary, event: Event) -> Iterator[TimelineEvent]:
    by = _by(event)
    if alerts.alerts > 1:
        many = f"{alerts.alerts:,} alerts of {_faults(alerts.faults)} came in by then; this was the last."
        yield _event(3, alerts.last_at, "folded", by, many, data={"because": dict(alerts.reasons)})
    if alerts.severity < event.severity:
        raised = f"The worst of them had severity {alerts.severity.value}: {alerts.worst}"
        yield _event(4, alerts.last_at, "severity-raised", by, raised, data={"severity": alerts.severity.value})
    if alerts.resolved_at is not None:
        yield _event(5, alerts.resolved_at, "all-resolved", by, "All alerts have resolved.", key=True)
    for number, report in enumerate(sorted(alerts.reports, key=lambda each: each.at), start=_REPORTS_FROM):
        yield _event(number, report.at, "report", report.by, " ".join(filter(None, (report.title, report.impact))))


def _by(event: Event) -> str:
    return event.source or event.sender or event.detection_source.value


def _faults(number: int) -> str:
    return "1 fault" if number == 1 else f"{number:,} faults"


def _event(
    seq: int,
    at: datetime,
    kind: str,
    actor: str,
    text: str,
    *,
    key: bool = False,
    data: Mapping[str, object] | None = None,
) -> TimelineEvent:
    return TimelineEvent(
        at=at,
        recorded_at=at,
        source=TimelineSource.ALERT,
        seq=seq,
        kind=kind,
        actor=actor,
        text=text,
        data=dict(data or {}),
        key=key,
    )
