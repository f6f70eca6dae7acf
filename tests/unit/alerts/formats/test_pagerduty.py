"""PagerDuty's events become ours, and the key of the integration goes no further."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from mutations import JSON, altered, mutations

from worker.alerts.detection import detect
from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import FORMATS
from worker.alerts.formats.pagerduty import FORMAT, dedup_key
from worker.alerts.severities import Severities
from worker.domain.event import Event, EventType, Severity, encode

HERE = Path(__file__).parents[1]
KEY = "0123456789abcdef0123456789abcdef"


def example(name):
    return json.loads((HERE / f"examples/pagerduty-{name}.json").read_text())


def event_of(payload) -> Event:
    [event] = FORMAT.read(payload)
    assert isinstance(event, Event)
    return event


@pytest.mark.parametrize("name", ["trigger", "acknowledge", "resolve", "minimal"])
def test_the_payload_is_kept_without_the_key(name):
    """What was received is all there but for the secret, which stands nowhere in the event."""
    payload = example(name)
    event = event_of(payload)
    assert event.raw == {field: value for field, value in payload.items() if field != "routing_key"}
    assert KEY not in encode(event).decode()


def test_the_three_actions_are_about_one_thing():
    """A trigger and what acknowledges and resolves it have one fingerprint, by dedup_key and not by words."""
    fingerprints = {event_of(example(name)).fingerprint for name in ("trigger", "acknowledge", "resolve")}
    assert len(fingerprints) == 1


def test_a_resolve_does_not_claim_to_know_the_beginning():
    """The time in a resolve is when the alert ended."""
    event = event_of(example("resolve"))
    assert event.type is EventType.RESOLVE
    assert (event.occurred_at, event.resolved_at) == (None, datetime(2026, 3, 2, 9, 40, tzinfo=UTC))


def test_the_fingerprint_is_of_the_integration_and_the_dedup_key():
    """Two integrations with one dedup_key are two things, and so are two dedup_keys of one integration."""
    payload = example("trigger")
    others = [altered(payload, field, value="another") for field in ("routing_key", "dedup_key")]
    assert len({event_of(each).fingerprint for each in (payload, *others)}) == 3


def test_the_fingerprint_does_not_depend_on_text_and_time():
    """Another summary, severity or time of the same dedup_key is the same thing."""
    told = example("trigger")["payload"] | {"summary": "else", "severity": "info", "timestamp": None}
    again = altered(example("trigger"), "payload", value=told)
    assert event_of(again).fingerprint == event_of(example("trigger")).fingerprint


def test_without_a_dedup_key_the_same_call_has_the_same():
    """A call that is repeated is about the same thing, and another call about another."""
    payload = example("minimal")
    other = altered(payload, "payload", "summary", value="Restore failed")
    assert event_of(payload).fingerprint == event_of(example("minimal")).fingerprint != event_of(other).fingerprint
    assert event_of(payload).labels["dedup_key"] == dedup_key(payload)
    assert len(dedup_key(payload)) <= 255


def test_a_long_summary_is_whole_in_the_description():
    """The title is cut, and nothing of the summary is lost."""
    summary = "s" * 1_500
    event = event_of(altered(example("trigger"), "payload", "summary", value=summary))
    assert len(event.title) == 500
    assert event.description.startswith(summary)
    assert "\n\nfree_gb: 3" in event.description


@pytest.mark.parametrize(
    ("told", "title"),
    [
        ({"summary": "Disk is full"}, "Disk is full on db-3.contoso.example, postgres"),
        ({"summary": "Disk is full", "component": None}, "Disk is full on db-3.contoso.example"),
        ({"summary": "Postgres of db-3.contoso.example is down"}, "Postgres of db-3.contoso.example is down"),
        ({"summary": "Disk is full", "source": "", "component": None}, "Disk is full"),
    ],
)
def test_the_title_names_source_and_component(told, title):
    """What its words do not name stands behind them, so that two machines never read the same."""
    payload = example("trigger")
    assert event_of(altered(payload, "payload", value=payload["payload"] | told)).title == title


@pytest.mark.parametrize(
    ("payload", "field", "version"),
    [
        ({"service_key": KEY, "event_type": "trigger", "description": "x"}, "event_type", "Events API v1"),
        ({"service_key": KEY, "event_type": "resolve", "incident_key": "k"}, "event_type", "Events API v1"),
        (
            {"event": {"event_type": "incident.triggered", "resource_type": "incident"}},
            "event.event_type",
            "webhook v3",
        ),
        ({"event": {"event_type": "pagey.ping", "resource_type": "pagey"}}, "event.event_type", "webhook v3"),
        ({"messages": [{"event": "incident.trigger", "incident": {}}]}, "messages", "webhook v2"),
    ],
)
def test_another_version_is_refused_by_its_name(payload, field, version):
    """Whoever sends it reads which it is and what to send, and its key stands nowhere."""
    assert detect(payload) == "pagerduty"
    with pytest.raises(NotThisFormat, match=f"{field}: .*{version}.*Events API v2") as refusal:
        FORMAT.read(payload)
    assert KEY not in str(refusal.value)


def test_the_service_is_what_the_sender_calls_so():
    """A service among the details is stronger than the component, and that than the group."""
    payload = example("trigger")
    named = altered(payload, "payload", "custom_details", value={"service": "orders"})
    grouped = altered(payload, "payload", "component", value=None)
    assert [event_of(each).service for each in (named, payload, grouped)] == ["orders", "postgres", "prod-db"]


def test_a_setting_changes_what_a_word_means():
    """The severity goes by the table that settings can change."""
    [event] = FORMAT.read(example("trigger"), Severities.read("pagerduty.critical=2"))
    assert event.severity is Severity.HIGH


@pytest.mark.parametrize("payload", [example("change"), {"event_action": "change"}])
def test_a_change_is_understood_and_launches_nothing(payload):
    """What was changed is no alert, and the sender reads so."""
    [ignored] = FORMAT.read(payload)
    assert isinstance(ignored, Ignored)
    assert "change" in ignored.reason


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "event_action"),
        ([], "body"),
        (None, "body"),
        (altered(example("trigger"), "event_action", value="explode"), "event_action"),
        (altered(example("trigger"), "event_action", value=None), "event_action"),
        (altered(example("trigger"), "payload", value=None), "payload"),
        (altered(example("trigger"), "payload", "summary", value=" "), "payload.summary"),
        (altered(example("trigger"), "payload", "summary", value={"a": 1}), "payload.summary"),
        (altered(example("trigger"), "dedup_key", value="k" * 256), "dedup_key"),
        (altered(example("trigger"), "dedup_key", value=["k"]), "dedup_key"),
        ({"event_action": "resolve"}, "dedup_key"),
        ({"event_action": "acknowledge", "dedup_key": ""}, "dedup_key"),
    ],
)
def test_what_is_not_of_the_format_is_refused_by_field(payload, field):
    """The refusal names the field at fault, and never a value."""
    with pytest.raises(NotThisFormat) as refusal:
        FORMAT.read(payload)
    assert field in [fault.field for fault in refusal.value.faults]
    assert KEY not in str(refusal.value)


@given(payload=JSON)
def test_any_json_is_read_or_refused(payload):
    """No payload brings the parser down."""
    with suppress(NotThisFormat):
        assert all(isinstance(finding, Event | Ignored) for finding in FORMAT.read(payload))


@given(mutation=mutations([example("trigger"), example("resolve")]))
def test_only_what_an_alert_cannot_do_without_can_lose_it(mutation):
    """Whatever stands in a field that only enriches, the alert is read."""
    payload, path = mutation
    try:
        findings = FORMAT.read(payload)
    except NotThisFormat:
        assert path in {("event_action",), ("dedup_key",), ("payload",), ("payload", "summary")}
    else:
        assert all(isinstance(finding, Event | Ignored) for finding in findings)


def test_every_format_is_in_the_table():
    """The name in the address finds the parser."""
    assert FORMATS["pagerduty"] is FORMAT
