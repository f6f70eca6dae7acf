"""Resource Health: one resource, available or not, by what Azure itself sees of it."""

from collections.abc import Iterator

from worker.alerts.azure_monitor.payload import Alert, squeezed
from worker.alerts.azure_monitor.spelling import lines, spelled
from worker.alerts.fields import first_of
from worker.alerts.unmeasured import low_confidence
from worker.domain.markup import plain

LOW_CONFIDENCE = low_confidence(
    "Azure hears nothing of the resource, and does not know whether anything is wrong with it"
)
_NAMES = (
    "title details currenthealthstatus healthstatus previoushealthstatus cause healtheventcause stage eventcategory"
)
_TOLD = frozenset(_NAMES.split())
_FAILING = {"unavailable", "degraded"}


def health(alert: Alert) -> str:
    """Available, Degraded, Unavailable or Unknown."""
    return first_of(alert.activity, "currenthealthstatus", "healthstatus")


def is_failing(alert: Alert) -> bool:
    return squeezed(health(alert)) in _FAILING


def is_unknown(alert: Alert) -> bool:
    return squeezed(health(alert)) == "unknown"


def is_over(alert: Alert) -> bool:
    """By the event's own end: an update that sounds better is none, and neither is an end with the resource failing."""
    context = alert.alert_context
    resolved = "/resolved/" in f"{context.operation_name.lower()}/" or squeezed(context.status) == "resolved"
    return resolved and not is_failing(alert)


def told_of_resource_health(alert: Alert) -> Iterator[str]:
    now, before = health(alert), alert.activity.get("previoushealthstatus", "")
    if now:
        yield f"Health: {now}" + (f", before: {before}" if before else "")
    if cause := first_of(alert.activity, "cause", "healtheventcause"):
        yield f"Cause: {spelled(cause).lower()}"
    yield from lines(alert.alert_context.properties or {}, without=_TOLD)
    yield plain(alert.activity.get("details", ""))
