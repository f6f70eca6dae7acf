"""What a page says of a monitoring system's state, in details that have no form of their own."""

import pytest
from alert_examples import event_of, example

from worker.alerts.relayed_state import measured
from worker.domain.event import Event, EventType

GRAFANAS = "Value: [no value]\nLabels:\n - alertname = Queue depth\nAnnotations:\n - grafana_state_reason = "
END = Event(title="Queue depth", type="resolve", fingerprint="f", severity=1, source="pagerduty")
FIRING = Event(title="Queue depth", fingerprint="f", severity=1, source="pagerduty")


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"firing": "", "resolved": f"{GRAFANAS}MissingSeries\nSource: https://g.example"}, "MissingSeries"),
        ({"resolved": f"{GRAFANAS}NoData, KeepLast\n"}, "NoData, KeepLast"),
        ({"grafana_state_reason": "Paused"}, "Paused"),
        (f"{GRAFANAS}RuleDeleted", "RuleDeleted"),
        ({"state": "No Data"}, "No Data"),
        ({"status": "paused"}, "paused"),
        ({"reason": "deleted"}, "deleted"),
    ],
)
def test_an_end_that_nobody_measured_is_no_all_clear(details, reason):
    """The monitoring system's own word for it is the reason."""
    told = measured(END, details)
    assert (told.type, told.state_reason) == (EventType.NO_LONGER_REPORTED, reason)


@pytest.mark.parametrize(
    "details", [None, 5, [], {}, {"state": "ok"}, {"reason": "unknown"}, {"firing": f"{GRAFANAS}NoData"}, {"state": 5}]
)
def test_an_end_that_says_nothing_of_it_is_an_end(details):
    """As is one whose other alerts fire without data."""
    assert measured(END, details) == END


@pytest.mark.parametrize(
    "details",
    [
        {"firing": f"{GRAFANAS}NoData"},
        {"firing": "Labels:\n - alertname = DatasourceNoData"},
        {"grafana_state_reason": "Error"},
        {"state": "INSUFFICIENT_DATA"},
    ],
)
def test_a_firing_that_rests_on_no_data_is_doubted(details):
    """It says so first, and wakes nobody as something that was measured does."""
    told = measured(FIRING, details)
    assert told.severity == 3
    assert told.description.startswith("Low confidence: ")


@pytest.mark.parametrize(
    "details", [{"resolved": f"{GRAFANAS}MissingSeries"}, {"reason": "unknown"}, {"grafana_state_reason": "Updated"}, 5]
)
def test_a_firing_that_was_measured_is_not(details):
    """Whatever is said of others, and whatever its cause is."""
    assert measured(FIRING, details) == FIRING


def test_pages_are_read_so():
    """PagerDuty's and Opsgenie's, by their details."""
    end = example("pagerduty-resolve") | {"payload": {"summary": "x", "custom_details": {"state": "NoData"}}}
    closed = example("opsgenie-resolved")
    closed["alert"]["details"] = {"grafana_state_reason": "MissingSeries"}
    assert {event_of(payload).type for payload in (end, closed)} == {EventType.NO_LONGER_REPORTED}
