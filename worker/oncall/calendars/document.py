"""Shifts as an iCalendar document (RFC 5545): each an event with times in UTC, and no rules of repetition.

Rules would leave overrides out, and each calendar program has its own idea of a change of the clock.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from worker.domain.text import clean, clean_line
from worker.oncall.calendars import words
from worker.oncall.calendars.published import Published, uid_of
from worker.oncall.schedule.wall_clock import instant_at

# Programs that ask at all how often they should come again.
_EVERY = timedelta(hours=1)

NameOf = Callable[[str], str]
"""From a person to the words for them in a calendar of several people; empty in a person's own."""


def write_calendar(published: Iterable[Published], title: str, name_of: NameOf = lambda _: "") -> bytes:
    """The same bytes for the same shifts: nothing in it tells when it was asked for."""
    calendar = Calendar()
    calendar.add("prodid", "-//Tocsin//On call//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", clean_line(title))
    calendar.add("x-wr-calname", clean_line(title))
    calendar.add("refresh-interval", _EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for each in published:
        calendar.add_component(_event(each, name_of))
    content: bytes = calendar.to_ical()
    return content


def _event(published: Published, name_of: NameOf) -> Event:
    shift, modified = published.shift, instant_at(published.modified)
    event = Event()
    event.add("uid", uid_of(shift))
    event.add("sequence", published.sequence)
    event.add("dtstamp", modified)
    event.add("last-modified", modified)
    event.add("dtstart", instant_at(shift.start))
    event.add("dtend", instant_at(shift.end))
    event.add("summary", words.summary(shift.schedule, shift.rank, name_of(shift.person)))
    event.add("description", clean(shift.why))
    event.add("status", "CANCELLED" if published.is_cancelled else "CONFIRMED")
    # Whoever is on call for a week can be met in it.
    event.add("transp", "TRANSPARENT")
    return event
