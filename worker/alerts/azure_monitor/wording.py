"""The title, the description, the links and the labels of an alert."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from worker.alerts.affected import titled
from worker.alerts.azure_monitor import service_health
from worker.alerts.azure_monitor.activity_log import told_of_activity
from worker.alerts.azure_monitor.budget import told_of_budget
from worker.alerts.azure_monitor.conditions import told_of_conditions
from worker.alerts.azure_monitor.payload import Alert, is_nothing
from worker.alerts.azure_monitor.resource_health import told_of_resource_health
from worker.alerts.azure_monitor.resource_names import resource_name, unmeasuring
from worker.alerts.azure_monitor.severity import doubt
from worker.alerts.azure_monitor.smart_detection import told_of_detection
from worker.alerts.fields import paragraphs, scalars
from worker.alerts.links import unlinked_runbook
from worker.domain.text import clean_line

_NAMED_PROPERTIES = {"service", "severity", "impact", "runbook", "summary", "description"}
_PORTAL = "https://portal.azure.com/#blade/Microsoft_Azure_Monitoring/AlertDetailsTemplateBlade/alertId/"


def title(alert: Alert, affected: Sequence[str]) -> str:
    words = _words(alert) or "Azure Monitor alert"
    # Nothing happens on a region: with its own words among the names, the others follow in brackets.
    return titled(words, [words, *affected] if alert.is_service_health else affected)


def description(alert: Alert) -> str:
    return paragraphs(_paragraphs(alert))


def links(alert: Alert) -> Iterator[tuple[str, str]]:
    essentials = alert.essentials
    portal = _PORTAL + quote(essentials.alert_id, safe="") if essentials.alert_id else ""
    yield alert.chosen("runbook"), "Runbook"
    yield essentials.investigation_link or portal, "Alert in Azure"
    for condition in alert.conditions:
        yield condition.link_to_filtered_search_results or condition.link_to_search_results or "", "Search results"


def labels(alert: Alert) -> Iterator[tuple[str, str]]:
    essentials = alert.essentials
    yield "rule", essentials.alert_rule
    yield "signal", essentials.signal_type
    yield "monitoring-service", essentials.monitoring_service
    asked = set(essentials.alert_target_ids) - set(unmeasuring(essentials.alert_target_ids))
    yield "workspace", ", ".join(sorted(filter(None, map(resource_name, asked))))
    yield "metric-namespace", next((each.metric_namespace for each in alert.conditions if each.metric_namespace), "")
    for name in ("trackingId", "region", "service", "stage"):
        yield name, alert.activity.get(name.lower(), "")
    yield from ((each.name, each.value) for each in alert.dimensions if not is_nothing(each.value))
    yield from ((name, value) for name, value in alert.properties.items() if name.lower() not in _NAMED_PROPERTIES)


def _words(alert: Alert) -> str:
    said = service_health.title(alert) if alert.is_service_health else alert.activity.get("title", "")
    rule = alert.essentials.alert_rule.rpartition("/")[2] or alert.essentials.description
    return clean_line(said) or clean_line(rule)


def _paragraphs(alert: Alert) -> Iterator[str]:
    yield doubt(alert)
    if alert.is_smart_detection:
        # What it says of itself is the same for each alert of its kind.
        yield "\n".join(filter(None, told_of_detection(alert)))
    yield alert.essentials.description
    yield "\n".join(filter(None, told_of_conditions(alert)))
    if alert.is_service_health:
        yield from service_health.told_of_service_health(alert)
    elif alert.is_resource_health:
        yield "\n".join(filter(None, told_of_resource_health(alert)))
    elif alert.is_activity:
        yield "\n".join(filter(None, told_of_activity(alert)))
    annotations = scalars(alert.alert_context.annotations)
    yield from (annotations.get(name, "") for name in ("summary", "description"))
    yield "\n".join(told_of_budget(alert))
    yield unlinked_runbook(alert.chosen("runbook"))
