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
from worker.domain.alert_identity import is_grouped
from worker.domain.errors import Undecodable
from worker.domain.event import Event, EventType, encode
from worker.domain.incident import names_its_incident
from worker.domain.sender_scope import TRUSTED, Sender, SenderScope
from worker.messaging.decoding import FORMAT, Decoder, incident_from
from worker.messaging.lock import LockTimes
from worker.messaging.message import FIRST_ENQUEUED, Message
from worker.messaging.splitting import split

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


def test_who_sent_an_event_is_believed_of_the_intake_alone():
    """What another one puts into the queue is nobody's, whatever it says of that; what was written before it was noted
    stays so.
    """
    known = {"title": "x", "key": "k", "sender": "desk", "sender_scope": {"ends_all": True}}
    [foreign] = Decoder().events_of(message(json.dumps(known).encode()))
    assert (foreign.told_by, foreign.teller) == (TRUSTED, "")
    [ours] = Decoder().events_of(message(json.dumps(known | {"received_at": NOW.isoformat()}).encode()))
    assert ours.told_by == Sender("desk", SenderScope(ends_all=True))
    [earlier] = Decoder().events_of(message(json.dumps({"title": "x", "received_at": NOW.isoformat()}).encode()))
    assert incident_from(earlier, message(b"")).event.teller is None


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


def test_alerts_straight_from_the_queue_are_grouped():
    """Without a key and a time of their own they are told apart by their messages, and name no incident by that."""
    [event] = Decoder().events_of(message(b'{"title": "x", "fingerprint": "f"}'))
    incident = incident_from(event.model_copy(update={"fingerprint": ""}), message(b"{}"))
    assert incident.key == "message:m"
    assert is_grouped(incident_from(event, message(b"{}")).event)
    assert not names_its_incident(incident.event)


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


ACT = {"act": "acknowledge", "id": "ack-1", "actor": {"kind": "person", "id": "ada"}}
AS_EVENT = {"type": "act", "title": "Ada has it", "key": "k", "act": ACT}


def decoded(given, **properties):
    return Decoder().events_of(message(json.dumps(given).encode(), **properties))


@pytest.mark.parametrize("format_name", [None, "native"])
def test_an_act_may_be_put_straight_into_the_queue(format_name):
    """By the incident's key; whoever may do that acts by the right of the queue, whatever sender it names."""
    properties = {} if format_name is None else {FORMAT: format_name}
    [event] = decoded(AS_EVENT | {"sender": "desk"}, **properties)
    assert (event.type, event.key, event.act.key, event.told_by) == (EventType.ACT, "k", "ack-1", TRUSTED)
    assert incident_from(event, message(b"")).key == "k"


def test_each_act_of_a_list_becomes_a_message_of_its_own():
    """With its incident's key, under an id that is the same each time; the act's own id says which are the same act."""
    given = [AS_EVENT, {"title": "Down", "key": "l"}, AS_EVENT | {"key": "l"}]
    first, second = (split(message(b""), decoded(given)).parts for _ in range(2))
    assert [(part.event.type, part.event.key) for part in first] == [("act", "k"), ("trigger", "l"), ("act", "l")]
    assert [part.event.act.key for part in (first[0], first[2])] == ["ack-1", "ack-1"]
    assert [part.message_id for part in first] == [part.message_id for part in second]
    assert len({part.message_id for part in first}) == len(first)
    for part in first:
        assert Decoder().events_of(message(part.body)) == [part.event]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"key": None}, "key: is required"),
        ({"act": None}, "act: goes with the type act"),
        ({"type": "trigger"}, "act: goes with the type act"),
        ({"act": ACT | {"id": ""}}, "act.id: "),
        ({"act": ACT | {"id": "a b"}}, "act.id: "),
        ({"act": ACT | {"act": "dance"}}, "act.act: "),
        ({"act": ACT | {"severity": 1}}, "severity: says nothing of acknowledge"),
        ({"act": ACT | {"data": {"people": ["eve"]}}}, "data: says nothing of acknowledge"),
        ({"act": ACT | {"unknown": 1}}, "act.unknown: "),
        ({"act": {"act": "note", "id": "1", "actor": ACT["actor"]}}, "text: is required"),
    ],
)
def test_what_is_no_act_is_refused_by_its_field(changes, named):
    """Alone and in a list, before anything of it is done."""
    for given in (AS_EVENT | changes, [AS_EVENT, AS_EVENT | changes]):
        with pytest.raises(Undecodable, match="not an event") as refusal:
            decoded(given)
        assert named in str(refusal.value)


def test_a_timer_is_taken_from_nobody_else():
    """Whatever it claims to be due."""
    due = {"kind": "escalation", "epoch": 1, "due_at": NOW.isoformat()}
    given = {"type": "timer", "title": "x", "key": "k", "due": due, "received_at": NOW.isoformat()}
    with pytest.raises(Undecodable, match="taken from nobody else"):
        decoded(given)
