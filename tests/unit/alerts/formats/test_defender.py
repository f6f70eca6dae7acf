"""Defender for Cloud's alerts are read in both of their spellings."""

import json

import pytest
from alert_examples import event_of, example, findings, ignored_of, varied

from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import FORMATS
from worker.domain.event import EventType


def in_camel_case(payload):
    return {name[:1].lower() + name[1:]: value for name, value in payload.items()}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("New", EventType.TRIGGER),
        ("Active", EventType.TRIGGER),
        ("InProgress", EventType.TRIGGER),
        (None, EventType.TRIGGER),
        ("Resolved", EventType.RESOLVE),
        ("Dismissed", EventType.NO_LONGER_REPORTED),
    ],
)
def test_only_what_is_resolved_is_over(status, kind):
    """Work on it is no end, and who dismisses an alert does not say that it is over."""
    assert event_of(varied("defender", "Status", value=status)).type is kind


def test_both_spellings_are_one_alert():
    """What the export has in Pascal case is what ARM has in camel case."""
    flat = example("defender")
    arm = {"type": "Microsoft.Security/Locations/alerts", "name": "n", "properties": in_camel_case(flat)}
    ours, theirs = (event_of(each).model_dump(exclude={"raw"}) for each in (flat, arm))
    assert ours == theirs


@pytest.mark.parametrize("field", ["Entities", "RemediationSteps", "ExtendedProperties"])
def test_json_within_a_text_is_read_as_what_it_says(field):
    """Log Analytics keeps lists and bags as texts."""
    texts = varied("defender", field, value=json.dumps(example("defender")[field]))
    assert event_of(texts).model_dump(exclude={"raw"}) == event_of(example("defender")).model_dump(exclude={"raw"})


def test_an_alert_is_itself_and_no_other():
    """A second alert of the same kind on the same machine is not ended by the end of the first."""
    other = event_of(varied("defender", "SystemAlertId", value="another"))
    assert other.fingerprint != event_of(example("defender")).fingerprint


def test_records_are_read_one_by_one():
    """An export may hand over several, and what is no record costs the others nothing."""
    alert, *others = findings([example("defender"), 5, example("defender-recommendation")])
    assert alert.fingerprint == event_of(example("defender")).fingerprint
    assert [type(each) for each in others] == [Ignored, Ignored]


def test_an_end_of_nobody_knows_what_ends_nothing():
    """Neither the alert nor what it is of is named."""
    payload = {"type": "Microsoft.Security/locations/alerts", "properties": {"status": "Resolved"}}
    assert "does not say which" in ignored_of(payload).reason


@pytest.mark.parametrize("payload", [5, "x", {"type": "Microsoft.Security/alerts"}, {"properties": {}}])
def test_what_is_no_alert_is_refused(payload):
    """The field is named."""
    with pytest.raises(NotThisFormat):
        FORMATS["defender"].read(payload)


def test_a_text_that_names_properties_does_not_grow_without_end():
    """A megabyte of names becomes no more than an event holds."""
    payload = varied("defender", "Description", value="%{a}" * 200_000) | {"ExtendedProperties": {"a": "x" * 10_000}}
    assert len(event_of(payload).description) <= 32_000
