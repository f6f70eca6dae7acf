"""Grafana's alerts keep their measures and links, and say how far they can be believed."""

import pytest
from alert_examples import event_of, example, findings, varied
from mutations import altered

from worker.domain.event import EventType, Severity
from worker.domain.incident import derived_key


def test_the_end_has_the_key_of_the_beginning():
    """A resolved alert names fingerprint and time of the alert that it ends."""
    ended = event_of(example("grafana-resolved"))
    assert ended.type is EventType.RESOLVE
    assert derived_key(ended) == derived_key(event_of(example("grafana")))


@pytest.mark.parametrize(
    ("field", "value"), [("orgId", 4), ("externalURL", "https://staging.contoso.example/"), ("receiver", "other")]
)
def test_another_organisation_is_another_sender(field, value):
    """The same labels in another organisation, or in another Grafana, are another alert."""
    other = event_of(varied("grafana", field, value=value))
    assert other.fingerprint != event_of(example("grafana")).fingerprint


@pytest.mark.parametrize("name", ["grafana-no-data", "grafana-error"])
def test_what_could_not_be_evaluated_is_of_low_confidence(name):
    """An alert about missing data wakes nobody as a critical one, and says why."""
    event = event_of(example(name))
    assert event.severity is Severity.MEDIUM
    assert event.description.startswith("Low confidence: ")


def test_missing_data_does_not_claim_what_the_rule_would():
    """The title names the rule that is blind, not what it would have found."""
    blind = varied("grafana-no-data", "alerts", 0, "annotations", value={"summary": "p95 above 2 s"})
    assert event_of(blind).title == "Checkout latency: DatasourceNoData"


def test_missing_data_may_be_less_than_medium():
    """Low confidence lowers a severity and never raises one."""
    labels = example("grafana-error")["alerts"][0]["labels"] | {"severity": "info"}
    assert event_of(varied("grafana-error", "alerts", 0, "labels", value=labels)).severity is Severity.INFORMATION


@pytest.mark.parametrize(
    ("values", "text", "measured"),
    [
        ({"A": 2.31, "B": None}, "", "Measured: A = 2.31"),
        (None, "[ var='A' value=3 ]", "Measured: [ var='A' value=3 ]"),
        ([1], "", ""),
    ],
)
def test_what_was_measured_is_told(values, text, measured):
    """The values of the expressions stand in the description, in whichever form they were sent."""
    payload = varied("grafana", "alerts", 0, "values", value=values)
    payload["alerts"][0]["valueString"] = text
    description = event_of(payload).description
    assert (measured in description) if measured else ("Measured" not in description)


def test_the_message_of_a_group_is_not_told_of_each_alert():
    """A message about two alerts describes neither of them."""
    group = example("grafana")
    two = findings(altered(group, "alerts", value=group["alerts"] * 2))
    assert group["message"] in event_of(group).description
    assert not any(group["message"] in event.description for event in two)
