"""Definitions as people write them, made from a few lines, and what a calendar of their shifts says."""

from datetime import datetime, timedelta

import icalendar

from worker.oncall.calendars.published import follow
from worker.oncall.calendars.shown_shifts import shown_shifts
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.moments import read_moment

WEEKLY = {"name": "week", "starts": "2026-03-02T09:00", "every": "1 week", "people": ["ines", "jon", "kai"]}
PEOPLE = {"ines": {"name": "Ines Sousa", "email": "Ines.Sousa@contoso.example", "time_zone": "Europe/Berlin"}}


def rota(*layers, overrides=(), absences=(), time_zone="Europe/Berlin", **others):
    """One schedule `checkout`, and Ines as a person with a record."""
    given = {"time_zone": time_zone, "layers": layers or [WEEKLY], "overrides": list(overrides)}
    schedules = {"checkout": given, **others}
    return build(GivenDefinitions(people=PEOPLE, schedules=schedules, absences=list(absences)))


def minute(text):
    return read_moment(text).minute


def shown_at(definitions, text, person="ines"):
    return shown_shifts(definitions, minute(text), person)


def given_out(before, definitions, text, **others):
    """What Ines' calendar is given out with then."""
    return follow(before, shown_at(definitions, text), minute(text), **others)


def events_of(content):
    return icalendar.Calendar.from_ical(content).walk("VEVENT")


def starting(text, **length):
    """A time of UTC, and the one so much later."""
    start = datetime.fromisoformat(text)
    return start, start + timedelta(**length)
