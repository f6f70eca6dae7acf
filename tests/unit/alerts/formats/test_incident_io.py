"""What tools send to incident.io's HTTP source is read, by its key and its state."""

import pytest
from alert_examples import event_of, example, ignored_of

from worker.alerts.detection import detect
from worker.alerts.format import NotThisFormat
from worker.alerts.formats.incident_io import FORMAT
from worker.domain.event import EventType, Severity

FIRES, ENDS = example("incident-io"), example("incident-io-ends")


def test_the_key_is_the_identity():
    """Of the begin and the end, whatever else they say."""
    assert event_of(FIRES).fingerprint == event_of(ENDS).fingerprint
    assert event_of(FIRES | {"title": "else", "metadata": None}).fingerprint == event_of(FIRES).fingerprint
    assert event_of(FIRES | {"deduplication_key": "other"}).fingerprint != event_of(FIRES).fingerprint


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        ("firing", "trigger", ""),
        ("resolved", "resolve", ""),
        ("Resolved", "resolve", ""),
        (None, "trigger", ""),
        ("something new", "trigger", ""),
        ("expired", "no-longer-reported", "expired"),
    ],
)
def test_only_what_is_resolved_has_ended(status, kind, reason):
    """What its sender stopped watching is told as that."""
    event = event_of(FIRES | {"status": status})
    assert (event.type, event.state_reason) == (EventType(kind), reason)


def test_missing_data_are_told_as_what_they_are():
    """The first that is read is that nobody knows."""
    event = event_of(FIRES | {"status": "no_data"})
    assert event.description.startswith("Low confidence: the sender has no data")
    assert event.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("metadata", "title", "severity", "service"),
    [
        ({"Host": "db-7", "severity": "P1", "service": "orders"}, "Replica lags on db-7", 1, "orders"),
        ({"queue": "orders", "priority": "low"}, "Replica lags on orders", 4, ""),
        ({"team": {"name": "core"}}, "Replica lags", 3, ""),
        ("x", "Replica lags", 3, ""),
    ],
)
def test_the_metadata_tell_the_rest(metadata, title, severity, service):
    """Under the names that tools give it."""
    event = event_of(FIRES | {"title": "Replica lags", "metadata": metadata})
    assert (event.title, event.severity, event.service) == (title, Severity(severity), service)


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"title": "x", "deduplication_key": "k", "status": "firing"}, "incident-io"),
        ({"title": "x", "deduplication_key": "k", "metadata": {}}, "incident-io"),
        ({"title": "x", "status": "firing"}, "native"),
    ],
)
def test_it_is_recognised_by_its_key(payload, name):
    """A title and a state may be anybody's."""
    assert detect(payload) == name


def test_an_end_without_a_key_is_ignored():
    """Nothing can be ended by it."""
    assert "which one" in ignored_of(ENDS | {"deduplication_key": ""}, "incident-io").reason


@pytest.mark.parametrize(("payload", "field"), [({}, "title"), ({"title": " "}, "title"), ([], "body")])
def test_what_is_not_of_the_format_is_refused_by_field(payload, field):
    """The refusal names the field at fault."""
    with pytest.raises(NotThisFormat) as refusal:
        FORMAT.read(payload)
    assert [fault.field for fault in refusal.value.faults] == [field]
