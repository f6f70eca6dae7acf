"""Resource Health and Service Health, as Azure Resource Notifications publish them."""

from collections.abc import Iterator
from datetime import datetime

from worker.alerts.event_grid.notice import Notice, Told, name_of
from worker.alerts.format import Ignored
from worker.alerts.unmeasured import low_confidence
from worker.domain.event import EventType, Severity
from worker.domain.markup import plain

_PROPERTIES = ("resourceInfo", "properties")
_STATES = {
    "unavailable": ("is unavailable", Severity.HIGH),
    "degraded": ("is degraded", Severity.MEDIUM),
    "unknown": ("does not say how it is", Severity.MEDIUM),
}
_UNKNOWN = low_confidence("Azure has not heard from the resource, and does not know whether anything is wrong")
_ENDED = {"resolved", "complete", "completed", "rca"}
_WITHDRAWN = {"canceled", "cancelled", "archived"}
_OF_HEALTH = "/providers/microsoft.resourcehealth/"
_CALM = {"plannedmaintenance", "healthadvisory", "maintenance", "informational", "billing"}


def read_availability(notice: Notice) -> Told | Ignored:
    """Each event is one state of the resource; only that it is available again ends what another state began."""
    resource, state = _resource(notice), notice.text(*_PROPERTIES, "availabilityState")
    before = notice.text(*_PROPERTIES, "previousAvailabilityState")
    said = {"state": state, "previous-state": before, "resource-type": notice.text(*_PROPERTIES, "targetResourceType")}
    at = notice.time(*_PROPERTIES, "occurredTime")
    identity, affected = ["health", resource], [name_of(resource)]
    if state.lower() == "available":
        title = f"{name_of(resource)} is available again"
        return Told(title, identity, affected, kind=EventType.RESOLVE, word=before, at=at, labels=said)
    words, severity = _STATES.get(state.lower(), (f"has the health {state or 'Unknown'}", Severity.MEDIUM))
    blind = state.lower() in {"unknown", ""}
    return Told(
        f"{name_of(resource)} {words}",
        identity,
        affected,
        severity,
        "" if blind else state,
        at=at,
        description=[_UNKNOWN if blind else "", f"Before that it was {before}." if before else ""],
        labels=said,
    )


def read_annotation(notice: Notice) -> Told | Ignored:
    """Why a machine is or will be disturbed; it has the identity of the machine's health, whose end it shares."""
    said = {name: notice.text(*_PROPERTIES, name) for name in ("context", "category", "impactType")}
    if said["context"].lower().startswith("customer"):
        return Ignored("Resource Health tells of what somebody did to a resource on purpose; it launches nothing.")
    resource, name = _resource(notice), notice.text(*_PROPERTIES, "annotationName")
    informs = said["impactType"].lower() == "informational" or said["category"].lower() == "planned"
    return Told(
        notice.text(*_PROPERTIES, "reason") or name or "Resource Health annotation",
        ["health", resource],
        [name_of(resource)],
        Severity.LOW if informs else Severity.MEDIUM,
        at=notice.time(*_PROPERTIES, "occurredTime"),
        description=[plain(notice.text(*_PROPERTIES, part)) for part in ("summary", "recommendedActions")],
        labels={"annotation": name, **said},
    )


def read_service_health(notice: Notice) -> Told | Ignored:
    """An issue, maintenance or advisory of Azure, which ends by its own last phase and by no better-sounding update."""
    said = {name: _said(notice, name) for name in ("trackingId", "status", "stage", "eventType", "level")}
    phases = {said["status"].lower(), said["stage"].lower()}
    kind, calm = _kind(phases), said["eventType"].lower() in _CALM
    return Told(
        plain(_said(notice, "title")) or "Azure Service Health event",
        ["service-health", said["trackingId"] or notice.subject or notice.source],
        list(dict.fromkeys(_impacted(notice))),
        Severity.LOW if calm else Severity.MEDIUM,
        "" if calm else said["level"] if said["level"].lower() in {"critical", "error"} else "",
        kind,
        at=_time(notice, "impactMitigationTime" if kind is not EventType.TRIGGER else "impactStartTime"),
        began_at=_time(notice, "impactStartTime"),
        state_reason=(said["stage"] or said["status"]) if kind is EventType.NO_LONGER_REPORTED else "",
        description=[plain(_said(notice, name)) for name in ("summary", "communication", "description")],
        labels=said,
    )


def read_scheduled_event(notice: Notice) -> Told | Ignored:
    """The planned maintenance of a cluster's nodes."""
    status, resource = notice.text(*_PROPERTIES, "eventStatus"), _resource(notice)
    if status.lower() != "failed":
        return Ignored(f"A scheduled maintenance of AKS is {status or 'announced'}; it launches nothing.")
    details = notice.text(*_PROPERTIES, "eventDetails")
    return Told(
        "A scheduled maintenance has failed",
        ["scheduled-event", resource],
        [name_of(resource)],
        at=notice.time(*_PROPERTIES, "lastUpdateTime"),
        description=[notice.text(*_PROPERTIES, "message"), details],
    )


def _resource(notice: Notice) -> str:
    """The id of what the event is about; each of these names it, and the subject is always there."""
    health = notice.text("resourceInfo", "id")
    of_health = health[: max(health.lower().find(_OF_HEALTH), 0)]
    named = notice.text(*_PROPERTIES, "targetResourceId") or of_health
    return (named or notice.subject or notice.source).rstrip("/")


def _kind(phases: set[str]) -> EventType:
    if phases & _WITHDRAWN:
        return EventType.NO_LONGER_REPORTED
    return EventType.RESOLVE if phases & _ENDED else EventType.TRIGGER


def _said(notice: Notice, name: str) -> str:
    return notice.text(*_PROPERTIES, name) or notice.text(name)


def _time(notice: Notice, name: str) -> datetime | None:
    return notice.time(*_PROPERTIES, name)


def _impacted(notice: Notice) -> Iterator[str]:
    impacts = notice.part(*_PROPERTIES, "impact") or notice.part(*_PROPERTIES, "impactedServices")
    for impact in impacts if isinstance(impacts, list) else ():
        if isinstance(impact, dict):
            yield from (
                str(value) for key, value in impact.items() if key.lower() in {"impactedservice", "servicename"}
            )
