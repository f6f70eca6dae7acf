"""Other events of the activity log: operations, autoscaling, policies, recommendations, findings of security."""

from collections.abc import Iterator, Mapping
from typing import Any

from worker.alerts.azure_monitor.payload import Alert, squeezed
from worker.alerts.azure_monitor.resource_names import is_identifier
from worker.alerts.azure_monitor.spelling import lines, nested, said
from worker.domain.event import Severity
from worker.domain.markup import plain

_NAMES = (
    "eventcategory entity message title description details communication activeautoscaleprofile policies ancestors "
    "iscompliancecheck statuscode responsebody requestbody eventtimestamp operationname status resource"
)
_POLICIES = 10
_UNTOLD = frozenset(_NAMES.split())


def severity_at_worst(alert: Alert) -> Severity:
    """The calmest that it may be: what has failed is never mere information."""
    return Severity.MEDIUM if squeezed(alert.alert_context.status) == "failed" else Severity.INFORMATION


def told_of_activity(alert: Alert) -> Iterator[str]:
    context, activity = alert.alert_context, alert.activity
    yield from (plain(activity.get(name, "")) for name in ("description", "details", "communication"))
    caller = "" if is_identifier(context.caller) else context.caller
    operation = ", ".join(filter(None, (context.operation_name, context.status, f"by {caller}" if caller else "")))
    if operation:
        yield f"Operation: {operation}"
    if context.level:
        yield f"Level: {context.level}"
    if policies := _policies(context.properties or {}):
        yield f"Policies: {', '.join(policies)}"
    yield from lines(context.properties or {}, without=_UNTOLD)


def _policies(properties: Mapping[str, Any]) -> list[str]:
    listed = nested(properties.get("policies"))
    found = [each for each in listed[:_POLICIES] if isinstance(each, dict)] if isinstance(listed, list) else []
    # Those of Azure's own have a number for a name, and a reference that can be read.
    names = [[said(each.get(f"policyDefinition{part}")) for part in ("Name", "ReferenceId")] for each in found]
    return [name for each in names if (name := next(filter(None, each), ""))]
