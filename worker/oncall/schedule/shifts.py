"""What people see in a calendar: who is on call from when to when, and when nobody is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from worker.oncall.schedule.overrides import Place
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import Minute

# A person without an end is on call for longer than anybody asks; a year holds every rotation of people.
LOOK_AHEAD = 400 * 1440
_BEYOND = 62 * 1440


@dataclass(frozen=True, slots=True)
class Shift:
    """One person, at one place of the list (0 is primary), without a break; `place` is what put them there first."""

    person: str
    rank: int
    start: Minute
    end: Minute
    place: Place


def shifts(schedule: Schedule, start: Minute, end: Minute) -> Iterator[Shift]:
    """In the order in which they begin; what reaches over the ends is cut there."""
    running: dict[tuple[str, int], Shift] = {}
    finished: list[Shift] = []
    for stretch in schedule.stretches(start, end):
        standing = {(place.person, rank): place for rank, place in enumerate(stretch.places)}
        finished += [running.pop(key) for key in list(running) if key not in standing]
        for (person, rank), place in standing.items():
            known = running.get((person, rank))
            began = known.start if known else stretch.start
            running[person, rank] = Shift(person, rank, began, stretch.until, known.place if known else place)
    yield from sorted([*finished, *running.values()], key=lambda shift: (shift.start, shift.rank))


def whole_shifts(schedule: Schedule, start: Minute, end: Minute) -> Iterator[Shift]:
    """Those that have a part between, with the ends that they have; one that goes on for months beyond is cut there."""
    first, last = start - _BEYOND, end + _BEYOND
    for shift in shifts(schedule, first, last):
        if shift.start < end and shift.end > start:
            begins = start if shift.start == first else shift.start
            yield replace(shift, start=begins, end=end if shift.end == last else shift.end)


def gaps(schedule: Schedule, start: Minute, end: Minute) -> list[tuple[Minute, Minute]]:
    """When nobody is on call between; neighbours are one."""
    found: list[tuple[Minute, Minute]] = []
    for stretch in schedule.stretches(start, end):
        if stretch.places:
            continue
        if found and found[-1][1] == stretch.start:
            found[-1] = (found[-1][0], stretch.until)
        else:
            found.append((stretch.start, stretch.until))
    return found


def until(schedule: Schedule, person: str, instant: Minute) -> Minute | None:
    """When the shift of a person who is on call then ends; None where no end can be seen for more than a year."""
    rank: int | None = None
    for stretch in schedule.stretches(instant, instant + LOOK_AHEAD):
        people = stretch.people
        if rank is None:
            rank = people.index(person)
        elif people[rank : rank + 1] != (person,):
            return stretch.start
    return None


def next_people(schedule: Schedule, instant: Minute) -> tuple[Minute, tuple[str, ...]] | None:
    """When the list changes next, and who is on call from then on, who may be nobody."""
    now: tuple[str, ...] | None = None
    for stretch in schedule.stretches(instant, instant + LOOK_AHEAD):
        if now is None:
            now = stretch.people
        elif stretch.people != now:
            return stretch.start, stretch.people
    return None
