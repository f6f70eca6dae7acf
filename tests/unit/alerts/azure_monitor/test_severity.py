"""How severe an alert is, is said by its rule, and where no rule of its kind can say it, by its event."""

import pytest
from alert_examples import event_of, example
from azure_alerts import activity, criterion, metric, resource_health, service_health


@pytest.mark.parametrize(
    ("payload", "severity"),
    [
        (example("resource-health-database"), 1),
        (resource_health("Unavailable"), 3),
        (resource_health("Unavailable", level="Error"), 2),
        (resource_health("Degraded", level="Verbose"), 3),
        (resource_health("Unknown", level="Critical"), 3),
        (resource_health("Available", status="Updated"), 5),
        (resource_health("Unavailable", level=None), 3),
        (service_health(), 3),
        (service_health(level=2), 2),
        (service_health(level="Error"), 2),
        (service_health(incidentType="ActionRequired"), 3),
        (service_health(incidentType="Security"), 3),
        (service_health(incidentType="Maintenance"), 4),
        (service_health(incidentType="Maintenance", level=3), 3),
        (service_health(incidentType="Informational"), 4),
        (service_health(incidentType=None), 3),
        (activity("Activity Log - Administrative", {}), 3),
        (activity("Activity Log - Administrative", {"level": "Informational"}), 5),
        (activity("Activity Log - Administrative", {"level": "Informational", "status": "Failed"}), 3),
        (activity("Activity Log - Autoscale", {"level": "Error"}), 2),
        (activity("Activity Log - Policy", {"level": "Warning"}), 3),
        (activity("Activity Log - Security", {"level": "Informational", "properties": {"severity": "High"}}), 2),
        (activity("", {"level": "Critical"}, signalType="ActivityLog"), 1),
        (activity("Activity Log - Administrative", {"level": "purple"}), 3),
    ],
)
def test_the_activity_log_is_as_severe_as_its_event(payload, severity):
    """Azure's Sev4 says nothing there; trouble is 3 or worse whatever its level, and what nobody says is 3."""
    assert event_of(payload).severity == severity


@pytest.mark.parametrize("written", ["Sev4", "5", "information"])
def test_a_custom_property_wins_over_the_event(written):
    """Who chose a severity meant it, of whatever kind the alert is."""
    for payload in (resource_health("Unavailable"), service_health(level=1), metric(criterion(None))):
        payload["data"]["customProperties"] = {"severity": written}
        assert event_of(payload).severity == 5


def test_a_severity_that_somebody_chose_is_kept():
    """Sev4 of a metric's rule stays the calmest."""
    assert event_of(metric(criterion(97), severity="Sev4")).severity == 5


def test_a_word_that_nobody_knows_is_told():
    """The level of the event decides where the property cannot be read; where neither can, people see it."""
    payload = activity("Activity Log - Administrative", {"level": "purple"})
    assert event_of(payload).unread_severity == "purple"
    payload["data"]["alertContext"]["level"] = "Error"
    payload["data"]["customProperties"] = {"severity": "loud"}
    assert (event_of(payload).severity, event_of(payload).unread_severity) == (2, "")
