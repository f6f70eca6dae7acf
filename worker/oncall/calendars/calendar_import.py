"""An old tool's .ics file, once, as a schedule: a rotation where its shifts follow one, and overrides for all others.

What comes out has the shape of a definition file, and goes the same way as one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.domain.errors import Rejected
from worker.domain.text import clean_line, shortened
from worker.oncall.calendars.named_people import NamedPeople
from worker.oncall.calendars.occurrences import Occurrences
from worker.oncall.calendars.old_events import BYTES_LIMIT, OldCalendar, OldEvent, read_old_calendar
from worker.oncall.calendars.old_shifts import OldShift, Segment, append, segments
from worker.oncall.calendars.rotation import Rotation, find_rotation
from worker.oncall.definitions import PersonRecord
from worker.oncall.reading.build import schedule as build_schedule
from worker.oncall.reading.given_schedule import GivenSchedule
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import Minute, ZoneClock, clock_of

LAYER = "imported"
_REASON = "from the imported calendar"
_MOST_SHIFTS = 20_000
_MOST_OVERRIDES = 10_000
_NAMED = 20
_ZONES_TRIED = 3


@dataclass(frozen=True, slots=True)
class ImportedCalendar:
    """`given` is as in a definition file, with one schedule; `report` are sentences, what was left out among them."""

    given: Mapping[str, Any]
    report: tuple[str, ...]


@dataclass(slots=True)
class _Read:
    """What the events come to; `nobody` by the words of those that name nobody."""

    shifts: list[OldShift]
    nobody: Counter[str]


def import_calendar(
    content: bytes, name: str, people: Iterable[PersonRecord], now: Minute, clock: ZoneClock | None = None
) -> ImportedCalendar:
    """`name` is that of the schedule, `clock` that which it is to have, else the calendar's own.

    Raises Rejected for what is no calendar, or names nobody.
    """
    calendar = read_old_calendar(content)
    meant = clock or calendar.zone or clock_of("UTC")
    occurrences = Occurrences(calendar, meant, now)
    known = list(people)
    read = _read(calendar, NamedPeople(known), occurrences)
    report = [*calendar.faults, *occurrences.faults, *_of_nobody(read.nobody)]
    if not read.shifts:
        raise Rejected(_nothing(calendar, report))
    found = segments(read.shifts)
    clocks = [meant] if clock or calendar.zone else [meant, *_clocks_of(found, known)]
    rotations = ((each, find_rotation(found, read.shifts, each)) for each in clocks)
    chosen, rotation = next((pair for pair in rotations if pair[1]), (meant, None))
    given = _given(found, rotation, chosen)
    about = [*_times(calendar, meant), *_addresses(found, known), *_made(found, rotation, given, chosen)]
    return ImportedCalendar({"schedules": {name: given}}, (*about, *report))


def _read(calendar: OldCalendar, people: NamedPeople, occurrences: Occurrences) -> _Read:
    read = _Read([], Counter())
    for order, event in enumerate(calendar.events):
        if event.is_cancelled:
            continue
        named = people.of(event)
        if not named:
            read.nobody[_title(event)] += 1
            continue
        for each in occurrences.of(event):
            read.shifts.append(OldShift(named, each.start, each.end, event.summary, order))
        if len(read.shifts) > _MOST_SHIFTS:
            raise Rejected(f"The calendar comes to more than {_MOST_SHIFTS} shifts; export a shorter time.")
    return read


def _clocks_of(found: Sequence[Segment], people: Iterable[PersonRecord]) -> Iterable[ZoneClock]:
    """Where the people live: a calendar in UTC does not say by which clock they take turns."""
    named = {person for segment in found for person in segment.people}
    zones = Counter(record.time_zone for record in people if record.key in named and record.time_zone)
    return [clock_of(zone) for zone, _ in zones.most_common(_ZONES_TRIED)]


def _given(found: Sequence[Segment], rotation: Rotation | None, clock: ZoneClock) -> dict[str, Any]:
    layers = [_layer(rotation)] if rotation else []
    rest = _others(found, _built({"time_zone": clock.name, "layers": layers})) if rotation else found
    overrides = [override for segment in rest for override in _overrides(segment)]
    if len(overrides) > _MOST_OVERRIDES:
        raise Rejected(f"The calendar comes to more than {_MOST_OVERRIDES} overrides; export a shorter time.")
    return {"time_zone": clock.name, "layers": layers, "overrides": overrides}


def _layer(rotation: Rotation) -> dict[str, Any]:
    return {
        "name": LAYER,
        "starts": str(Moment(rotation.starts)),
        "every": str(rotation.every),
        "people": [list(entry) for entry in rotation.people],
    }


def _others(found: Sequence[Segment], schedule: Schedule) -> list[Segment]:
    """Where the calendar says other than the rotation alone."""
    others: list[Segment] = []
    for segment in found:
        for stretch in schedule.stretches(segment.start, segment.end):
            if stretch.people != segment.people:
                append(others, Segment(stretch.start, stretch.until, segment.people))
    return others


def _overrides(segment: Segment) -> Iterator[dict[str, Any]]:
    """The first alone, and the others behind."""
    for place, person in enumerate(segment.people):
        yield {
            "from": str(Moment(segment.start, is_instant=True)),
            "to": str(Moment(segment.end, is_instant=True)),
            "person": person,
            "add": place > 0,
            "reason": _REASON,
        }


def _built(given: Mapping[str, Any]) -> Schedule:
    return build_schedule("", GivenSchedule.model_validate(given), lambda person: person)


def _title(event: OldEvent) -> str:
    return shortened(clean_line(event.summary), 100) or "(an event without a title)"


def _of_nobody(nobody: Counter[str]) -> Iterator[str]:
    for title, number in nobody.most_common(_NAMED):
        times = f", {number} events" if number > 1 else ""
        yield f"{title!r}{times}: names nobody who is known, and is left out; add the person to people first."
    if len(nobody) > _NAMED:
        yield f"{len(nobody) - _NAMED} more titles name nobody who is known, and are left out."


def _nothing(calendar: OldCalendar, report: Sequence[str]) -> str:
    if not calendar.events and not calendar.faults:
        return "The calendar has no events, and nothing was changed."
    lines = "".join(f"\n  {sentence}" for sentence in report[:_NAMED])
    return f"No event of the calendar comes to a shift of somebody, and nothing was changed.{lines}"


def _times(calendar: OldCalendar, clock: ZoneClock) -> Iterator[str]:
    days = sum(event.start.is_day for event in calendar.events)
    floating = sum(event.start.clock is None and not event.start.is_day for event in calendar.events)
    if days:
        yield f"All-day events are taken from midnight to midnight in {clock.name}: {days} of the events."
    if floating:
        yield f"Times without a zone are taken as those of {clock.name}: {floating} of the events."
    for zone, number in calendar.unknown_zones.most_common(_NAMED):
        yield f"The zone {zone!r} is not known, and stands {number} times: {clock.name} is taken."


def _addresses(found: Sequence[Segment], people: Sequence[PersonRecord]) -> Iterator[str]:
    keys = {record.key for record in people}
    unknown = sorted({person for segment in found for person in segment.people} - keys)
    for person in unknown[:_NAMED]:
        yield f"{person} is not among people, and is named by the address alone."
    if len(unknown) > _NAMED:
        yield f"{len(unknown) - _NAMED} more are named by their addresses alone."


def _made(
    found: Sequence[Segment], rotation: Rotation | None, given: Mapping[str, Any], clock: ZoneClock
) -> Iterator[str]:
    people = len({person for segment in found for person in segment.people})
    start, end = (f"{clock.shown(each):%Y-%m-%d %H:%M}" for each in (found[0].start, found[-1].end))
    shifts = f"{people} {'person' if people == 1 else 'people'} from {start} to {end} ({clock.name})"
    overrides = f"{len(given['overrides'])} overrides"
    if rotation is None:
        yield f"{overrides} for {shifts}; no rotation was found, so after that they name nobody."
        return
    turns = ", ".join(" + ".join(entry) for entry in rotation.people)
    yield (
        f"The layer {LAYER!r} for {shifts}: {turns}, {rotation.every} each since {Moment(rotation.starts)}; it goes on "
        f"after that. {overrides} for what was otherwise."
    )


def read_calendar_file(path: Path) -> bytes:
    """Raises Rejected."""
    try:
        with path.open("rb") as file:
            return file.read(BYTES_LIMIT + 1)
    except OSError as error:
        raise Rejected(f"{path} cannot be read: {error.strerror}.") from None
