"""Whether an alert fires, has ended, or is no longer reported; and since when or until when."""

from dataclasses import dataclass
from datetime import datetime

from worker.alerts.azure_monitor import conditions, resource_health, service_health
from worker.alerts.azure_monitor.payload import Alert, squeezed
from worker.alerts.timestamps import moment
from worker.domain.event import EventType


@dataclass(frozen=True, slots=True)
class State:
    """`reason`: Azure's own word for why it is no longer reported. Times are Azure's."""

    type: EventType
    began_at: datetime | None
    ended_at: datetime | None = None
    reason: str = ""

    @property
    def is_over(self) -> bool:
        return self.type is not EventType.TRIGGER


def state_of(alert: Alert) -> State:
    """An alert that a person closed at Azure is not over: only its condition, or the event's last phase, says so."""
    kind, reason = _type(alert)
    began_at = _began_at(alert, is_over=kind is not EventType.TRIGGER)
    return State(kind, began_at, _ended_at(alert, began_at) if kind is not EventType.TRIGGER else None, reason)


def _type(alert: Alert) -> tuple[EventType, str]:
    if _is_resolved(alert):
        if conditions.ends_unmeasured(alert):
            return EventType.NO_LONGER_REPORTED, conditions.NOTHING_MEASURED
        return EventType.RESOLVE, ""
    if not _is_over(alert):
        return EventType.TRIGGER, ""
    if alert.is_resource_health and resource_health.is_unknown(alert):
        return EventType.NO_LONGER_REPORTED, resource_health.health(alert)
    return EventType.RESOLVE, ""


def _is_resolved(alert: Alert) -> bool:
    return squeezed(alert.essentials.monitor_condition) == "resolved"


def _is_over(alert: Alert) -> bool:
    """Alerts of the activity log are fired and never resolved: it is the event in them that says so."""
    if alert.is_service_health:
        return service_health.is_ended(alert)
    if alert.is_resource_health:
        return resource_health.is_over(alert)
    return alert.is_activity and squeezed(alert.alert_context.status) == "resolved"


def _began_at(alert: Alert, *, is_over: bool) -> datetime | None:
    """Each update of a Service Health event fires anew; the time its impact began is what they share."""
    fired = alert.essentials.fired_date_time
    if alert.is_service_health and (began := moment(alert.activity.get("impactstarttime"))):
        # Maintenance is told of before it begins, and may be cancelled by then.
        return began if fired is None or began <= fired else (None if is_over else fired)
    # What fires at its end does not know when it began.
    return None if is_over and not _is_resolved(alert) else fired


def _ended_at(alert: Alert, began_at: datetime | None) -> datetime | None:
    fired = alert.essentials.fired_date_time
    if not _is_resolved(alert):
        ended = moment(alert.activity.get("impactmitigationtime"))
        plausible = ended and (began_at is None or began_at <= ended) and (fired is None or ended <= fired)
        return ended if plausible else fired
    criteria = alert.alert_context.condition
    looked = criteria.window_end_time if criteria else None
    # Not every log alert says when it was resolved; the window that it last looked at has ended by then.
    return alert.essentials.resolved_date_time or (looked if looked and fired and looked > fired else None)
