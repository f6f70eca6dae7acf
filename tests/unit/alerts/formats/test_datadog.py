"""Datadog's alerts are read as the template that people paste sends them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from alert_examples import event_of, example, ignored_of, varied
from hypothesis import given
from hypothesis import strategies as st

from worker.alerts.detection import detect
from worker.alerts.format import NotThisFormat
from worker.alerts.formats import datadog
from worker.domain.event import EventType, Severity

TEMPLATE = json.loads(Path(datadog.__file__).with_name("datadog_template.json").read_text())


def test_the_template_is_what_the_parser_reads():
    """Each field of the template is one that is read, and none that is read is missing."""
    read = {field.alias or name for name, field in datadog._Alert.model_fields.items()}
    assert read == set(TEMPLATE)
    assert TEMPLATE["schema"] == datadog.SCHEMA


def test_a_variable_without_a_value_is_absent():
    """What Datadog did not fill in is not told to anybody."""
    event = event_of(TEMPLATE)
    assert "$" not in event.model_dump_json(exclude={"raw"})
    assert event.type is EventType.TRIGGER


@pytest.mark.parametrize(
    ("transition", "kind"),
    [
        ("Triggered", "trigger"),
        ("Re-Triggered", "trigger"),
        ("Warn", "trigger"),
        ("Re-Warn", "trigger"),
        ("No Data", "trigger"),
        ("Re-No Data", "trigger"),
        ("Renotify", "trigger"),
        ("Recovered", "resolve"),
        ("Warn Recovered", "resolve"),
        ("No Data Recovered", "resolve"),
        ("No Data recovered", "resolve"),
        ("Muted", "no-longer-reported"),
        ("Monitor Deleted", "no-longer-reported"),
        (None, "trigger"),
        ("$ALERT_TRANSITION", "trigger"),
        ("something new", "trigger"),
    ],
)
def test_transitions_begin_and_end(transition, kind):
    """Every transition but an end is a trigger, also one that is not known."""
    assert event_of(varied("datadog", "transition", value=transition)).type == kind


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("[P3] [Recovered on {host:db-1}] Replica lags", "resolve"),
        ("[Muted] Replica lags", "no-longer-reported"),
        ("[P3] Replica was deleted", "trigger"),
    ],
)
def test_a_title_tells_the_state_where_no_transition_does(title, kind):
    """What Datadog puts before a title counts, and not what people wrote behind it."""
    assert event_of(varied("datadog", "transition", value="$ALERT_TRANSITION") | {"title": title}).type == kind


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"body": "The monitor was automatically resolved after 24 h"}, "automatically resolved"),
        ({"status": "Auto-resolved: no evaluation in the last hour"}, "automatically resolved"),
        ({"body": "Resolved by a timeout"}, "automatically resolved"),
        ({"status": "system.load.1 over host:db-1 has no data"}, "no data"),
        ({"transition": "Deleted"}, "Deleted"),
    ],
)
def test_a_monitor_that_grew_calm_unmeasured_is_no_all_clear(told, reason):
    """It is told as no longer reported, with the reason, and ends nothing."""
    event = event_of(example("datadog-recovered") | told)
    assert (event.type, event.state_reason) == (EventType.NO_LONGER_REPORTED, reason)
    assert event.fingerprint == event_of(example("datadog")).fingerprint
    assert event.resolved_at == event_of(example("datadog-recovered")).resolved_at


@pytest.mark.parametrize(
    "told",
    [
        {"title": "[Recovered] Agent stopped reporting"},
        {"transition": "No Data Recovered", "status": "there was no data for 10 minutes"},
        {"body": "Old snapshots are deleted, and paused jobs resumed"},
    ],
)
def test_words_of_people_make_no_recovery_doubtful(told):
    """What was measured again, data that came back included, is over."""
    assert event_of(example("datadog-recovered") | told).type is EventType.RESOLVE


@pytest.mark.parametrize("transition", ["No Data", "Re-No Data"])
def test_missing_data_are_told_as_what_they_are(transition):
    """First of all it is said that nobody knows, and nobody is woken as by what was measured."""
    event = event_of(varied("datadog", "transition", value=transition))
    assert event.description.startswith("Low confidence: Datadog has no data")
    assert event.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("scope", "hostname", "ending"),
    [
        ("host:db-7,device:/dev/sda1", None, "on db-7, /dev/sda1"),
        ("env:prod,queue:orders", "$HOSTNAME", "on orders, prod"),
        ("*", "db-8", "on db-8"),
        ("*", "", "is full"),
    ],
)
def test_the_title_names_what_is_affected(scope, hostname, ending):
    """Two alerts of one monitor never read the same."""
    payload = example("datadog") | {"title": "Disk is full", "scope": scope, "hostname": hostname, "tags": ""}
    assert event_of(payload).title.endswith(ending)


@pytest.mark.parametrize("schema", ["datadog-incident-launch/2", "datadog-incident-launch/1.1"])
def test_another_version_of_the_template_is_refused_by_its_name(schema):
    """Who pasted another one reads which it is, and which is read."""
    assert detect({"schema": schema}) == "datadog"
    with pytest.raises(NotThisFormat, match=f"is the template {schema}, and {datadog.SCHEMA} is read: paste"):
        datadog.FORMAT.read(example("datadog") | {"schema": schema})


def test_a_recovery_does_not_say_when_it_began():
    """The dates of a recovery are those of the end."""
    event = event_of(example("datadog-recovered"))
    assert event.occurred_at is None
    assert event.resolved_at == datetime(2026, 3, 2, 9, 45, 4, tzinfo=UTC)
    assert event.fingerprint == event_of(example("datadog")).fingerprint


@pytest.mark.parametrize(
    ("transition", "priority", "kind", "severity"),
    [
        ("Triggered", "P1", "error", 1),
        ("Warn", "P1", "warning", 2),
        ("Re-Warn", "P5", "warning", 5),
        ("Triggered", None, "error", 2),
        ("Warn", "$ALERT_PRIORITY", "warning", 3),
        ("Triggered", "", "", 3),
    ],
)
def test_a_warning_is_less_than_an_alert(transition, priority, kind, severity):
    """A monitor's warning is one step below its priority; without one the type of the alert says how bad it is."""
    payload = varied("datadog", "transition", value=transition) | {"priority": priority, "alert_type": kind}
    assert event_of(payload).severity is Severity(severity)


@pytest.mark.parametrize(
    ("field", "value"), [("scope", "service:basket,env:prod"), ("aggreg_key", "other"), ("org_id", "7")]
)
def test_another_group_of_a_monitor_is_another_alert(field, value):
    """Organisation, key and scope are the identity of an alert."""
    assert event_of(varied("datadog", field, value=value)).fingerprint != event_of(example("datadog")).fingerprint


def test_an_alert_that_names_no_monitor_has_no_identity():
    """Without key and monitor nothing is grouped, and a recovery ends nothing."""
    unknown = {"aggreg_key": "$AGGREG_KEY", "alert_id": None}
    assert event_of(example("datadog") | unknown).fingerprint == ""
    assert "does not say what" in ignored_of(example("datadog-recovered") | unknown).reason


@pytest.mark.parametrize("payload", [{}, {"schema": None}, {"schema": "other"}, {"title": "x"}])
def test_another_payload_is_refused_with_what_to_do(payload):
    """Who pasted no template reads which one to paste."""
    with pytest.raises(NotThisFormat, match=r"schema: must be .*: paste worker/alerts/formats/datadog_template\.json"):
        datadog.FORMAT.read(payload)


def test_the_raw_alert_is_kept():
    """The event carries what was received, variables without a value included."""
    assert event_of(example("datadog-no-data")).raw == example("datadog-no-data")


def test_the_switch_for_forms_is_understood():
    """The JSON in the field of a form is the same as without the form."""
    body = json.dumps(example("datadog"))
    assert datadog.of_form(urlencode({"payload": body}).encode()) == body.encode()


@pytest.mark.parametrize("body", [b"", b"{}", b"other=1", b"\xff", b"&".join([b"a=1"] * 500)])
def test_a_form_without_the_field_is_none(body):
    """What is no form of Datadog's is left to whoever refuses it."""
    assert datadog.of_form(body) is None


@given(body=st.binary(max_size=60))
def test_no_body_brings_the_form_down(body):
    """Any bytes are a form with the field, or none."""
    assert datadog.of_form(body) is None or b"payload=" in body
