"""The native event is read as it is, and what others call by other names is found."""

from datetime import UTC, datetime

import pytest
from alert_examples import event_of, example

from worker.alerts.format import NotThisFormat
from worker.alerts.formats.native import event_of as read
from worker.alerts.severities import Severities
from worker.domain.event import Event, EventType, Link

FULL = {
    "description": "Orders wait in the queue",
    "detection_source": "support",
    "fingerprint": "orders/eu",
    "impact": "Parcels leave late",
    "links": [{"href": "https://desk.contoso.example/992", "text": "Ticket"}],
    "occurred_at": "2026-03-02T09:02:00Z",
    "raw": {"ticket": 992},
    "resources": ["orders-1"],
    "service": "orders",
    "severity": 2,
    "title": "Orders are stuck",
}
ALIASES = {
    "short_description": "another title",
    "details": "another description",
    "assignment_group": "another service",
    "correlation_id": "another/fingerprint",
    "opened_at": "2020-01-01T00:00:00Z",
    "cmdb_ci": "another-1",
    "priority": 5,
    "link": "https://other.contoso.example/",
    "state": "new",
}


def test_an_alias_never_overrides_a_field():
    """Where a field says something, its other names change nothing."""
    assert read(FULL | ALIASES) == Event.model_validate(FULL)


def test_a_native_event_is_what_it_was():
    """Without aliases nothing is added, the raw alert included."""
    assert read({"title": "x"}) == Event(title="x")


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({"short_description": "x"}, "title", "x"),
        ({"title": None, "short_description": None, "summary": "x"}, "title", "x"),
        ({"title": "", "subject": " x\n"}, "title", "x"),
        ({"details": "y"}, "description", "y"),
        ({"assignment_group": "pay"}, "service", "pay"),
        ({"assignment_group": {"display_value": "pay", "value": "9f"}}, "service", "pay"),
        ({"correlation_id": 55}, "fingerprint", "55"),
        ({"cmdb_ci": "pay-1"}, "resources", ("pay-1",)),
        ({"opened_at": "2026-03-02 09:02:00"}, "occurred_at", datetime(2026, 3, 2, 9, 2, tzinfo=UTC)),
        ({"closed_at": 1772442904000}, "resolved_at", datetime(2026, 3, 2, 9, 15, 4, tzinfo=UTC)),
        ({"link": "https://a.contoso.example/1"}, "links", (Link(href="https://a.contoso.example/1"),)),
        ({"url": "javascript:alert(1)"}, "links", ()),
        ({"detection_source": "Customer_Report"}, "detection_source", "customer-report"),
        ({"detection_source": "social media"}, "detection_source", "social-media"),
        ({"priority": "1 - Critical"}, "severity", 1),
        ({"priority": "P2"}, "severity", 2),
        ({"priority": "soon"}, "severity", 3),
        ({"priority": "soon"}, "unread_severity", "soon"),
        ({"severity": "soon", "priority": "1 - Critical"}, "severity", 1),
        ({"severity": "soon", "priority": "1 - Critical"}, "unread_severity", ""),
        ({"severity": "soon", "priority": "later"}, "unread_severity", "soon"),
        ({"severity": "high"}, "severity", 2),
        ({"urgency": 1}, "severity", 1),
        ({"urgency": 1, "impact": "2 - Medium"}, "severity", 2),
        ({"urgency": "3", "impact": 3}, "severity", 5),
        ({"urgency": "high"}, "severity", 2),
        ({"impact": "2"}, "severity", 2),
        ({"impact": "2"}, "impact", ""),
        ({"impact": "2 regions are down"}, "impact", "2 regions are down"),
        ({"priority": True}, "severity", 3),
        ({"correlation_id": "c", "state": "Resolved"}, "type", EventType.RESOLVE),
        ({"correlation_id": "c", "state": 7}, "type", EventType.RESOLVE),
        ({"correlation_id": "c", "state": "In Progress"}, "type", EventType.ACKNOWLEDGE),
        ({"key": "k", "state": "acknowledged"}, "type", EventType.ACKNOWLEDGE),
        ({"correlation_id": "c", "state": "Canceled"}, "type", EventType.NO_LONGER_REPORTED),
        ({"correlation_id": "c", "state": 8}, "type", EventType.NO_LONGER_REPORTED),
        ({"correlation_id": "c", "state": 8}, "state_reason", "canceled"),
        ({"key": "k", "state": "Missing Series"}, "type", EventType.NO_LONGER_REPORTED),
        ({"key": "k", "state": "Missing Series"}, "state_reason", "Missing Series"),
        ({"key": "k", "state": {"display_value": "Paused"}}, "state_reason", "Paused"),
        ({"key": "k", "type": "no-longer-reported", "state_reason": "Deleted"}, "state_reason", "Deleted"),
        ({"key": "k", "type": "trigger", "state": "paused"}, "type", EventType.TRIGGER),
        ({"key": "k", "type": "trigger", "state": "paused"}, "state_reason", ""),
        ({"state": "in progress"}, "type", EventType.TRIGGER),
        ({"state": "suspended"}, "type", EventType.TRIGGER),
        ({"state": "1"}, "type", EventType.TRIGGER),
        ({"key": "k", "status": 7}, "type", EventType.TRIGGER),
        ({"state": {"odd": []}}, "type", EventType.TRIGGER),
    ],
)
def test_other_names_are_understood(given, field, value):
    """What service desks and scripts call by names of their own is found."""
    titled = given if {"short_description", "summary", "subject"} & given.keys() else {"title": "x", **given}
    assert getattr(read(titled), field) == value


def test_a_record_that_was_taken_back_is_no_all_clear():
    """It tells when that was, and of which record."""
    canceled = event_of(example("native-desk-resolved") | {"state": "Canceled"})
    closed = event_of(example("native-desk-resolved"))
    assert canceled == closed.model_copy(
        update={"type": EventType.NO_LONGER_REPORTED, "state_reason": "canceled", "raw": canceled.raw}
    )


@pytest.mark.parametrize("state", ["No Data", "UNKNOWN", "insufficient_data"])
def test_missing_data_are_told_as_what_they_are(state):
    """The first that is read is that nobody knows, and it is not as urgent as what was measured."""
    event = read({"title": "Probe is silent", "severity": 1, "description": "Look at it", "state": state})
    assert event.description.startswith("Low confidence: the sender has no data")
    assert event.description.endswith("\n\nLook at it")
    assert (event.type, event.severity) == (EventType.TRIGGER, 3)


def test_a_long_correlation_id_is_hashed():
    """Two long names of others that begin alike stay two."""
    first, second = (read({"title": "x", "correlation_id": "c" * 5_000 + end}).fingerprint for end in "ab")
    assert first != second
    assert len(first) == 64


def test_what_a_service_desk_sent_is_kept():
    """The rest of a record, for which an event has no field, is in the raw alert."""
    assert event_of(example("native-desk")).raw == example("native-desk")


def test_the_end_of_a_record_is_that_of_its_beginning():
    """A record that is resolved has the fingerprint and the time of the one that was opened."""
    opened, closed = event_of(example("native-desk")), event_of(example("native-desk-resolved"))
    assert (closed.type, closed.resolved_at) == (EventType.RESOLVE, datetime(2026, 3, 2, 9, 50, tzinfo=UTC))
    assert (closed.fingerprint, closed.occurred_at) == (opened.fingerprint, opened.occurred_at)


def test_settings_say_what_a_word_means():
    """A word of a house's own is a severity here too."""
    chosen = Severities.read("native.sev-a=1")
    assert (
        read({"title": "x", "severity": "Sev-A"}, chosen).severity
        == read({"title": "x", "priority": "sev-a"}, chosen).severity
        == 1
    )


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"severity": ["urgent"], "title": "x"}, "severity"),
        ({"short_description": {}}, "title"),
        ({"title": "x", "detection_source": "rumour"}, "detection_source"),
        ({"title": "x", "state": "resolved"}, "fingerprint or key"),
        ({"title": "x", "state": "cancelled"}, "fingerprint or key"),
        ([], "body"),
    ],
)
def test_what_is_no_event_is_refused_by_field(payload, field):
    """Our own fields are as strict as ever, and the refusal names them."""
    with pytest.raises(NotThisFormat) as refusal:
        read(payload)
    assert field in str(refusal.value)


@pytest.mark.parametrize("more", [{"key": "k"}, {"fingerprint": "f"}, {"key": "k", "state": "resolved"}])
def test_a_reminder_is_taken_from_nobody(more):
    """Only Tocsin itself says that a summary is due; the refusal names the type."""
    with pytest.raises(NotThisFormat) as refusal:
        read({"title": "x", "type": "summary-due", **more})
    assert [fault.field for fault in refusal.value.faults] == ["type"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("Resolved", EventType.RESOLVE),
        ("closed", EventType.RESOLVE),
        ("OK", EventType.RESOLVE),
        ("acknowledged", EventType.ACKNOWLEDGE),
        ("firing", EventType.TRIGGER),
        ("paid", EventType.TRIGGER),
        (6, EventType.TRIGGER),
    ],
)
def test_a_status_ends_what_is_known_by_a_fingerprint(status, kind):
    """Most senders call their state so; much else has a status, so only their own words count."""
    assert read({"title": "x", "fingerprint": "k", "status": status}).type == kind
    assert read({"title": "x", "status": status}).type == EventType.TRIGGER
    assert read({"title": "x", "fingerprint": "k", "state": "new", "status": status}).type == EventType.TRIGGER
