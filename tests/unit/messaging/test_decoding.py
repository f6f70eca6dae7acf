"""What a message is about: whose words in it are believed."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from alert_examples import example
from house_maps import VIGIL, vigil

from worker.alerts import alert_limit
from worker.alerts.mapping.map_files import read_formats
from worker.alerts.reading import Reading
from worker.alerts.severities import Severities
from worker.domain.errors import Undecodable
from worker.domain.event import Event, EventType, encode
from worker.messaging.decoding import FORMAT, Decoder, incident_from
from worker.messaging.lock import LockTimes
from worker.messaging.message import FIRST_ENQUEUED, Message

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
BEFORE = NOW - timedelta(minutes=5)
REMINDER = Event(type=EventType.SUMMARY_DUE, title="Publish the summary", key="checkout-7", received_at=NOW)
HEADERS = ("content_type", "correlation_id", "to", "reply_to", "reply_to_session_id", "session_id", "partition_key")


def message(body, *, subject=None, **properties):
    raw = SimpleNamespace(properties=None)
    received = SimpleNamespace(
        **dict.fromkeys(HEADERS), subject=subject, application_properties=properties, raw_amqp_message=raw
    )
    lock = LockTimes().lock(None, None)
    return Message(body, id="m", origin="m", enqueued_at=NOW, deliveries=1, received=received, lock=lock)


def test_our_own_reminder_is_understood():
    """A reminder says outside as well as inside what it is, and then it is one."""
    assert Decoder().events_of(message(encode(REMINDER), subject="summary-due")) == [REMINDER]


@pytest.mark.parametrize("subject", [None, "trigger", "summary-due "])
@pytest.mark.parametrize("format_name", [None, "native"])
def test_a_reminder_that_does_not_come_from_us_is_refused_by_its_type(subject, format_name):
    """Whoever else sends an event that claims to be one is told so, and which field says it."""
    properties = {} if format_name is None else {FORMAT: format_name}
    with pytest.raises(Undecodable, match=r"not an event: type: summary-due is Tocsin's own reminder") as refusal:
        Decoder().events_of(message(encode(REMINDER), subject=subject, **properties))
    assert str(refusal.value).endswith(".")


def test_a_senders_event_never_becomes_a_reminder_by_its_subject():
    """The subject alone proves nothing: without the time of its receipt the event is a stranger's, and is refused."""
    foreign = encode(REMINDER.model_copy(update={"received_at": None}))
    with pytest.raises(Undecodable, match=r"type: summary-due"):
        Decoder().events_of(message(foreign, subject="summary-due"))


def test_settings_say_what_a_word_in_a_message_means():
    """The decoder, and not the queue, knows the severities of the settings."""
    sent = message(b'{"title": "x", "severity": "sev-a"}')
    [unread] = Decoder().events_of(sent)
    assert (unread.severity, unread.unread_severity) == (3, "sev-a")
    [event] = Decoder(Reading(Severities.read("native.sev-a=1"))).events_of(sent)
    assert event.severity == 1


[HOUSE] = read_formats(VIGIL)
OURS = Decoder(Reading(house=(HOUSE,)))


@pytest.mark.parametrize("properties", [{FORMAT: "vigil"}, {}])
def test_a_houses_own_format_is_read_from_the_queue(properties):
    """By its name, and by its mark where it has one."""
    [event] = OURS.events_of(message(json.dumps(vigil()).encode(), **properties))
    assert (event.source, event.title) == ("vigil", "Login fails on shop.contoso.example")


def test_a_houses_own_format_that_this_worker_does_not_have_is_refused_with_all_that_it_has():
    """A worker without the map says which name it does not know."""
    with pytest.raises(Undecodable, match="names no format that is known here; there are: cloudevents, ") as refusal:
        Decoder().events_of(message(json.dumps(vigil()).encode(), **{FORMAT: "vigil"}))
    assert "vigil" not in str(refusal.value)
    with pytest.raises(Undecodable, match="there are: vigil, "):
        OURS.events_of(message(b"{}", **{FORMAT: "kestrel"}))


def test_a_payload_that_is_no_alert_of_the_format_is_refused_by_its_field():
    """The dead letter names the map's field and its expression."""
    with pytest.raises(Undecodable, match=r"format vigil: alerts: must be an object or a list .*, and 'results'"):
        OURS.events_of(message(b"{}", **{FORMAT: "vigil"}))


@pytest.mark.parametrize("named", ["alertmanager", "azure-monitor", "native"])
def test_a_message_that_names_another_format_than_its_own_is_read_as_what_it_is(named):
    """A property that was copied from another subscription costs no alert."""
    [event] = Decoder().events_of(message(json.dumps(example("datadog")).encode(), **{FORMAT: named}))
    assert event.source == "datadog"


def test_a_message_of_too_many_alerts_is_not_lost(monkeypatch):
    """As many as are read of one are its events, and each says how many are left out."""
    monkeypatch.setattr(alert_limit, "ALERTS_LIMIT", 20)
    body = json.dumps({"receiver": "x", "alerts": [{}] * 23}).encode()
    events = Decoder().events_of(message(body))
    assert len(events) == 20
    assert "3 more alerts of the same call were left out by Tocsin" in events[0].description


@pytest.mark.parametrize(
    ("told", "believed"),
    [(None, NOW), ("no time", NOW), ("2026-03-02T09:00:00", NOW), ("9999-01-01T00:00:00+00:00", NOW), (BEFORE, BEFORE)],
)
def test_all_copies_of_a_message_were_received_at_one_time(told, believed):
    """When the first was enqueued, where a copy says so; never later than itself, and never in no zone."""
    copy = message(b"{}", **({} if told is None else {FIRST_ENQUEUED: str(told)}))
    incident = incident_from(Event(title="x", key="k"), copy)
    assert (incident.received_at, incident.event.received_at) == (believed, believed)


def test_what_the_intake_writes_is_nobody_elses_to_say():
    """An event that the intake has not received keeps no sender, call or remainder of its own words."""
    claimed = {"sender": "desk", "call": "7", "remainder": f"{'0' * 64}-{'0' * 64}"}
    [event] = Decoder().events_of(message(json.dumps({"title": "x", **claimed}).encode()))
    assert (event.sender, event.call, event.remainder) == ("", "", None)
