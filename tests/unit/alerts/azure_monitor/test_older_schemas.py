"""Azure Monitor's other schemas are refused by their names, with the switch to turn."""

import pytest

from worker.alerts.detection import detect
from worker.alerts.format import NotThisFormat
from worker.alerts.formats.azure_monitor import FORMAT

CLASSIC = {"status": "Activated", "context": {"conditionType": "Metric", "condition": {"metricName": "CPU"}}}
LOG = {"SubscriptionId": "1", "AlertRuleName": "r", "SearchQuery": "Heartbeat", "ResultCount": 2, "Severity": "3"}


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"schemaId": "AzureMonitorMetricAlert", "data": {}}, "is AzureMonitorMetricAlert, the older schema of metric"),
        ({"schemaId": "Microsoft.Insights/activityLogs", "data": {}}, "the older schema of activity log alerts"),
        ({"schemaId": "Microsoft.Insights/LogAlert", "data": LOG}, "the older schema of log alerts"),
        ({"schemaId": "AIP Budget Notification", "data": {}}, "the older schema of budget alerts"),
        ({"schemaId": "SomethingNew"}, "is SomethingNew and azureMonitorCommonAlertSchema is read"),
        (CLASSIC, "the schema of classic metric alerts was sent"),
        ({"status": "Activated", "context": {"activityLog": {}}}, "the older schema of activity log alerts was sent"),
        ({"data": CLASSIC}, "the schema of classic metric alerts was sent"),
        (LOG, "the older schema of log alerts was sent"),
    ],
)
def test_an_older_schema_is_recognised_and_refused_by_its_name(payload, name):
    """Also where it does not say its name, and where it came without the name of a format."""
    assert detect(payload) == "azure-monitor"
    with pytest.raises(NotThisFormat, match="switch the common alert schema on in the action group") as refusal:
        FORMAT.read(payload)
    assert name in str(refusal.value)
    assert [fault.field for fault in refusal.value.faults] == ["schemaId"]


@pytest.mark.parametrize(
    "payload",
    [
        {"status": "resolved", "context": {"anything": 1}},
        {"status": "firing", "context": {"condition": {}}},
        {"status": "Activated", "context": "x"},
        {"SearchQuery": "x"},
        {"data": {"essentials": {}}},
    ],
)
def test_what_only_resembles_one_is_not_taken_for_it(payload):
    """Another system's alert is not refused with the advice of Azure's."""
    assert detect(payload) is None
