"""Who answers for a service: its schedules, its rows of the on-call table, then the same of `default`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from worker.domain.text import quoted
from worker.oncall.definitions import Definitions, PersonRecord
from worker.oncall.rows import DEFAULT_SERVICE, Row, in_order
from worker.oncall.schedule.shifts import until
from worker.oncall.schedule.wall_clock import Minute, instant_at
from worker.oncall.table import OnCall, Person, Roster, note_of, person_of
from worker.oncall.why import OF_A_ROW, shift, why

_NAMED = 5

Thing = TypeVar("Thing")


def who_answers(definitions: Definitions, roster: Roster, service: str, instant: Minute) -> OnCall:
    """The first of them that names somebody counts; nobody is an answer too, with a loud note."""
    asked = _Asked(definitions, roster, instant)
    own = asked.answer(service) if service else _NOBODY
    if own.people:
        return OnCall(people=own.people, service=service, note=_missing(own.missing))
    default = asked.answer(DEFAULT_SERVICE)
    note = note_of(service, (), default.people)
    missing = _missing(dict.fromkeys((*own.missing, *default.missing)))
    return OnCall(
        people=default.people,
        service=service,
        from_default=bool(default.people),
        note=" ".join(filter(None, (note, missing))),
    )


def schedules_of(definitions: Definitions, service: str) -> tuple[str, ...]:
    """By name, as the service lists them; a service that lists none has the one that is named as it is, if any."""
    record = _found(definitions.services, service)
    if record is not None and record.schedules:
        return record.schedules
    return tuple(name for name in definitions.schedules if name.casefold() == service.casefold())[:1]


def people_finder(definitions: Definitions, roster: Roster) -> Callable[[str], Person | None]:
    """From a person as definitions name them to all that is known of them; None where there is no address."""
    return _Asked(definitions, roster, 0).person


@dataclass(frozen=True, slots=True)
class _Named:
    """Who answers, and sentences about whom nobody could find."""

    people: tuple[Person, ...] = ()
    missing: tuple[str, ...] = ()


_NOBODY = _Named()


@dataclass(frozen=True)
class _Asked:
    """All that is known, at an instant."""

    definitions: Definitions
    roster: Roster
    instant: Minute

    def answer(self, service: str) -> _Named:
        named = [self._by_schedule(name) for name in schedules_of(self.definitions, service)]
        missing = tuple(sentence for each in named for sentence in each.missing)
        people = _each_once(person for each in named for person in each.people)
        return _Named(people or self._by_rows(service), missing)

    def _by_rows(self, service: str) -> tuple[Person, ...]:
        rows = in_order(row for row in self.roster.rows if row.serves(service))
        return tuple(person_of(row).model_copy(update={"why": OF_A_ROW}) for row in rows)

    def _by_schedule(self, name: str) -> _Named:
        schedule = _found(self.definitions.schedules, name)
        if schedule is None:
            return _Named(missing=(f"there is no schedule {quoted(name)!r}",))
        stretch = schedule.at(self.instant)
        people: list[Person] = []
        missing: list[str] = []
        for place in stretch.places:
            person = self.person(place.person)
            if person is None:
                missing.append(f"{quoted(place.person)!r}, whom the schedule {quoted(name)!r} names, has no row")
                continue
            end = until(schedule, place.person, self.instant)
            shown = {
                "why": why(schedule, stretch, place, self._name),
                "until": None if end is None else instant_at(end),
                "schedule": schedule.name,
                "shift": shift(schedule, stretch, place, end, self._name),
            }
            people.append(person.model_copy(update=shown))
        return _Named(tuple(people), tuple(missing))

    def _name(self, person: str) -> str:
        found = self.person(person)
        return found.name if found else person

    def person(self, key: str) -> Person | None:
        """By their record, or by an address, with what a row of the on-call table knows beside it."""
        record = self.definitions.people.get(key)
        address = record.email if record else key if "@" in key else ""
        if not address:
            return None
        row = self._rows.get(address.casefold())
        known = person_of(row) if row else Person(name=address, email=address)
        return _with_record(known, record) if record else known.model_copy(update={"role": "", "order": 0})

    @cached_property
    def _rows(self) -> Mapping[str, Row]:
        """Of each address the row that says most of how to reach the person."""
        rows = sorted(self.roster.rows, key=lambda row: bool(row.phone) + bool(row.object_id))
        return {row.email.casefold(): row for row in rows}


def _with_record(known: Person, record: PersonRecord) -> Person:
    return Person(
        name=record.name,
        email=record.email,
        object_id=record.object_id or known.object_id,
        boards_identity=record.boards_identity or known.boards_identity,
        phone=record.phone or known.phone,
        paging=record.paging or known.paging,
    )


def _each_once(people: Iterable[Person]) -> tuple[Person, ...]:
    first: dict[str, Person] = {}
    for person in people:
        first.setdefault(person.email.casefold(), person)
    return tuple(first.values())


def _found(things: Mapping[str, Thing], name: str) -> Thing | None:
    """As it is written, else without regard to case."""
    if name in things:
        return things[name]
    return next((thing for key, thing in things.items() if key.casefold() == name.casefold()), None)


def _missing(sentences: Iterable[str]) -> str:
    told = list(sentences)
    if not told:
        return ""
    more = f", and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return f"Not called: {'; '.join(told[:_NAMED])}{more}. `tocsin roster lint` says how to mend it."
