"""What has phases of its own ends by its last one, and every end says when by Azure's clock."""

from datetime import UTC, datetime

import pytest
from alert_examples import event_of
from azure_alerts import activity, alert, criterion, log, metric, resource_health, service_health

from worker.domain.event import EventType

FIRED = datetime(2026, 3, 2, 9, 20, 11, 765432, UTC)
PAST, FUTURE = "2026-03-02T07:00:00Z", "2026-03-05T04:00:00Z"


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        *((service_health(stage=stage), EventType.TRIGGER) for stage in ("Active", "Planned", "InProgress")),
        *((service_health(stage=stage), EventType.TRIGGER) for stage in ("Rescheduled", "Mitigated", "Monitoring")),
        *((service_health(stage=stage), EventType.RESOLVE) for stage in ("Resolved", "Complete", "RCA", "Canceled")),
        (service_health(stage="Active", status="Resolved"), EventType.TRIGGER),
        (service_health(stage=None, status="Resolved"), EventType.RESOLVE),
        (service_health(incidentType="Maintenance", stage="Complete"), EventType.RESOLVE),
        (resource_health("Unknown"), EventType.TRIGGER),
        (resource_health("Degraded", previousHealthStatus="Unavailable"), EventType.TRIGGER),
        (resource_health("Available", status="Resolved"), EventType.RESOLVE),
        (activity("Activity Log - Administrative", {"status": "Succeeded"}), EventType.TRIGGER),
        (activity("Activity Log - Security", {"status": "Resolved"}), EventType.RESOLVE),
        (activity("", {"status": "Resolved"}, signalType="ActivityLog"), EventType.RESOLVE),
        (metric(criterion(12), monitorCondition="Resolved"), EventType.RESOLVE),
        (metric(criterion(12), monitorCondition="resolved"), EventType.RESOLVE),
        (metric(criterion(97), monitorCondition="Acknowledged"), EventType.TRIGGER),
        (metric(criterion(97), alertState="Closed"), EventType.TRIGGER),
        (alert({}, monitorCondition=None), EventType.TRIGGER),
    ],
)
def test_only_an_end_is_an_end(payload, kind):
    """Neither an update that sounds better ends anything, nor whoever closed the alert at Azure."""
    assert event_of(payload).type is kind


def test_the_test_of_an_action_group_is_read_as_what_it_imitates():
    """Azure writes the kind of signal in one word there, sends services as a list, and ends what never began."""
    services = [{"ServiceName": "Storage", "ImpactedRegions": [{"RegionName": "Global"}]}]
    payload = service_health(stage="Resolved", status="Resolved", impactedServices=services, IsSynthetic="True")
    payload["data"]["essentials"] |= {"signalType": "ActivityLog", "monitoringService": "ServiceHealth"}
    event = event_of(payload)
    assert event.type is EventType.RESOLVE
    assert event.resources == ("Storage", "Global")
    assert "This is a test message of the action group." in event.description


def test_unknown_health_is_of_low_confidence():
    """Azure hears nothing of the resource, which is no proof of an outage; the update that says so ends nothing."""
    assert event_of(resource_health("Unknown")).description.startswith("Low confidence: Azure hears nothing")
    ended = event_of(resource_health("Unknown", status="Resolved"))
    assert (ended.type, ended.state_reason) == (EventType.NO_LONGER_REPORTED, "Unknown")


@pytest.mark.parametrize(
    ("begin", "end", "stage", "occurred", "resolved"),
    [
        (PAST, None, "Active", PAST, None),
        (PAST, "2026-03-02T08:00:00Z", "Resolved", PAST, "2026-03-02T08:00:00Z"),
        (PAST, FUTURE, "Complete", PAST, FIRED),
        (PAST, "2026-03-01T00:00:00Z", "Resolved", PAST, FIRED),
        (FUTURE, None, "Planned", FIRED, None),
        (FUTURE, FUTURE, "Canceled", None, FIRED),
        (None, None, "Resolved", None, FIRED),
    ],
)
def test_service_health_has_the_times_of_its_impact(begin, end, stage, occurred, resolved):
    """Maintenance that is cancelled before it begins ends what was told of it: no end lies before its beginning."""
    event = event_of(service_health(impactStartTime=begin, impactMitigationTime=end, stage=stage))
    moments = [datetime.fromisoformat(each) if isinstance(each, str) else each for each in (occurred, resolved)]
    assert [event.occurred_at, event.resolved_at] == moments


def test_a_log_alert_that_does_not_say_when_it_was_resolved():
    """The window that it last looked at has ended by then, unless that was before it fired."""
    payload = log(value=0.0)
    payload["data"]["essentials"]["monitorCondition"] = "Resolved"
    assert event_of(payload).resolved_at is None
    payload["data"]["alertContext"]["condition"]["windowEndTime"] = "2026-03-02T09:45:00Z"
    assert event_of(payload).resolved_at == datetime(2026, 3, 2, 9, 45, tzinfo=UTC)


def test_firing_and_end_have_one_identity():
    """An end without a value, or of unknown health, is of the same thing as its firing."""
    for fired, over in (
        (metric(criterion(97)), metric(criterion(None), monitorCondition="Resolved")),
        (resource_health("Unavailable"), resource_health("Unknown", status="Resolved")),
        (service_health(), service_health(stage="RCA", incidentType="RCA")),
    ):
        assert event_of(fired).fingerprint == event_of(over).fingerprint
