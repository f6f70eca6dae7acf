"""The shifts that a calendar shows: whole, from two weeks back to half a year ahead."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from worker.oncall.calendars import words
from worker.oncall.definitions import Definitions
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.shifts import Shift, shifts
from worker.oncall.schedule.wall_clock import DAY, Minute, instant_at, minute_of
from worker.oncall.why import Naming

BACK, AHEAD = 14 * DAY, 180 * DAY
# A rotation by the hour gives somebody two thousand in that time; a calendar with more is read by nobody.
MOST = 3000
# How far beyond its ends a shift is followed: most end within weeks, and none that has an end lasts for longer.
_LOOKS = (28 * DAY, 400 * DAY)


@dataclass(frozen=True, slots=True)
class ShownShift:
    """`began` names it, None where it goes back for longer than is looked; `rank` 0 is primary."""

    schedule: str
    person: str
    rank: int
    began: Minute | None
    start: Minute
    end: Minute
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """In the order of their beginning; all that begin before `until` are there."""

    shifts: tuple[ShownShift, ...]
    until: Minute


def shown_shifts(definitions: Definitions, now: Minute, person: str | None = None, *, most: int = MOST) -> Shown:
    """Of one person, by their one spelling, or of everybody."""
    name = name_in(definitions)
    found = [
        shift
        for schedule in definitions.schedules.values()
        if person is None or person in _named_in(schedule)
        for shift in _of_schedule(schedule, now, person, name)
    ]
    found.sort(key=lambda shift: (shift.start, shift.schedule, shift.rank, shift.person))
    if len(found) > most:
        return Shown(tuple(found[:most]), found[most].start)
    return Shown(tuple(found), now + AHEAD)


def name_in(definitions: Definitions) -> Naming:
    """What people call each other there; whoever has no record is as written."""

    def name(person: str) -> str:
        record = definitions.people.get(person)
        return record.name if record else person

    return name


def people_in(definitions: Definitions) -> set[str]:
    """All whom any schedule names, at whatever time."""
    return {person for schedule in definitions.schedules.values() for person in _named_in(schedule)}


def _named_in(schedule: Schedule) -> set[str]:
    """All who may ever be on call there: whoever is not among them needs no look."""
    lists = [people for layer in schedule.layers for people in (layer.people, *(each.people for each in layer.changes))]
    return {person for people in lists for entry in people for person in entry} | {
        override.person for override in schedule.overrides
    }


def _of_schedule(schedule: Schedule, now: Minute, person: str | None, name: Naming) -> Iterator[ShownShift]:
    first, last = now - BACK, now + AHEAD
    for shift in shifts(schedule, first, last):
        if person is None or shift.person == person:
            yield _whole(schedule, shift, first, last, name)


def _whole(schedule: Schedule, shift: Shift, first: Minute, last: Minute, name: Naming) -> ShownShift:
    """With the ends that it has beyond what is shown; one without an end is cut where a month begins."""
    began: Minute | None = shift.start
    if shift.start == first:
        earlier = _earlier(schedule, shift)
        began, shift = (None, replace(shift, start=_month(first))) if earlier is None else (earlier.start, earlier)
    if shift.end == last:
        shift = replace(shift, end=_end(schedule, shift, last) or _month(last + 32 * DAY))
    why = words.about(schedule, shift, name)
    return ShownShift(schedule.name, shift.person, shift.rank, began, shift.start, shift.end, why)


def _earlier(schedule: Schedule, shift: Shift) -> Shift | None:
    """The same with its beginning."""
    for look in _LOOKS:
        begins = shift.start - look
        for known in shifts(schedule, begins, shift.start + 1):
            if known.end > shift.start and _is_same(known, shift) and known.start > begins:
                return replace(known, end=shift.end)
    return None


def _end(schedule: Schedule, shift: Shift, last: Minute) -> Minute | None:
    for look in _LOOKS:
        for known in shifts(schedule, last - 1, last + look):
            if known.start < last and _is_same(known, shift) and known.end < last + look:
                return known.end
    return None


def _is_same(one: Shift, other: Shift) -> bool:
    return (one.person, one.rank) == (other.person, other.rank)


def _month(minute: Minute) -> Minute:
    """When the month of that instant begins, in UTC."""
    at = instant_at(minute)
    return minute_of(at - timedelta(days=at.day - 1, hours=at.hour, minutes=at.minute))
