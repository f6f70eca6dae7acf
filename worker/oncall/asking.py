"""What is asked about who is on call: of which services, at which instant, by whose clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from worker.oncall.definitions import Definitions
from worker.oncall.on_call import Roster
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.schedule.moments import leaps, read_question
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import Minute, ZoneClock, clock_of
from worker.oncall.sources import schedules_of, sources_of


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
