"""The document, as calendar programs read it."""

import re
from datetime import UTC, datetime

import pytest
from rotas import WEEKLY, events_of, given_out, minute, rota, shown_at

from worker.oncall.calendars.document import write_calendar
from worker.oncall.calendars.published import as_new, uid_of
from worker.oncall.calendars.shown_shifts import name_in, shown_shifts
from worker.oncall.definitions import PersonRecord

PROPERTIES = (
    "UID",
    "SEQUENCE",
    "DTSTAMP",
    "LAST-MODIFIED",
    "DTSTART",
    "DTEND",
    "SUMMARY",
    "DESCRIPTION",
    "STATUS",
    "TRANSP",
)
NOW = "2026-11-30T12:00Z"
HOSTILE = 'a,b;c\\n\\d\r\nEND:VEVENT\nATTACH:http://evil.example "\x00\u2028x\x0b\x7f:é' + "ü" * 200


def test_each_shift_is_an_event_with_times_in_utc():
    """Parsed by the library it says what the schedule does."""
    published = given_out((), rota(), NOW)
    events = events_of(write_calendar(published, "On call: Ines Sousa"))
    first = events[0]
    assert len(events) == len(published) > 5
    assert (first.start, first.end) == (datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 12, 7, 8, tzinfo=UTC))
    assert str(first["SUMMARY"]) == "On call: checkout (primary)"
    assert (str(first["UID"]), first["SEQUENCE"]) == (uid_of(published[0].shift), 0)
    assert first["STATUS"] == "CONFIRMED"
    assert str(first["DESCRIPTION"]).startswith("Layer week, Ines Sousa's turn since Mon 09:00.\n")
    assert first["DTSTAMP"].dt == first["LAST-MODIFIED"].dt == datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert len({str(event["UID"]) for event in events}) == len(events)


def test_the_bytes_are_those_of_rfc_5545():
    """Lines end with CRLF and have 75 octets at most, times end with Z, and nothing is a rule or a zone."""
    reason = {"from": "2026-12-01T00:00", "to": "2026-12-02T00:00", "person": "ines", "reason": "ü" * 150}
    content = write_calendar(given_out((), rota(overrides=[reason]), NOW), "On call: " + "é" * 100)
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()
    assert not re.search(rb"RRULE|VTIMEZONE|TZID|ATTENDEE|ORGANIZER|METHOD", content)
    times = re.findall(rb"(?m)^(?:DTSTART|DTEND|DTSTAMP|LAST-MODIFIED)(.*?)\r", content)
    assert all(re.fullmatch(rb":\d{8}T\d{6}Z", time) for time in times)


def test_a_hostile_name_adds_no_line_and_no_property():
    """Whatever stands in a name, a layer or a reason is a text of one property."""
    layer = {**WEEKLY, "name": "a, b"}
    override = {"from": "2026-12-01T00:00", "to": "2026-12-02T00:00", "person": "ines", "reason": HOSTILE}
    definitions = rota(layer, overrides=[override])
    definitions.people["ines"] = PersonRecord("ines", HOSTILE, "ines@contoso.example")
    shown = shown_shifts(definitions, minute(NOW))
    content = write_calendar(as_new(shown, minute(NOW)), f"On call: {HOSTILE}", name_in(definitions))
    events = events_of(content)
    assert len(events) == len(shown.shifts) == content.count(b"BEGIN:VEVENT")
    names = {name for event in events for name in event}
    assert names == set(PROPERTIES)
    assert not re.search(rb"[\x00\x0b\x7f]", content)
    assert all("\n" not in str(event["SUMMARY"]) for event in events)


def test_a_cancelled_shift_says_so():
    """With the number that makes programs take it."""
    away = {"person": "ines", "from": "2026-12-21T00:00Z", "to": "2026-12-29T00:00Z"}
    published = given_out(given_out((), rota(), NOW), rota(absences=[away]), "2026-12-01T12:00Z")
    cancelled = [event for event in events_of(write_calendar(published, "x")) if event["STATUS"] == "CANCELLED"]
    assert [(event.start, event["SEQUENCE"]) for event in cancelled] == [(datetime(2026, 12, 21, 8, tzinfo=UTC), 1)]


@pytest.mark.parametrize("person", ["ines", None])
def test_people_are_named_where_there_are_several(person):
    """A person's own calendar does not repeat whose it is."""
    definitions = rota()
    published = as_new(shown_at(definitions, NOW, person), minute(NOW))
    content = write_calendar(published, "x", name_in(definitions) if person is None else lambda _: "")
    summaries = {str(event["SUMMARY"]) for event in events_of(content)}
    everybody = {f"On call: checkout (primary): {name}" for name in ("Ines Sousa", "jon", "kai")}
    assert summaries == ({"On call: checkout (primary)"} if person else everybody)
