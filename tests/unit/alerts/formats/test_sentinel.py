"""Microsoft Sentinel's incidents begin, go on while people work on them, and end when they are closed."""

import pytest
from alert_examples import event_of, example, ignored_of, varied
from mutations import altered

from worker.alerts.format import NotThisFormat
from worker.alerts.formats import FORMATS
from worker.domain.event import EventType, Severity
from worker.domain.incident import derived_key

PROPERTIES = ("object", "properties")


@pytest.mark.parametrize(
    ("status", "classification", "kind"),
    [
        ("New", None, EventType.TRIGGER),
        ("Active", None, EventType.TRIGGER),
        ("Active", "TruePositive", EventType.TRIGGER),
        (None, None, EventType.TRIGGER),
        ("Closed", None, EventType.RESOLVE),
        ("closed", "TruePositive", EventType.RESOLVE),
        ("Closed", "FalsePositive", EventType.RESOLVE),
        ("Closed", "Undetermined", EventType.NO_LONGER_REPORTED),
    ],
)
def test_only_closing_ends_an_incident(status, classification, kind):
    """That somebody works on it is no end, and closing it without having found out is no all-clear."""
    payload = altered(
        varied("sentinel", *PROPERTIES, "status", value=status), *PROPERTIES, "classification", value=classification
    )
    assert event_of(payload).type is kind


def test_an_update_is_of_the_same_incident():
    """What the trigger wraps and what the API gives are one thing, whatever has changed in it since."""
    first = event_of(example("sentinel"))
    later = varied("sentinel", *PROPERTIES, "severity", value="Low") | {"objectEventType": "Update"}
    assert derived_key(event_of(later)) == derived_key(first) == derived_key(event_of(later["object"]))
    assert event_of(later).severity is Severity.LOW


def test_another_incident_has_another_identity():
    """The number alone tells incidents of one workspace apart, where that is all that is sent."""
    bare = {"type": "Microsoft.SecurityInsights/Incidents", "properties": {"title": "x", "incidentNumber": 1}}
    other = altered(bare, "properties", "incidentNumber", value=2)
    assert event_of(bare).fingerprint != event_of(other).fingerprint != event_of(example("sentinel")).fingerprint


def test_a_closed_incident_of_no_name_ends_nothing():
    """It cannot be said which."""
    payload = {"type": "Microsoft.SecurityInsights/incidents", "properties": {"status": "Closed"}}
    assert "does not say which" in ignored_of(payload).reason


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        ({"object": {"type": "Microsoft.SecurityInsights/Entities", "properties": {}}}, "type: must be"),
        ({"object": 5}, "must be a JSON object"),
        ({"type": "Microsoft.SecurityInsights/incidents"}, "properties: is required"),
    ],
)
def test_what_is_no_incident_is_refused_with_what_to_send(payload, named):
    """The field is named."""
    with pytest.raises(NotThisFormat) as refusal:
        FORMATS["sentinel"].read(payload)
    assert named in str(refusal.value)
