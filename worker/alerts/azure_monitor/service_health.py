"""Service Health: outages, maintenance and advisories of Azure itself, each with stages of its own."""

from collections.abc import Iterator

from worker.alerts.azure_monitor.payload import Alert, is_nothing, squeezed
from worker.alerts.azure_monitor.resource_names import same_once
from worker.alerts.azure_monitor.spelling import minute, nested, spelled
from worker.domain.event import Severity
from worker.domain.markup import plain
from worker.domain.text import clean_line

_ENDED = {"resolved", "complete", "completed", "rca", "canceled", "cancelled", "closed"}
_KINDS = {
    "incident": "Service issue",
    "maintenance": "Planned maintenance",
    "informational": "Health advisory",
    "information": "Health advisory",
    "actionrequired": "Action required",
    "security": "Security advisory",
    "billing": "Billing update",
    "rca": "Root cause analysis",
    "assistedrecovery": "Assisted recovery",
}
# Somebody has to do something, whatever the level of the message.
_PRESSING = {"incident", "actionrequired", "security", "assistedrecovery"}
_SERVICES = 20


def is_ended(alert: Alert) -> bool:
    """By its final stage alone: mitigated is not resolved."""
    return squeezed(alert.activity.get("stage", "") or alert.alert_context.status) in _ENDED


def severity_at_worst(alert: Alert) -> Severity:
    """The calmest that it may be."""
    return Severity.MEDIUM if _kind(alert) in _PRESSING or not _kind(alert) else Severity.LOW


def title(alert: Alert) -> str:
    """Azure's own; what is no outage says what it is."""
    said = clean_line(alert.activity.get("title", "") or alert.activity.get("defaultlanguagetitle", ""))
    kind = "" if _kind(alert) in {"", "incident"} else _kind_said(alert)
    if not said or not kind or kind.lower() in said.lower():
        return said or kind
    return f"{kind}: {said}"


def impacted_names(alert: Alert) -> list[str]:
    """Azure's services, then its regions."""
    impacted = _impacted(alert)
    services = [service for service, _ in impacted] or [alert.activity.get("service", "")]
    regions = [region for _, regions in impacted for region in regions] or [alert.activity.get("region", "")]
    return same_once(name for name in map(clean_line, (*services, *regions)) if not is_nothing(name))


def told_of_service_health(alert: Alert) -> Iterator[str]:
    said = alert.activity
    stage = said.get("stage", "")
    yield ", ".join(filter(None, (_kind_said(alert), f"stage {spelled(stage)}" if stage else "", _period(alert))))
    impacted = [f"{service} ({', '.join(regions)})" if regions else service for service, regions in _impacted(alert)]
    if impacted:
        yield "Impacted: " + "; ".join(impacted)
    if said.get("issynthetic", "").lower() == "true":
        yield "This is a test message of the action group."
    yield plain(said.get("communication", "") or said.get("defaultlanguagecontent", ""))


def _kind(alert: Alert) -> str:
    said = alert.activity.get("incidenttype", "")
    return squeezed(said or alert.alert_context.operation_name.rpartition("Health/")[2].partition("/")[0])


def _kind_said(alert: Alert) -> str:
    return _KINDS.get(_kind(alert), spelled(alert.activity.get("incidenttype", "")))


def _period(alert: Alert) -> str:
    begin, end = (minute(alert.activity.get(name, "")) for name in ("impactstarttime", "impactmitigationtime"))
    return " ".join(filter(None, (f"from {begin}" if begin else "", f"until {end}" if end else "")))


def _impacted(alert: Alert) -> list[tuple[str, list[str]]]:
    """Services with their regions, from a list or from JSON in a string."""
    listed = nested((alert.alert_context.properties or {}).get("impactedServices"))
    found = [_service(each) for each in listed[:_SERVICES]] if isinstance(listed, list) else []
    return [(service, regions) for service, regions in found if service]


def _service(impacted: object) -> tuple[str, list[str]]:
    if not isinstance(impacted, dict):
        return "", []
    regions = impacted.get("ImpactedRegions")
    named = [each.get("RegionName") for each in regions if isinstance(each, dict)] if isinstance(regions, list) else []
    service = impacted.get("ServiceName")
    return (
        clean_line(service) if isinstance(service, str) else "",
        [clean_line(name) for name in named[:_SERVICES] if isinstance(name, str)],
    )
