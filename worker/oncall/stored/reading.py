"""All rows of the table of schedules, made into definitions: a broken row hides itself, and is found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from worker.oncall.definitions import Definitions, PersonRecord, Policy, ServiceRecord
from worker.oncall.reading.build import Spelling, absence_of, clock_of_person, spelling_of, spelt_policy
from worker.oncall.reading.fields import read_name
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.stored.columns import Findings
from worker.oncall.stored.keys import ABSENCES, IMPORT, Kind, Thing, thing_at
from worker.oncall.stored.row import BrokenRow, StoredRow
from worker.oncall.stored.schedules import read_schedule
from worker.oncall.stored.things import read_absence, read_person, read_policy, read_service

_PARTITIONS = "person:…, service:…, schedule:…, policy:… and absence"


@dataclass(frozen=True)
class StoredDefinitions:
    """What the table held when it was read: what it means, what of it cannot be read, and its rows."""

    definitions: Definitions
    broken: tuple[BrokenRow, ...]
    rows: tuple[StoredRow, ...]
    read_at: datetime

    @cached_property
    def by_keys(self) -> Mapping[tuple[str, str], StoredRow]:
        return {row.keys: row for row in self.rows}

    def of(self, partition: str) -> list[StoredRow]:
        return [row for row in self.rows if row.partition == partition]


def read_definitions(rows: Sequence[StoredRow], read_at: datetime) -> StoredDefinitions:
    found = Findings()
    things, away = _sorted(rows, found)
    people = _people(things, found)
    spelling = spelling_of(people.values())
    absences = tuple(_absences(away, people, spelling, found))
    definitions = Definitions(
        people=people,
        services=_services(things, found),
        schedules=_schedules(things, spelling, absences, found),
        policies=_policies(things, spelling, found),
        absences=absences,
    )
    return StoredDefinitions(definitions, tuple(found), tuple(rows), read_at)


def _sorted(rows: Iterable[StoredRow], found: Findings) -> tuple[dict[Thing, list[StoredRow]], list[StoredRow]]:
    """The rows of each thing, and those of absences."""
    things: dict[Thing, list[StoredRow]] = {}
    away: list[StoredRow] = []
    for row in rows:
        kind = row.partition.casefold()
        if kind == ABSENCES:
            away.append(row)
        elif kind != IMPORT and (thing := _thing(row, found)):
            things.setdefault(thing, []).append(row)
    return things, away


def _thing(row: StoredRow, found: Findings) -> Thing | None:
    thing = thing_at(row.partition)
    if thing is None:
        found.of(row, f"is in no partition that is known; they are {_PARTITIONS}")
        return None
    try:
        return Thing(thing.kind, read_name(thing.name))
    except ValueError as error:
        found.of(row, str(error))
        return None


def _rows_of(
    kind: Kind, things: Mapping[Thing, Sequence[StoredRow]], found: Findings
) -> Iterator[tuple[str, StoredRow]]:
    """The one row of each thing of a kind that has but one, by its name."""
    for thing, rows in things.items():
        for row in rows if thing.kind is kind else ():
            if row.key.casefold() == kind:
                yield thing.name, row
            else:
                found.of(row, f"is no row of a {kind}; the key is {kind}")


def _people(things: Mapping[Thing, Sequence[StoredRow]], found: Findings) -> dict[str, PersonRecord]:
    rows = _rows_of(Kind.PERSON, things, found)
    return {name: person for name, row in rows if (person := read_person(name, row, found))}


def _services(things: Mapping[Thing, Sequence[StoredRow]], found: Findings) -> dict[str, ServiceRecord]:
    rows = _rows_of(Kind.SERVICE, things, found)
    return {name: service for name, row in rows if (service := read_service(name, row, found))}


def _policies(things: Mapping[Thing, Sequence[StoredRow]], spelling: Spelling, found: Findings) -> dict[str, Policy]:
    rows = _rows_of(Kind.POLICY, things, found)
    return {name: spelt_policy(policy, spelling) for name, row in rows if (policy := read_policy(name, row, found))}


def _schedules(
    things: Mapping[Thing, Sequence[StoredRow]], spelling: Spelling, absences: tuple[Absence, ...], found: Findings
) -> dict[str, Schedule]:
    read = (
        (thing.name, read_schedule(thing.name, rows, spelling, absences, found))
        for thing, rows in things.items()
        if thing.kind is Kind.SCHEDULE
    )
    return {name: schedule for name, schedule in read if schedule}


def _absences(
    rows: Iterable[StoredRow], people: Mapping[str, PersonRecord], spelling: Spelling, found: Findings
) -> Iterator[Absence]:
    for row in rows:
        if given := read_absence(row, row.key, found):
            clock = clock_of_person(people.get(spelling(given.person)))
            yield absence_of(given, clock, spelling, key=row.key)
