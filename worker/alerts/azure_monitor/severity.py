"""How severe an alert is: by its rule, or where no rule of its kind can say it, by its event."""

from dataclasses import replace

from worker.alerts.azure_monitor import activity_log, conditions, resource_health, service_health
from worker.alerts.azure_monitor.payload import Alert
from worker.alerts.azure_monitor.state import state_of
from worker.alerts.severities import ReadSeverity, SeverityWords
from worker.domain.event import Severity

# As .NET numbers the levels of events, which Service Health sends.
_LEVELS = {"1": "critical", "2": "error", "3": "warning", "4": "informational", "5": "verbose"}


def severity_of(alert: Alert, words: SeverityWords) -> ReadSeverity:
    """A custom property `severity` wins over everything."""
    chosen = alert.chosen("severity")
    said = words.said(chosen, *_own_words(alert))
    if words.find(chosen) is not None:
        return said
    if alert.is_activity:
        said = replace(said, severity=min(said.severity, _at_worst(alert)))
    return said.doubted if doubt(alert) else said


def doubt(alert: Alert) -> str:
    """Why a firing is of low confidence; nothing where it is not."""
    if state_of(alert).is_over:
        return ""
    if alert.is_resource_health:
        return resource_health.LOW_CONFIDENCE if resource_health.is_unknown(alert) else ""
    return conditions.LOW_CONFIDENCE if conditions.fires_unmeasured(alert) else ""


def _own_words(alert: Alert) -> tuple[str, ...]:
    """Azure gives every alert of the activity log Sev4, which nobody chose and nobody can change."""
    if not alert.is_activity:
        return (alert.essentials.severity,)
    level = alert.alert_context.level.strip()
    return (alert.activity.get("severity", ""), _LEVELS.get(level, level))


def _at_worst(alert: Alert) -> Severity:
    if alert.is_service_health:
        return service_health.severity_at_worst(alert)
    if alert.is_resource_health:
        trouble = resource_health.is_failing(alert) or resource_health.is_unknown(alert)
        return Severity.MEDIUM if trouble else Severity.INFORMATION
    return activity_log.severity_at_worst(alert)
