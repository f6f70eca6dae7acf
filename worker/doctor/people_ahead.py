"""Whom the schedules call in the next days, the soonest first: those whom Boards and Teams must know by then."""

from collections.abc import Mapping

from worker.oncall.definitions import Definitions, PersonRecord
from worker.oncall.findings.survey import Survey
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.table import Person

_DAYS = 14
# Each is asked for in two systems, while a person waits.
_MOST = 50


def people_ahead(definitions: Definitions, start: Minute) -> tuple[Person, ...]:
    """Each once; without those who have no address, whom `roster lint` names."""
    first: dict[str, Minute] = {}
    for walk in Survey(definitions, start, _DAYS).walks.values():
        for person, spans in walk.on_call.items():
            first[person] = min(spans[0][0], first.get(person, spans[0][0]))
    people = (_person(definitions.people, each) for each in sorted(first, key=lambda each: first[each]))
    return tuple({person.email.casefold(): person for person in people if "@" in person.email}.values())[:_MOST]


def _person(people: Mapping[str, PersonRecord], key: str) -> Person:
    record = people.get(key)
    if record is None:
        return Person(name=key, email=key)
    identity = record.boards_identity or None
    return Person(name=record.name, email=record.email, object_id=record.object_id or None, boards_identity=identity)
