"""What each kind of alert says of its own reaches the description, in words that are read at night."""

import json

import pytest
from alert_examples import event_of, example
from azure_alerts import APPLICATION, activity, alert, resource_health, service_health

IMPACTED = [
    {"ServiceName": "Storage", "ImpactedRegions": [{"RegionName": "West Europe"}, {"RegionName": "North Europe"}]},
    {"ServiceName": "Key Vault", "ImpactedRegions": [{"RegionName": "West Europe"}]},
]


def detection(**context):
    return alert(context, targets=(APPLICATION,), signalType="Log", monitoringService="SmartDetector")


def cost(**data):
    nothing = dict.fromkeys(("alertRule", "severity", "signalType", "alertTargetIDs"))
    return alert(
        {"AlertCategory": "x", "AlertData": data}, monitoringService="CostAlerts", items=("budgets",), **nothing
    )


@pytest.mark.parametrize(
    ("payload", "lines"),
    [
        (
            example("smart-detection"),
            [
                "An abnormal rise in failed request rate",
                "Affected items: POST /pay",
                "Detected failure rate: 41% of requests",
                "Normal failure rate: 0.3% (over the last 30 minutes)",
                "Failed requests count: 1873",
                "Affected users: 512",
                "Occurred: 2026-11-29 17:25 UTC",
            ],
        ),
        (
            example("smart-detection-latency"),
            ["Detected value: 0.45 sec", "Affected items: sql-shop, count 12; redis, count 2"],
        ),
        (
            detection(DetectedMemoryGrowth="35%", InstanceNames=["w-1", "w-2"]),
            ["Detected memory growth: 35%", "Instance names: w-1; w-2"],
        ),
        (
            detection(ExceptionTable='[{"Type": "SqlException", "Count": 40}]'),
            ["Exception table: SqlException, count 40"],
        ),
        (
            example("budget-forecast"),
            ["Spent: $11,111.00 USD of a budget of $50.00 USD", "Forecast for the period: $12,222.00 USD"],
        ),
        (
            cost(Scope="/subscriptions/1/resourceGroups/shop/", AnomalyCost="$900", ExpectedCost="$20"),
            ["Scope: shop", "Anomaly cost: $900"],
        ),
        (cost(BudgetName="shop", Budget="100", Unit="EUR"), ["Budget: 100 EUR"]),
        (example("service-health-maintenance"), ["- Expect restarts", "- Read more (https://aka.example/x)"]),
        (
            service_health(incidentType="ActionRequired", stage="Active", impactStartTime="2026-03-01T00:00:00Z"),
            ["Action required, stage Active, from 2026-03-01 00:00 UTC"],
        ),
        (
            service_health(impactedServices=IMPACTED),
            ["Impacted: Storage (West Europe, North Europe); Key Vault (West Europe)"],
        ),
        (
            service_health(impactedServices=json.dumps(IMPACTED)),
            ["Impacted: Storage (West Europe, North Europe); Key Vault (West Europe)"],
        ),
        (service_health(IsSynthetic="True"), ["This is a test message of the action group."]),
        (
            resource_health(
                "Unavailable",
                previousHealthStatus="Available",
                cause="UserInitiated",
                details="<p>Rebooted&nbsp;by you</p>",
            ),
            ["Health: Unavailable, before: Available", "Cause: user initiated", "Rebooted by you"],
        ),
        (
            example("activity-security"),
            ["Action taken: Blocked", "Remediation steps: No user action is necessary", "Compromised entity: testVM"],
        ),
        (
            activity(
                "Activity Log - Autoscale",
                {
                    "operationName": "Scaleup",
                    "status": "Failed",
                    "properties": {"oldInstancesCount": "9", "newInstancesCount": "10"},
                },
            ),
            ["Operation: Scaleup, Failed", "Old instances count: 9", "New instances count: 10"],
        ),
        (
            activity("Activity Log - Policy", {"properties": {"policies": '[{"policyDefinitionName": "Audit VMs"}]'}}),
            ["Policies: Audit VMs"],
        ),
        (
            activity(
                "Activity Log - Recommendation",
                {"properties": {"recommendationName": "Right-size", "recommendationImpact": "High"}},
            ),
            ["Recommendation name: Right-size", "Recommendation impact: High"],
        ),
    ],
)
def test_what_a_kind_has_of_its_own_is_told(payload, lines):
    """Its figures and names stand on lines of their own, whatever their shape was."""
    told = event_of(payload).description.splitlines()
    assert [line for line in lines if line not in told] == []


@pytest.mark.parametrize(
    ("payload", "title"),
    [
        (service_health(region="West Europe"), "Storage (West Europe)"),
        (service_health(incidentType="Maintenance", service="SQL"), "Planned maintenance: Storage (SQL)"),
        (service_health(incidentType="Maintenance", title="Planned maintenance of SQL"), "Planned maintenance of SQL"),
        (service_health(incidentType="Informational", title=None), "Health advisory"),
        (service_health(impactedServices=IMPACTED), "Storage (Key Vault, West Europe, North Europe)"),
    ],
)
def test_what_is_no_outage_says_what_it_is(payload, title):
    """Maintenance and advisories are told from trouble by their titles."""
    assert event_of(payload).title == title


@pytest.mark.parametrize(
    "payload",
    [
        activity(
            "Activity Log - Administrative", {"claims": '{"aud": "secret"}', "properties": {"hierarchy": "secret"}}
        ),
        activity("Activity Log - Policy", {"properties": {"claims": "secret", "requestbody": "secret"}}),
        detection(ArmSystemEventsRequest="secret", FailureRateChart=[["secret", 1]], SmartDetectorId="secret"),
        detection(LinksTable=[{"Link": '<a href="https://secret.example">View</a>'}], Query='{"broken": "secret'),
        service_health(communication="<script>secret</script>Down", impactedServicesTableRows="secret"),
        resource_health("Unavailable", subscriptionId="secret"),
    ],
)
def test_what_no_person_reads_is_left_out(payload):
    """Tokens, identifiers, queries for machines and the points of charts stay in the raw alert."""
    assert "secret" not in event_of(payload).description


def test_nothing_in_a_context_is_too_much():
    """A megabyte of fields, items and nested JSON leaves a description that a person can read."""
    payload = detection(
        AffectedItems=["x" * 5_000] * 100,
        Deep="[" * 15_000,
        Html="<a href='x'>t" * 20_000,
        **{f"Field{n}": n for n in range(5_000)},
    )
    event = event_of(payload)
    assert len(event.description) < 8_000
    assert len(event.resources) <= 6
