"""Kibana's rules are read as the template that people paste sends them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alert_examples import event_of, example, ignored_of, varied

from worker.alerts.detection import detect
from worker.alerts.format import NotThisFormat
from worker.alerts.formats import elastic
from worker.domain.event import EventType, Severity

TEMPLATE = json.loads(Path(elastic.__file__).with_name("elastic_template.json").read_text())
ALERT, RECOVERED = example("elastic"), example("elastic-resolved")


def test_the_template_is_what_the_parser_reads():
    """Each field of the template is one that is read, and none that is read is missing."""
    read = {field.alias or name for name, field in elastic._Alert.model_fields.items()}
    assert read == set(TEMPLATE)
    assert TEMPLATE["schema"] == elastic.SCHEMA


def test_a_test_of_the_connector_launches_nothing():
    """It fills in no variable."""
    assert "test" in ignored_of(TEMPLATE).reason


def test_the_begin_and_the_end_are_about_one_thing():
    """The end is dated by itself."""
    fired, ended = event_of(ALERT), event_of(RECOVERED)
    assert fired.fingerprint == ended.fingerprint != ""
    assert fired.occurred_at == datetime(2026, 3, 2, 9, 15, 4, 112_000, tzinfo=UTC)
    assert (ended.type, ended.occurred_at) == (EventType.RESOLVE, None)
    assert ended.resolved_at == datetime(2026, 3, 2, 9, 40, 4, 112_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"action_group": "untracked", "action_group_name": "Untracked", "state": ""}, "untracked"),
        ({"state": "Deleted"}, "Deleted"),
        ({"state": "NO DATA"}, "NO DATA"),
    ],
)
def test_an_end_that_nobody_measured_is_no_all_clear(changes, reason):
    """What is not tracked any more, and what recovered without data, is told as no longer reported."""
    event = event_of(RECOVERED | changes)
    assert (event.type, event.state_reason) == (EventType.NO_LONGER_REPORTED, reason)


@pytest.mark.parametrize(
    "changes",
    [{}, {"state": ""}, {"state": "", "action_group_name": ""}, {"action_group": "", "action_group_name": ""}],
)
def test_missing_data_are_told_as_what_they_are(changes):
    """By the state, and by the group of actions of which Kibana has one for it."""
    event = event_of(example("elastic-no-data") | changes)
    assert event.type is EventType.TRIGGER
    assert event.description.startswith("Low confidence: Elastic has no data")
    assert event.severity is Severity.MEDIUM


@pytest.mark.parametrize("changes", [{"rule_id": "other"}, {"alert_id": "web-eu-02"}, {"space_id": "other"}])
def test_another_group_of_a_rule_is_another_alert(changes):
    """Space, rule and group are the identity of an alert."""
    assert event_of(ALERT | changes).fingerprint != event_of(ALERT).fingerprint


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "Memory of hosts on web-eu-01"),
        ({"host": "", "group": "", "alert_id": "orders,eu"}, "Memory of hosts on orders, eu"),
        ({"host": "", "group": "", "alert_id": "query matched"}, "Memory of hosts"),
        ({"host": "", "group": "*", "alert_id": "*", "service": "checkout"}, "Memory of hosts on checkout"),
    ],
)
def test_the_title_names_the_group(changes, title):
    """Two hosts of one rule never read the same."""
    assert event_of(ALERT | changes).title == title


@pytest.mark.parametrize(
    ("changes", "severity", "unread"),
    [
        ({}, 2, ""),
        ({"rule_tags": "infra"}, 3, ""),
        ({"rule_tags": "infra, Priority:P4"}, 4, ""),
        ({"rule_tags": "severity:spicy"}, 3, "spicy"),
        ({"rule_tags": "", "action_group": "slo.burnRate.low"}, 4, ""),
        ({"detection_severity": "low"}, 4, ""),
        ({"detection_risk": "99"}, 1, ""),
        ({"detection_risk": "73"}, 2, ""),
        ({"detection_risk": "21", "detection_severity": "critical"}, 1, ""),
        ({"detection_risk": "high"}, 2, ""),
    ],
)
def test_the_severity_is_that_of_the_detection_the_tag_or_the_group(changes, severity, unread):
    """In this order; a risk counts where a detection has no severity."""
    event = event_of(ALERT | changes)
    assert (event.severity, event.unread_severity) == (Severity(severity), unread)


@pytest.mark.parametrize("schema", ["tocsin-elastic/2", "tocsin-elastic/1.1"])
def test_another_version_of_the_template_is_refused_by_its_name(schema):
    """Who pasted another one reads which it is, and which is read."""
    assert detect({"schema": schema}) == "elastic"
    with pytest.raises(NotThisFormat, match=f"is the template {schema}, and {elastic.SCHEMA} is read: paste"):
        elastic.FORMAT.read(ALERT | {"schema": schema})


def test_an_end_that_names_no_rule_is_ignored():
    """Nothing can be ended by it."""
    assert "which one" in ignored_of(varied("elastic-resolved", "rule_id", value="")).reason
