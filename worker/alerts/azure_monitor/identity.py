"""What makes two messages tell of one thing: the rule and what it watches."""

from worker.alerts.azure_monitor.budget import budget_identity
from worker.alerts.azure_monitor.payload import Alert
from worker.alerts.azure_monitor.state import state_of
from worker.alerts.fields import digest


def fingerprint(alert: Alert) -> str:
    """Never alertId: a rule that fires again gets a new one."""
    essentials = alert.essentials
    targets = sorted(target.lower() for target in essentials.alert_target_ids if target)
    dimensions = sorted({(dimension.name, dimension.value) for dimension in alert.dimensions})
    tracking_id = alert.activity.get("trackingid")
    watched = [tracking_id] if tracking_id else [targets, dimensions]
    # Without a time two firings could not be told apart, and the second would open nothing.
    told_apart = "" if state_of(alert).began_at or essentials.fired_date_time else essentials.alert_id
    if essentials.alert_rule or targets or told_apart:
        return digest([essentials.alert_rule.lower(), watched, told_apart])
    budget = budget_identity(alert)
    return digest(budget) if any(budget) else ""
