"""Grafana's alerts keep their measures and links, and say how far they can be believed."""

import pytest
from alert_examples import event_of, example, findings, varied
from mutations import altered

from worker.alerts.detection import detect
from worker.alerts.format import NotThisFormat
from worker.alerts.formats import FORMATS
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
    assert event_of(blind).title == "Checkout latency: DatasourceNoData on checkout-1"


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


# Where nothing was measured


def queue(status, *, annotations=None, labels=None, **fields):
    """The alert about a queue, with more in it or something else."""
    group = example("grafana-queue")
    alert = group["alerts"][0]
    alert |= {"status": status, "endsAt": "2026-11-29T17:43:00Z", **fields}
    alert["annotations"] |= annotations or {}
    alert["labels"] |= labels or {}
    return group


def test_a_vanished_series_is_no_longer_reported():
    """It is the same alert as the one that fired, with the sender's reason, and no end."""
    vanished = event_of(example("grafana-missing-series"))
    assert (vanished.type, vanished.state_reason) == (EventType.NO_LONGER_REPORTED, "MissingSeries")
    assert vanished.fingerprint == event_of(example("grafana-queue")).fingerprint
    assert vanished.resolved_at is not None
    assert vanished.severity is Severity.CRITICAL


@pytest.mark.parametrize(
    "reason", ["NoData", "Error", "Paused", "RuleDeleted", "Updated", "KeepLast", "NoData, KeepLast", "SomethingNew"]
)
@pytest.mark.parametrize("where", ["annotations", "labels"])
def test_an_end_with_a_reason_of_its_own_is_none(reason, where):
    """Whatever Grafana gives as the reason for a state, nobody measured that it is over."""
    ended = event_of(queue("resolved", **{where: {"grafana_state_reason": reason}}))
    assert (ended.type, ended.state_reason) == (EventType.NO_LONGER_REPORTED, reason)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"values": {"B": 3}, "valueString": "[ var='B' labels={queue=orders} value=3 ]"}, EventType.RESOLVE),
        ({"values": None, "valueString": ""}, EventType.RESOLVE),
        ({"values": None, "valueString": "[ var='B' value=NaN ], [ var='C' value=0 ]"}, EventType.NO_LONGER_REPORTED),
        ({"values": None, "valueString": "[ var='B' value=null ]"}, EventType.NO_LONGER_REPORTED),
        ({"values": None, "valueString": "no data"}, EventType.NO_LONGER_REPORTED),
        ({"values": {"B": None}, "valueString": ""}, EventType.NO_LONGER_REPORTED),
    ],
)
def test_an_end_rests_on_what_was_measured(fields, kind):
    """What is no number ends nothing; where no value is told at all, the end is believed."""
    assert event_of(queue("resolved", **fields)).type is kind


@pytest.mark.parametrize(
    ("annotations", "labels", "fields"),
    [
        ({"grafana_state_reason": "NoData"}, {}, {}),
        ({"grafana_state_reason": "Error, KeepLast"}, {}, {}),
        ({}, {"grafana_state_reason": "MissingSeries"}, {}),
        ({}, {}, {"valueString": "[ var='B' value=NaN ]"}),
        ({}, {"alertname": "Nothing comes", "rulename": "Queue depth", "datasource_uid": "prom", "ref_id": "A"}, {}),
        ({"Error": "timeout"}, {"alertname": "Ours", "rulename": "Queue depth", "ref_id": "A"}, {}),
    ],
)
def test_a_firing_that_rests_on_missing_data_is_of_low_confidence(annotations, labels, fields):
    """However it is marked, it wakes nobody as a critical one and does not claim what the rule would."""
    event = event_of(queue("firing", annotations=annotations, labels=labels, **fields))
    assert event.type is EventType.TRIGGER
    assert event.severity is Severity.MEDIUM
    assert event.description.startswith("Low confidence: ")
    assert event.title.startswith("Queue depth: ")


@pytest.mark.parametrize(
    "fields",
    [{"valueString": "[ var='A' value=9 ], [ var='B' value=NaN ]"}, {"values": {"A": 9, "B": None}, "valueString": ""}],
)
def test_a_firing_that_measured_something_is_believed(fields):
    """One value that is no number among others takes nothing from it."""
    event = event_of(queue("firing", **fields))
    assert (event.severity, event.title) == (Severity.CRITICAL, "Orders queue is growing")


def test_data_that_is_back_ends_the_alert_about_its_absence():
    """The alert of a blind rule has an end of its own."""
    over = varied("grafana-no-data", "alerts", 0, "status", value="resolved")
    assert event_of(over).type is EventType.RESOLVE
    assert event_of(over).fingerprint == event_of(example("grafana-no-data")).fingerprint


LEGACY = {"title": "[Alerting] CPU", "ruleId": 5, "ruleName": "CPU", "state": "no_data", "evalMatches": [], "orgId": 1}


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (LEGACY, "Grafana's legacy alerting"),
        ({**LEGACY, "state": "ok", "evalMatches": [{"value": 1, "metric": "x"}]}, "Grafana's legacy alerting"),
        ({**LEGACY, "state": "paused"}, "Grafana's legacy alerting"),
        (example("grafana") | {"version": "2"}, "version 2 of Grafana's webhook"),
    ],
)
def test_another_version_is_refused_by_its_name(payload, words):
    """Whoever sends it reads what to switch to, also where the format is found out."""
    assert detect(payload) == "grafana"
    with pytest.raises(NotThisFormat, match=words):
        FORMATS["grafana"].read(payload)


def test_the_button_test_of_a_contact_point_is_an_alert():
    """With its nine digits of a second; only the link that is no address is left out."""
    event = event_of(example("grafana-test"))
    assert event.occurred_at is not None
    assert [link.text for link in event.links] == ["Silence in Grafana"]
