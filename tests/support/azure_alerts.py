"""Alerts of Azure Monitor in its common schema, made of the few fields that a test is about."""

from alert_examples import event_of

SUBSCRIPTION = "/subscriptions/0f3a1c52-7a61-4d0e-9c1b-2f6f1d0b8e11"
PROVIDERS = f"{SUBSCRIPTION}/resourceGroups/shop/providers"
MACHINE = f"{PROVIDERS}/Microsoft.Compute/virtualMachines/checkout-1"
WORKSPACE = f"{PROVIDERS}/microsoft.operationalinsights/workspaces/law-prod"
APPLICATION = f"{PROVIDERS}/microsoft.insights/components/shop-web"
FIRED = "2026-03-02T09:20:11.7654321Z"


def alert(context, *, targets=(MACHINE,), items=(), properties=None, **essentials):
    said = {
        "alertRule": "rule",
        "severity": "Sev1",
        "signalType": "Metric",
        "monitorCondition": "Fired",
        "monitoringService": "Platform",
        "alertTargetIDs": list(targets),
        "configurationItems": list(items),
        "firedDateTime": FIRED,
    }
    data = {"essentials": said | essentials, "alertContext": context, "customProperties": properties}
    return {"schemaId": "azureMonitorCommonAlertSchema", "data": data}


def criterion(value, *, dimensions=(), **others):
    said = {"metricName": "CPU", "operator": "GreaterThan", "threshold": "90", "timeAggregation": "Average"}
    named = [{"name": name, "value": value} for name, value in dimensions]
    return said | {"metricValue": value, "dimensions": named} | others


def metric(*criteria, **others):
    return alert({"condition": {"windowSize": "PT5M", "allOf": list(criteria)}}, **others)


def log(*dimensions, targets=(WORKSPACE,), items=("law-prod",), value=7.0, **others):
    asked = {"searchQuery": "Perf", "metricName": None}
    return metric(
        criterion(value, dimensions=dimensions, **asked, **others),
        targets=targets,
        items=items,
        signalType="Log",
        monitoringService="Log Alerts V2",
    )


def activity(service, context, **others):
    return alert(context, **({"severity": "Sev4", "signalType": "Activity Log", "monitoringService": service} | others))


def service_health(*, level=4, status="Active", **properties):
    said = {"title": "Storage", "trackingId": "VTC8-B9G", "incidentType": "Incident", "stage": "Active"}
    return activity(
        "ServiceHealth", {"level": level, "status": status, "properties": said | properties}, targets=(SUBSCRIPTION,)
    )


def resource_health(now, *, level="Informational", status="Active", **properties):
    said = {"title": "Health", "currentHealthStatus": now}
    return activity("Resource Health", {"level": level, "status": status, "properties": said | properties})


def affected(payload):
    return list(event_of(payload).resources)
