"""A person's words about an open incident are bounded."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from worker.domain.event import Event, EventType
from worker.domain.report import Report, own_key, report_on

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_words_are_lines_of_bounded_length():
    """However much somebody wrote; who sent it stands beside."""
    event = Event(title="x" * 400, description="one\ntwo " + "y" * 5_000, impact="z" * 5_000, source="ada@desk")
    report = Report.of(event, NOON)
    assert [len(report.title), len(report.description), len(report.impact)] == [300, 1_200, 600]
    assert report.description.startswith("one two y")
    assert (report.by, report.at) == ("ada@desk", NOON)


def test_a_report_names_its_incident():
    """By a key: a fingerprint is an alert's."""
    with pytest.raises(ValidationError, match="key: is required, since the type is report"):
        Event(type="report", title="x", fingerprint="f")


def test_its_own_key_is_the_same_for_every_delivery():
    """And another one for another report."""
    one, other = (Event(type=EventType.REPORT, title=title, key="k") for title in ("a", "b"))
    assert own_key(one) == own_key(one.model_copy(update={"received_at": NOON}))
    assert own_key(one) != own_key(other)


@pytest.mark.parametrize(("given", "severity"), [({}, 5), ({"severity": 2}, 2)])
def test_what_was_to_be_raised_becomes_a_report(given, severity):
    """With the same words, by whom it is; only a severity that was given can raise that of the incident."""
    event = Event(title="Slow", description="Since noon", source="tocsin raise", fingerprint="f", raw={"a": 1}, **given)
    report = report_on(event, "random:1", by="ada@desk")
    assert (report.type, report.key, report.source) == (EventType.REPORT, "random:1", "ada@desk")
    assert (report.title, report.description, report.severity) == ("Slow", "Since noon", severity)
    assert (report.fingerprint, report.raw) == ("", None)
