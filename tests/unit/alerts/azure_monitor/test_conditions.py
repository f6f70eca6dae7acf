"""What rests on no measurement is not told as if it had been measured."""

import pytest
from alert_examples import event_of, example
from azure_alerts import criterion, log, metric

from worker.domain.event import EventType, Severity

ENDED = {"monitorCondition": "Resolved", "resolvedDateTime": "2026-03-02T10:00:00Z"}
UNTOLD = {name: value for name, value in criterion(1).items() if name != "metricValue"}
BELOW = {"operator": "LessThan", "threshold": "1"}


def ended(payload):
    payload["data"]["essentials"] |= ENDED
    return event_of(payload)


@pytest.mark.parametrize(
    "payload",
    [
        metric(criterion(None)),
        metric(criterion("NaN")),
        metric(criterion(None, timeAggregation="Total")),
        metric(criterion(None, timeAggregation="Count", **BELOW)),
        metric(criterion(97), criterion(None)),
        metric(criterion(None, operator="GreaterOrLessThan", alertSensitivity="High")),
        log(("Computer", "web-1"), value=None, timeAggregation="Minimum", operator="LessThan"),
        log(value=None, timeAggregation="Count", **BELOW),
        example("metric-vanished"),
    ],
)
def test_an_end_without_a_value_is_no_end(payload):
    """Nobody knows whether it is over: the alert is no longer reported, with Azure's own word for it and its time."""
    event = ended(payload)
    assert event.type is EventType.NO_LONGER_REPORTED
    assert event.state_reason == "metricValue is null"
    assert event.resolved_at is not None
    assert "Low confidence" not in event.description


@pytest.mark.parametrize(
    "payload",
    [
        metric(criterion(12)),
        metric(criterion(97)),  # the value with which it fired is sent again
        metric(criterion(12), criterion(None)),
        metric(UNTOLD),
        metric(criterion(None, operator=None, threshold=None)),
        log(value=None, timeAggregation="Count"),
        log(value=0.0, timeAggregation="Count"),
    ],
)
def test_an_end_that_was_measured_is_one(payload):
    """Also where another criterion was measured and is no longer met, or where no rows are none that count."""
    assert ended(payload).type is EventType.RESOLVE


@pytest.mark.parametrize(
    "payload",
    [
        metric(criterion(None), severity="Sev0"),
        metric(criterion(None, operator="LessThan"), severity="Sev0"),
        metric(criterion(97), criterion(None), severity="Sev0"),
        metric(criterion("null", timeAggregation="Total"), severity="Sev0"),
    ],
)
def test_a_firing_without_a_value_is_of_low_confidence(payload):
    """It says so first, and is no more than of medium severity."""
    event = event_of(payload)
    assert event.type is EventType.TRIGGER
    assert event.severity is Severity.MEDIUM
    assert event.description.startswith("Low confidence: Azure measured no value")


@pytest.mark.parametrize(
    "payload",
    [
        example("metric-null-value"),
        metric(criterion(None, timeAggregation="Count", **BELOW)),
        metric(UNTOLD),
        log(value=None, timeAggregation="Count", operator="LowerThan"),
    ],
)
def test_what_looks_for_nothing_is_certain_of_it(payload):
    """A rule that counts heartbeats fires where none came, as severe as it was made."""
    event = event_of(payload)
    assert event.severity is Severity.HIGH
    assert "Low confidence" not in event.description


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("metric-null-value", ["Heartbeat: Total LessThan 1", "Nothing came that could be counted, which is what the"]),
        ("availability-test", ["Availability test: shop-home-appi", "Failed Location: Sum GreaterThan 2, measured 5"]),
        (
            "metric-dynamic",
            ["Dynamic threshold: sensitivity High, 3 of 4 periods", "Window: 5 minutes, until 2026-03-"],
        ),
        ("log-split", ["Log query: Minimum LessThan 10, measured 4.2", "Query: Perf | where CounterName == '% Free"]),
        ("prometheus", ["Expression: increase(kube_pod_container_status_restarts_total[10m]) > 3, value 7"]),
    ],
)
def test_what_was_measured_is_told(name, lines):
    """Value, threshold, window and query stand in the description, each on a line of its own."""
    told = event_of(example(name)).description.splitlines()
    assert all(any(line.startswith(begin) for line in told) for begin in lines)
