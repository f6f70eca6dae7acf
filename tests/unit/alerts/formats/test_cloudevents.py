"""CloudEvents become events, whatever alert they carry, and a repetition is known by source and id."""

import base64
import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import JSON, altered, mutations

from worker.alerts.cloudevents_types import State, said_by
from worker.alerts.detection import detect
from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import FORMATS
from worker.alerts.severities import Severities
from worker.domain.event import Event, EventType, Severity, encode
from worker.domain.incident import derived_key, with_key

HERE = Path(__file__).parents[1]
read = FORMATS["cloudevents"].read
NOTHING = Severities()


def example(name):
    return json.loads((HERE / f"examples/{name}.json").read_text())


FIRED, RESOLVED = example("cloudevents-fired"), example("cloudevents-resolved")


def event_of(payload) -> Event:
    [event] = read(payload, NOTHING)
    assert isinstance(event, Event)
    return event


def carrying(data, **attributes):
    return {"specversion": "1.0", "id": "1", "source": "/s", "type": "com.contoso.alert", "data": data} | attributes


@pytest.mark.parametrize("name", ["fired", "resolved", "plain", "text"])
def test_the_payload_is_kept(name):
    """What was received is in the event, envelope included."""
    payload = example(f"cloudevents-{name}")
    assert event_of(payload).raw == payload


def test_what_fired_and_what_resolved_are_about_one_thing():
    """The word for the state in the type is no part of the fingerprint; source, subject and the rest of it are."""
    assert event_of(FIRED).fingerprint == event_of(RESOLVED).fingerprint
    others = [altered(FIRED, name, value="another") for name in ("source", "subject", "type")]
    assert len({event_of(each).fingerprint for each in (FIRED, *others)}) == 4


def test_the_fingerprint_does_not_depend_on_text_id_and_time():
    """Another telling of it, in other words, is about the same thing."""
    again = FIRED | {"id": "another", "time": None, "data": {"title": "else", "severity": "info"}, "severity": None}
    assert event_of(again).fingerprint == event_of(FIRED).fingerprint


@pytest.mark.parametrize(
    ("written", "about", "state"),
    [
        ("com.contoso.alert.fired", "com.contoso.alert", EventType.TRIGGER),
        ("com.contoso.alert.resolved.v1", "com.contoso.alert", EventType.RESOLVE),
        ("com/contoso/alert_acknowledged", "com/contoso/alert", EventType.ACKNOWLEDGE),
        ("Contoso.AlertClosed", "Contoso.Alert", EventType.RESOLVE),
        ("ALERT_FIRING", "ALERT", EventType.TRIGGER),
        ("com.contoso.misfired", "com.contoso.misfired", None),
        ("com.contoso.alert.v1", "com.contoso.alert.v1", None),
        ("com.contoso.fired.alert", "com.contoso.fired.alert", None),
        ("resolved", "", EventType.RESOLVE),
        ("", "", None),
    ],
)
def test_the_last_word_of_a_type_may_tell_the_state(written, about, state):
    """In whatever case, before a version, and only as a word of its own."""
    said = said_by(written)
    assert (said.about, said.state) == (about, state and State(state))


@pytest.mark.parametrize(
    ("written", "about", "reason"),
    [
        ("com.contoso.alert.deleted", "com.contoso.alert", "deleted"),
        ("com.contoso.check.expired.v2", "com.contoso.check", "expired"),
        ("Contoso.MonitorPaused", "Contoso.Monitor", "Paused"),
        ("com.contoso.alerts.stale", "com.contoso.alerts", "stale"),
        ("com.contoso.alert.MissingSeries", "com.contoso.alert", "MissingSeries"),
    ],
)
def test_an_alert_that_vanished_is_no_longer_reported(written, about, reason):
    """It is about the same as what fired, and nobody measured that this is over."""
    said = said_by(written)
    assert (said.about, said.state) == (about, State(EventType.NO_LONGER_REPORTED, reason))
    event = event_of(carrying({"title": "x"}, type=written, time="2026-03-02T09:40:00Z"))
    assert (event.type, event.state_reason) == (EventType.NO_LONGER_REPORTED, reason)
    assert event.resolved_at == datetime(2026, 3, 2, 9, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["com.contoso.vm.deleted", "com.contoso.certificate.expired", "BackupMissing", "com.contoso.job.paused"]
)
def test_what_vanished_and_was_itself_watched_is_an_alert(written):
    """A machine that was deleted is another thing than its alert that was."""
    assert said_by(written).state is None
    assert event_of(carrying({"title": "x"}, type=written)).type is EventType.TRIGGER


@pytest.mark.parametrize(
    ("written", "data"),
    [
        ("com.contoso.alert.nodata", {}),
        ("com.contoso.temperature.no_data", {}),
        ("Contoso.AlertNoData", {}),
        ("com.contoso.check.unknown", {}),
        ("com.contoso.check.state.changed", {"state": "INSUFFICIENT_DATA"}),
        ("com.contoso.metric", {"status": "No Data"}),
    ],
)
def test_missing_data_are_told_as_what_they_are(written, data):
    """It is an alert, and the first that is read of it is that nobody knows."""
    event = event_of(carrying({"title": "x", "severity": 1} | data, type=written))
    assert (event.type, event.severity) == (EventType.TRIGGER, Severity.MEDIUM)
    assert event.description.startswith("Low confidence: /s has no data")


def test_the_title_names_the_subject():
    """Two machines with one fault never read the same."""
    titles = [event_of(carrying({"title": "Disk is full"}, subject=each)).title for each in ("vm-1", "vm-2", None)]
    assert titles == ["Disk is full on vm-1", "Disk is full on vm-2", "Disk is full"]


@pytest.mark.parametrize(
    ("payload", "version"),
    [
        ({"specversion": "0.3", "id": "1", "source": "/s", "type": "t"}, "0.3"),
        ({"specversion": "0.2", "id": "1", "source": "/s", "type": "t"}, "0.2"),
        ({"cloudEventsVersion": "0.1", "eventID": "1", "source": "/s", "eventType": "t"}, "0.1"),
    ],
)
def test_an_older_version_is_refused_by_its_name(payload, version):
    """Whoever sends it reads which it is, and which is read."""
    assert detect(payload) == "cloudevents"
    with pytest.raises(NotThisFormat, match=f"is {re.escape(version)}, and 1.0 is read: let the sender send"):
        read(payload, NOTHING)


def test_a_type_of_a_megabyte_takes_no_time():
    """Only the end of a type is looked at."""
    assert said_by("a" * 1_000_000 + "1").state is None


@pytest.mark.parametrize(
    ("event_type", "data", "state"),
    [
        ("com.contoso.alert", {"status": "resolved"}, EventType.RESOLVE),
        ("com.contoso.alert", {"state": "Acknowledged"}, EventType.ACKNOWLEDGE),
        ("com.contoso.alert", {"title": "x", "status": "resolved"}, EventType.RESOLVE),
        ("com.contoso.alert", {"status": ["resolved"]}, EventType.TRIGGER),
        ("com.contoso.alert", "resolved", EventType.TRIGGER),
        ("com.contoso.alert.fired", {"status": "closed"}, EventType.TRIGGER),
        ("com.contoso.alert.fired", {"status": "deleted"}, EventType.TRIGGER),
        ("com.contoso.alert", {"state": "paused"}, EventType.NO_LONGER_REPORTED),
        ("com.contoso.check.status.updated.v1", {"status": "Deleted"}, EventType.NO_LONGER_REPORTED),
        ("com.contoso.vm", {"state": "deleted"}, EventType.TRIGGER),
    ],
)
def test_where_the_type_is_silent_the_data_tells_the_state(event_type, data, state):
    """A type that says that something begins is never overruled."""
    assert event_of(carrying(data, type=event_type)).type is state


def test_the_time_of_a_resolve_is_that_of_the_end():
    """When something ended is not taken for when it began."""
    event = event_of(RESOLVED)
    assert (event.occurred_at, event.resolved_at) == (None, datetime(2026, 3, 2, 9, 40, tzinfo=UTC))


def test_an_event_without_a_time_is_known_again_by_source_and_id():
    """Sent twice it is one message; with another id it is another."""
    once = carrying({"title": "x"})
    assert with_key(event_of(once)).id == with_key(event_of(once)).id != with_key(event_of(once | {"id": "2"})).id


def test_two_events_that_differ_in_their_id_alone_are_two_messages():
    """Source and id are part of what is told, also where they are longer than a label."""
    long = "i" * 1_000
    ids = {with_key(event_of(FIRED | {"id": each})).id for each in ("1", "2", long + "1", long + "2")}
    assert len(ids) == 4


def test_an_alert_of_a_known_format_is_read_as_one():
    """An Azure Monitor alert in an envelope is the alert that it is without one."""
    alert = example("metric")
    event, [bare] = event_of(carrying(alert)), FORMATS["azure-monitor"].read(alert, NOTHING)
    assert (event.title, event.source, event.fingerprint) == (bare.title, bare.source, bare.fingerprint)
    assert derived_key(event) == derived_key(bare)
    assert event.labels["event-id"] == "1"


def test_the_key_of_an_integration_stays_out_of_the_envelope_too():
    """An event for PagerDuty in an envelope leaves its secret behind, in base 64 as well."""
    alert = example("pagerduty-trigger")
    encoded = base64.b64encode(json.dumps(alert).encode()).decode()
    [ignored] = read(carrying(example("pagerduty-change")), NOTHING)
    assert isinstance(ignored, Ignored)
    for payload in (carrying(alert), carrying(None, data_base64=encoded)):
        event = event_of(payload)
        assert event.raw["data"]["event_action"] == "trigger"
        assert alert["routing_key"] not in encode(event).decode()
        assert encoded not in encode(event).decode()


def test_an_event_of_our_own_is_read_as_one():
    """What our own event says is stronger than what its envelope says."""
    told = {"title": "Checkout is down", "key": "k", "source": "desk", "fingerprint": "f", "impact": "No one can pay"}
    event = event_of(carrying(told, subject="s", time="2026-03-02T09:15:04Z"))
    assert event.model_dump(include=set(told)) == told
    assert event.resources == ("s",)


@pytest.mark.parametrize("time", [None, "2026-03-02T09:15:04Z"])
def test_a_key_in_the_data_is_the_incidents(time):
    """Its sender named the incident, whatever the envelope says; the envelope's id tells calls apart without a time."""
    assert event_of(carrying({"title": "x", "key": "disk-db1"}, time=time)).key == "disk-db1"
    unnamed = event_of(carrying({"title": "x"}, time=time))
    assert (unnamed.key, bool(unnamed.call)) == (None, time is None)


@pytest.mark.parametrize("field", [{"links": "none"}, {"labels": [1]}, {"occurred_at": "noon"}, {"key": ""}])
def test_data_that_is_almost_our_event_is_no_reason_to_refuse(field):
    """Data is anybody's: what means something else there costs only what it would have told."""
    event = event_of(carrying({"title": "Boiler is cold"} | field))
    assert event.title == "Boiler is cold"


def test_a_setting_changes_what_a_word_means():
    """The severity goes by the table that settings can change."""
    [event] = read(carrying({}, severity="critical"), Severities.read("cloudevents.critical=2"))
    assert event.severity is Severity.HIGH


def test_a_batch_is_as_many_events_as_it_holds():
    """Each event of a batch is read for itself; an empty one holds none."""
    assert [event.type for event in read([FIRED, RESOLVED], NOTHING)] == [EventType.TRIGGER, EventType.RESOLVE]
    assert read([], NOTHING) == []


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "specversion"),
        (None, "body"),
        (FIRED | {"specversion": "0.3"}, "specversion"),
        (FIRED | {"id": " "}, "id"),
        (FIRED | {"source": None}, "source"),
        (FIRED | {"type": ["x"]}, "type"),
        ([FIRED, {**FIRED, "id": ""}], "1.id"),
        ([[FIRED]], "0.body"),
        (carrying(None, data_base64="%"), "data_base64"),
        (carrying(None, data_base64="e30gbm90IEpTT04="), "data_base64"),
        (carrying({"event_action": "resolve", "payload": {}}), "data.dedup_key"),
        ([carrying({"schemaId": "x"})], "0.data.schemaId"),
    ],
)
def test_what_is_not_of_the_format_is_refused_by_field(payload, field):
    """The refusal names the field at fault, and its place in a batch."""
    with pytest.raises(NotThisFormat) as refusal:
        read(payload, NOTHING)
    assert field in [fault.field for fault in refusal.value.faults]


@given(payload=JSON)
def test_any_json_is_read_or_refused(payload):
    """No payload brings the parser down."""
    with suppress(NotThisFormat):
        assert all(isinstance(finding, Event | Ignored) for finding in read(payload, NOTHING))


@given(mutation=mutations([FIRED, RESOLVED, example("cloudevents-plain")]))
def test_only_what_an_event_cannot_do_without_can_lose_it(mutation):
    """Whatever stands in a field that only enriches, the alert is read."""
    payload, path = mutation
    try:
        event_of(payload)
    except NotThisFormat:
        assert path[0] in {"specversion", "id", "source", "type", "data_base64"} or path == ("data",)


@given(data=JSON | st.text())
def test_any_data_is_carried(data):
    """What an event carries is no reason to refuse it, unless it is an alert of a format with a fault."""
    with suppress(NotThisFormat):
        event = event_of(carrying(data))
        assert event.raw["data"] == data


def test_what_dapr_puts_around_a_cloudevent_is_taken_off():
    """A publisher that does not declare its CloudEvent is told of as itself, and not as Dapr."""
    ours = {
        "specversion": "1.0",
        "id": "7",
        "source": "/shop",
        "type": "com.contoso.alert.resolved",
        "subject": "login",
    }
    dapr = {"specversion": "1.0", "id": "1", "source": "shop", "type": "com.dapr.event.sent", "pubsubname": "bus"}
    assert read(dapr | {"data": ours}, NOTHING) == read(ours, NOTHING)
    older = {**ours, "specversion": "0.3"}
    with pytest.raises(NotThisFormat, match=r"data\.specversion: is 0\.3, and 1\.0 is read"):
        read(dapr | {"data": older}, NOTHING)
    [nested] = read(dapr | {"data": dapr | {"data": {"title": "x"}}}, NOTHING)
    assert nested.type is EventType.TRIGGER
