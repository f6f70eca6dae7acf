"""Acts in people's words, and the commands that do them again."""

from collections.abc import Sequence

from worker.oncall.planning.words import span_words, time_words
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.overrides import Kind, Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import NEVER, Minute, ZoneClock
from worker.oncall.why import Naming

TOCSIN = ("tocsin", "roster")
UNDO = (*TOCSIN, "remove", "{id}")


def span_in_zone(start: Minute, end: Minute, clock: ZoneClock) -> str:
    """`Wed 3 Jun 18:00 - Thu 4 Jun 08:00 (Europe/Berlin)`."""
    return f"{span_words(start, end, clock)} ({clock.name})"


def override_words(override: Override, schedule: Schedule, name: Naming) -> str:
    clock, person = schedule.clock, name(override.person)
    match override.kind:
        case Kind.COVER:
            does = f"{person} covers {schedule.name}"
        case Kind.REPLACE:
            does = f"{person} stands in for {name(override.replaces)} in {schedule.name}"
        case Kind.ADD:
            does = f"{person} is on call beside the others in {schedule.name}"
    return f"{does}, {span_in_zone(override.start.instant(clock), override.end.instant(clock), clock)}"


def absence_words(absence: Absence, clock: ZoneClock, name: Naming) -> str:
    if absence.end < NEVER:
        return f"{name(absence.person)} is away, {span_in_zone(absence.start, absence.end, clock)}"
    return f"{name(absence.person)} is away from {time_words(absence.start, clock, year=True)} ({clock.name}), for good"


def swap_words(halves: Sequence[Override], schedule: Schedule, name: Naming) -> str:
    return "; ".join(override_words(each, schedule, name) for each in halves)


def override_command(override: Override, schedule: Schedule) -> tuple[str, ...]:
    limits = ("--from", _instant(override.start, schedule), "--to", _instant(override.end, schedule))
    kind = {Kind.COVER: (), Kind.REPLACE: ("--replaces", override.replaces), Kind.ADD: ("--add",)}[override.kind]
    reason = ("--reason", override.reason) if override.reason else ()
    return (*TOCSIN, "override", schedule.name, "--person", override.person, *limits, *kind, *reason)


def swap_command(halves: Sequence[Override], schedule: Schedule) -> tuple[str, ...]:
    """In each half the person who is replaced is whose time it is."""
    spans = ((each.replaces, f"{_instant(each.start, schedule)}/{_instant(each.end, schedule)}") for each in halves)
    reason = ("--reason", halves[0].reason) if halves[0].reason else ()
    return (*TOCSIN, "swap", schedule.name, *(word for span in spans for word in span), *reason)


def absence_command(absence: Absence) -> tuple[str, ...]:
    end = ("--to", str(Moment(absence.end, is_instant=True))) if absence.end < NEVER else ()
    reason = ("--reason", absence.reason) if absence.reason else ()
    start = str(Moment(absence.start, is_instant=True))
    return (*TOCSIN, "away", absence.person, "--from", start, *end, *reason)


def _instant(moment: Moment, schedule: Schedule) -> str:
    return str(Moment(moment.instant(schedule.clock), is_instant=True))
