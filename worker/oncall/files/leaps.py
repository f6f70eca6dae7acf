"""Times that the clock of their zone shows never or twice: what is taken is said, and what has no length is too."""

from collections.abc import Iterator

from worker.oncall.files.document import Fault, Path
from worker.oncall.reading.build import clock_of_person, spelling_of
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.reading.given_schedule import GivenAbsence, GivenSchedule
from worker.oncall.schedule.moments import Moment, leaps
from worker.oncall.schedule.wall_clock import ZoneClock

_Written = tuple[Path, Moment | None, ZoneClock]


def leaps_of(given: GivenDefinitions) -> Iterator[Fault]:
    """No faults but notes, in the same form."""
    for path, moment, clock in _moments(given):
        if moment is not None and (said := leaps(moment, clock)):
            yield Fault(path, said)


def _moments(given: GivenDefinitions) -> Iterator[_Written]:
    for name, schedule in given.schedules.items():
        yield from _of_schedule(("schedules", name), schedule)
    people = {key: person.record(key) for key, person in given.people.items()}
    spelling = spelling_of(people.values())
    for number, absence in enumerate(given.absences):
        person = people.get(spelling(absence.person))
        yield from _of_absence(("absences", number), absence, clock_of_person(person))


def _of_schedule(path: Path, schedule: GivenSchedule) -> Iterator[_Written]:
    for place, layer in enumerate(schedule.layers):
        here, clock = (*path, "layers", place), layer.time_zone or schedule.time_zone
        yield (*here, "starts"), layer.starts, clock
        yield (*here, "ends"), layer.ends, clock
        for number, change in enumerate(layer.changes):
            yield (*here, "changes", number, "from"), change.begins, clock
    for place, override in enumerate(schedule.overrides):
        here = (*path, "overrides", place)
        yield (*here, "from"), override.start, schedule.time_zone
        yield (*here, "to"), override.end, schedule.time_zone
        for number, half in enumerate(override.swap or ()):
            yield (*here, "swap", number, "from"), half.start, schedule.time_zone
            yield (*here, "swap", number, "to"), half.end, schedule.time_zone
    for number, absence in enumerate(schedule.absences):
        yield from _of_absence((*path, "absences", number), absence, schedule.time_zone)


def _of_absence(path: Path, absence: GivenAbsence, clock: ZoneClock) -> Iterator[_Written]:
    yield (*path, "from"), absence.start, clock
    yield (*path, "to"), absence.end, clock
