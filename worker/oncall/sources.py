"""What names the people of a service, in the order in which it counts: schedules and rows, its own and of `default`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from worker.oncall.catalogue import service_named
from worker.oncall.definitions import Definitions
from worker.oncall.on_call import Person, Roster, person_of
from worker.oncall.people import People
from worker.oncall.rows import DEFAULT_SERVICE, in_order
from worker.oncall.schedule.schedule import Schedule, Stretch
from worker.oncall.schedule.shifts import LOOK_AHEAD
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.why import OF_A_ROW

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Source:
    """The schedules of a service, or the people of its rows; `missing` are schedules that it lists and nobody wrote."""

    service: str
    schedules: tuple[Schedule, ...] = ()
    people: tuple[Person, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """Who answers from an instant on, each once; nobody is an answer too."""

    start: Minute
    people: tuple[Person, ...]

    @property
    def identities(self) -> tuple[str, ...]:
        return tuple(person.identity for person in self.people)


def sources_of(definitions: Definitions, roster: Roster, service: str) -> list[Source]:
    """The first that names somebody counts; a word by which alerts name a service means it."""
    known = service_named(definitions, service).service if service else None
    name = known.name if known else service
    services = [name, DEFAULT_SERVICE] if name and name.casefold() != DEFAULT_SERVICE else [DEFAULT_SERVICE]
    return [source for each in services for source in _sources(definitions, roster, each)]


def schedules_of(definitions: Definitions, service: str) -> tuple[str, ...]:
    """By name, as the service lists them; a service that lists none has the one that is named as it is, if any."""
    record = found(definitions.services, service)
    if record is not None and record.schedules:
        return record.schedules
    return tuple(name for name in definitions.schedules if name.casefold() == service.casefold())[:1]


def answered(sources: Sequence[Source], people: People, start: Minute) -> Iterator[Answered]:
    """Who answers from then on, as far as anybody asks; neighbours may be the same people."""
    end = start + LOOK_AHEAD
    cursors = [[_Cursor(schedule, end) for schedule in source.schedules] for source in sources]
    instant = start
    while instant < end:
        until = end
        named: tuple[Person, ...] = ()
        for source, its in zip(sources, cursors, strict=True):
            stretches = [cursor.at(instant) for cursor in its]
            until = min([until, *(stretch.until for stretch in stretches)])
            if named := _named(source, stretches, people):
                break
        yield Answered(instant, named)
        instant = until


def each_once(people: Iterable[Person]) -> tuple[Person, ...]:
    first: dict[str, Person] = {}
    for person in people:
        first.setdefault(person.identity, person)
    return tuple(first.values())


def found(things: Mapping[str, Thing], name: str) -> Thing | None:
    """As it is written, else without regard to case."""
    if name in things:
        return things[name]
    return next((thing for key, thing in things.items() if key.casefold() == name.casefold()), None)


def _sources(definitions: Definitions, roster: Roster, service: str) -> Iterator[Source]:
    known = {name: found(definitions.schedules, name) for name in schedules_of(definitions, service)}
    schedules = tuple(schedule for schedule in known.values() if schedule is not None)
    yield Source(service, schedules, missing=tuple(name for name, schedule in known.items() if schedule is None))
    rows = in_order(row for row in roster.rows if row.serves(service))
    yield Source(service, people=tuple(person_of(row).model_copy(update={"why": OF_A_ROW}) for row in rows))


def _named(source: Source, stretches: Iterable[Stretch], people: People) -> tuple[Person, ...]:
    found = (people.find(person) for stretch in stretches for person in stretch.people)
    return each_once([*source.people, *filter(None, found)])


class _Cursor:
    """Walks along a schedule, from the first instant that is asked for; none is earlier than the one before."""

    def __init__(self, schedule: Schedule, end: Minute) -> None:
        self._schedule = schedule
        self._end = end
        self._stretches: Iterator[Stretch] | None = None
        self._now: Stretch | None = None

    def at(self, instant: Minute) -> Stretch:
        if self._stretches is None:
            self._stretches = self._schedule.stretches(instant, self._end)
        while self._now is None or self._now.until <= instant:
            self._now = next(self._stretches)
        return self._now
