"""A file of schedules, or an old calendar, as definitions that can be planned."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from worker.domain.errors import Rejected
from worker.oncall.calendars.calendar_import import import_calendar, read_calendar_file
from worker.oncall.definitions import Definitions, PersonRecord
from worker.oncall.files.definition_file import read_definition_file
from worker.oncall.on_call import Roster
from worker.oncall.planning.plan import Plan, Section
from worker.oncall.reading.build import build
from worker.oncall.reading.fields import read_name
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.sources import found

CALENDAR = ".ics"


@dataclass(frozen=True)
class GivenFile:
    """`notes` are sentences on what was taken or left out; `is_calendar`: its overrides are what it consists of."""

    definitions: Definitions
    notes: tuple[str, ...]
    is_calendar: bool = False


def read_given(path: Path, stored: Definitions, roster: Roster, now: Minute, schedule: str | None) -> GivenFile:
    """`schedule` is how a calendar's is called, else as its file. Raises Rejected with all faults."""
    if path.suffix.lower() == CALENDAR:
        return _read_calendar(path, stored, roster, now, schedule or path.stem)
    file = read_definition_file(path, stored)
    return GivenFile(file.definitions, tuple(file.notes))


def wanted(plan: Plan) -> Definitions:
    """What has to be written: the things that change, so that no row of another one is touched."""
    after = plan.definitions
    return replace(
        after,
        people={name: after.people[name] for name in plan.names(Section.PEOPLE)},
        services={name: after.services[name] for name in plan.names(Section.SERVICES)},
        schedules={name: after.schedules[name] for name in plan.names(Section.SCHEDULES)},
        policies={name: after.policies[name] for name in plan.names(Section.POLICIES)},
    )


def _read_calendar(path: Path, stored: Definitions, roster: Roster, now: Minute, schedule: str) -> GivenFile:
    try:
        name = read_name(schedule)
    except ValueError as error:
        raise Rejected(f"{path} was not imported: the schedule needs another name (--schedule): {error}.") from None
    known = found(stored.schedules, name)
    people = list(_people(stored, roster))
    clock = known.clock if known else None
    calendar = import_calendar(read_calendar_file(path), known.name if known else name, people, now, clock)
    given = GivenDefinitions.model_validate(calendar.given)
    return GivenFile(build(given), calendar.report, is_calendar=True)


def _people(stored: Definitions, roster: Roster) -> Iterator[PersonRecord]:
    """Those of the simple table are called by their addresses."""
    yield from stored.people.values()
    addresses = {record.email.casefold() for record in stored.people.values()}
    for row in roster.rows:
        if row.email.casefold() not in addresses:
            addresses.add(row.email.casefold())
            yield PersonRecord(row.email, row.name, row.email)
