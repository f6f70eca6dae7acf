"""What is asked about who is on call: of which services, at which instant, by whose clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain

from worker.domain.text import quoted
from worker.oncall.catalogue import service_named
from worker.oncall.definitions import Definitions
from worker.oncall.on_call import Roster
from worker.oncall.reading.build import spelling_of
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.moments import leaps, read_question
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import Minute, ZoneClock, clock_of
from worker.oncall.sources import found, schedules_of, sources_of

_NAMED = 5
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class AskedInstant:
    """`taken` says, as sentences, what was made of a time that leaves a choice."""

    minute: Minute
    taken: tuple[str, ...] = ()


def read_instant(text: str, clock: ZoneClock) -> AskedInstant:
    """Without an offset the time is that clock's. Raises ValueError."""
    moment = read_question(text)
    if moment.is_instant:
        return AskedInstant(moment.minute)
    told = f"{str(moment).replace('T', ' ')} is taken for the time of {clock.name}."
    return AskedInstant(moment.instant(clock), tuple(filter(None, (told, leaps(moment, clock)))))


def clock_of_service(definitions: Definitions, service: str) -> ZoneClock:
    """Of the first schedule that may answer for it; UTC where there is none."""
    sources = sources_of(definitions, Roster(rows=(), unreadable=()), service)
    return clock_of_schedules(schedule for source in sources for schedule in source.schedules)


def clock_of_schedules(schedules: Iterable[Schedule]) -> ZoneClock:
    """Of the first; UTC where there is none."""
    first = next(iter(schedules), None)
    return first.clock if first else clock_of("UTC")


def schedules_asked(definitions: Definitions, name: str | None) -> list[Schedule]:
    """That schedule, or those of the service with that name; all of them without one. Raises ValueError."""
    if name is None:
        return list(definitions.schedules.values())
    schedule = found(definitions.schedules, name)
    if schedule is not None:
        return [schedule]
    service = service_named(definitions, name).service
    listed = (
        found(definitions.schedules, each) for each in schedules_of(definitions, service.name if service else name)
    )
    if schedules := [each for each in listed if each is not None]:
        return schedules
    raise ValueError(f"there is no schedule {quoted(name)!r}{_instead(name, definitions.schedules)}")


def person_asked(definitions: Definitions, text: str) -> str:
    """By key or address, in any case of letters, in the one spelling of them. Raises ValueError of nobody known."""
    person = spelling_of(definitions.people.values())(text)
    everybody = [*definitions.people, *_people_named(definitions)]
    known = {each.casefold(): each for each in everybody}.get(person.casefold())
    if known is None and "@" not in person:
        raise ValueError(f"nobody is called {quoted(text)!r}{_instead(text, everybody)}")
    return known or person


def absence_after(definitions: Definitions, person: str, instant: Minute) -> Absence | None:
    """The one that runs then, else the next, be it of one schedule alone; None where there is none."""
    everywhere = (schedule.absences.all for schedule in definitions.schedules.values())
    absences = chain(definitions.absences, chain.from_iterable(everywhere))
    mine = (each for each in absences if each.person == person and each.end > instant)
    return min(mine, key=lambda each: each.start, default=None)


def _instead(name: str, known: Iterable[str]) -> str:
    names = list(dict.fromkeys(known))
    close = get_close_matches(name[:_LONGEST], names, n=1) or names[:_NAMED]
    return f"; do you mean {' or '.join(map(quoted, close))}?" if close else ""


def _people_named(definitions: Definitions) -> Iterator[str]:
    for schedule in definitions.schedules.values():
        for layer in schedule.layers:
            for people in (layer.people, *(change.people for change in layer.changes)):
                yield from chain.from_iterable(people)
        yield from (override.person for override in schedule.overrides)


def services_known(definitions: Definitions, roster: Roster) -> list[str]:
    """All that somebody may answer for: those with a record or rows, and each schedule that no service lists."""
    known: dict[str, str] = {}
    for name in _names(definitions, roster):
        known.setdefault(name.casefold(), name)
    return list(known.values())


def _names(definitions: Definitions, roster: Roster) -> Iterator[str]:
    yield from definitions.services
    yield from sorted({row.service or DEFAULT_SERVICE for row in roster.rows if row.oncall}, key=str.casefold)
    listed = {name.casefold() for service in definitions.services for name in schedules_of(definitions, service)}
    yield from (name for name in definitions.schedules if name.casefold() not in listed)
