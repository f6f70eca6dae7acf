"""Whom the schedules call in the next days, the soonest first: those whom Boards and Teams must know by then."""

from dataclasses import replace

from worker.oncall.definitions import PersonRecord
from worker.oncall.findings.survey import Survey
from worker.oncall.on_call import Person
from worker.oncall.schedule.wall_clock import Minute

_DAYS = 14
# Each is asked for in two systems, while a person waits.
_MOST = 50


def people_ahead(survey: Survey) -> tuple[Person, ...]:
    """Each once, with what a row of the simple table knows beside; without those who have no address."""
    first: dict[str, Minute] = {}
    for walk in replace(survey, days=_DAYS).walks.values():
        for person, spans in walk.on_call.items():
            first[person] = min(spans[0][0], first.get(person, spans[0][0]))
    people = (_person(survey, each) for each in sorted(first, key=lambda each: first[each]))
    return tuple({person.email.casefold(): person for person in people if "@" in person.email}.values())[:_MOST]


def _person(survey: Survey, key: str) -> Person:
    record = survey.definitions.people.get(key) or PersonRecord(key, key, key)
    rows = [row for row in survey.roster.rows if row.email.casefold() == record.email.casefold()]
    return Person(
        name=record.name,
        email=record.email,
        object_id=record.object_id or next((row.object_id for row in rows if row.object_id), None),
        boards_identity=record.boards_identity
        or next((row.boards_identity for row in rows if row.boards_identity), None),
    )
