"""Opsgenie's alerts become events, as tools create them and as its webhook tells of them."""

from datetime import UTC, datetime

import pytest
from alert_examples import event_of, example, ignored_of, varied

from worker.alerts.detection import detect
from worker.alerts.format import NotThisFormat
from worker.alerts.formats.opsgenie import FORMAT, call_on
from worker.domain.event import EventType, Severity

CALL, CREATED, CLOSED = example("opsgenie-call"), example("opsgenie"), example("opsgenie-resolved")


def test_an_alias_is_one_alert_by_whatever_way_it_comes():
    """What a tool creates is ended by its own call, and by what Opsgenie tells of it."""
    called = (call_on("replica-lag/db-7", action, {}) for action in ("Close", "Acknowledge"))
    assert len({event_of(each, "opsgenie").fingerprint for each in (CALL, CREATED, CLOSED, *called)}) == 1


@pytest.mark.parametrize("changes", [{"message": "else"}, {"priority": "P5"}, {"tags": []}, {"source": "other"}])
def test_the_fingerprint_does_not_depend_on_words(changes):
    """It is the alias alone that another alert would have another of."""
    assert event_of(CALL | changes).fingerprint == event_of(CALL).fingerprint != ""
    assert event_of(CALL | {"alias": "other"}).fingerprint != event_of(CALL).fingerprint


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("Create", "trigger"),
        ("Acknowledge", "acknowledge"),
        ("Close", "resolve"),
        ("Delete", "no-longer-reported"),
        ("UpdatePriority", "trigger"),
        ("something new", "trigger"),
        (None, "trigger"),
    ],
)
def test_only_a_close_is_an_end(action, kind):
    """An alert that was deleted is told as no longer reported, and what is not known as still there."""
    event = event_of(varied("opsgenie", "action", value=action))
    assert event.type == kind
    assert event.state_reason == ("deleted" if action == "Delete" else "")


@pytest.mark.parametrize(
    "source", [{"name": "Close after 3 days", "type": "policy"}, {"name": "AutoClose", "type": ""}]
)
def test_what_a_policy_closes_is_no_all_clear(source):
    """Time alone has passed."""
    event = event_of(CLOSED | {"source": source})
    assert (event.type, event.state_reason) == (EventType.NO_LONGER_REPORTED, "closed by a policy")


@pytest.mark.parametrize(
    "action", ["AddNote", "Snooze", "AssignOwnership", "UnAcknowledge", "AddTags", "AddDetails", "RemoveDetails"]
)
def test_remarks_launch_nothing(action):
    """What people do with an alert over there is no alert."""
    assert "what somebody did" in ignored_of(varied("opsgenie", "action", value=action)).reason


def test_the_times_are_those_of_the_webhook():
    """Milliseconds for the begin and nanoseconds for the end, as Opsgenie counts them."""
    event = event_of(CLOSED)
    assert event.occurred_at == datetime(2026, 3, 2, 9, 15, 4, 105_000, tzinfo=UTC)
    assert event.resolved_at == datetime(2026, 3, 2, 9, 40, 4, 166_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "Replica lags behind on orders, db-7.contoso.example"),
        ({"entity": "", "details": {"Hostname": "db-8"}}, "Replica lags behind on db-8"),
        ({"entity": None, "details": None}, "Replica lags behind"),
        ({"message": "orders: replica lags", "details": {}}, "orders: replica lags"),
    ],
)
def test_the_title_names_entity_and_host(changes, title):
    """What the message does not name stands behind it."""
    assert event_of(CALL | changes).title == title


@pytest.mark.parametrize(
    ("changes", "service"),
    [
        ({}, "payments"),
        ({"details": {"service": "orders"}}, "orders"),
        ({"responders": None, "teams": [{"name": "core"}]}, "core"),
        ({"responders": [{"username": "kim@contoso.example", "type": "user"}]}, ""),
        ({"responders": [{"name": "nightly", "type": "schedule"}]}, ""),
    ],
)
def test_the_service_is_what_the_sender_names_or_the_team(changes, service):
    """A schedule or a person is no service."""
    payload = {name: value for name, value in (CALL | changes).items() if value is not None}
    assert event_of(payload).service == service


@pytest.mark.parametrize(
    ("priority", "severity", "unread"), [("P1", 1, ""), ("P5", 5, ""), (None, 3, ""), ("spicy", 3, "spicy")]
)
def test_the_priority_is_the_severity(priority, severity, unread):
    """P3 where none is said, as in Opsgenie."""
    event = event_of(CALL | {"priority": priority})
    assert (event.severity, event.unread_severity) == (Severity(severity), unread)


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"message": "x", "alias": "a"}, "opsgenie"),
        ({"message": "x", "responders": []}, "opsgenie"),
        ({"message": "x", "alias": "a", "title": "y"}, "native"),
        ({"message": "x", "priority": "P1"}, None),
        ({"message": {"text": "x"}, "entity": "e"}, None),
        ({"alert": {"alertId": None}, "action": "Close"}, "opsgenie"),
        ({"alert": {"title": "x"}}, None),
    ],
)
def test_it_is_recognised_by_what_others_do_not_have(payload, name):
    """A message alone may be anybody's."""
    assert detect(payload) == name


def test_an_end_that_names_no_alert_is_ignored():
    """Neither alias nor id."""
    nameless = CLOSED["alert"] | {"alias": "", "alertId": None}
    assert "which one" in ignored_of(CLOSED | {"alert": nameless}).reason


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "message"),
        ({"message": " "}, "message"),
        ({"alert": {}}, "alert.message"),
        ({"alert": 5}, "alert"),
        ([], "body"),
    ],
)
def test_what_is_not_of_the_format_is_refused_by_field(payload, field):
    """The refusal names the field as the sender calls it."""
    with pytest.raises(NotThisFormat) as refusal:
        FORMAT.read(payload)
    assert [fault.field for fault in refusal.value.faults] == [field]
