"""Somebody is away: their turns stay theirs, and what is left of them may be a gap."""

from collections.abc import Iterator

from worker.domain.errors import Rejected
from worker.oncall.acts.act import Act, with_absence
from worker.oncall.acts.words import UNDO, absence_words, span_in_zone
from worker.oncall.definitions import Definitions
from worker.oncall.gaps import Gap, gaps_of
from worker.oncall.reading.build import clock_of_person
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.wall_clock import NEVER, WEEK, Minute, ZoneClock
from worker.oncall.why import Naming

AHEAD = 8 * WEEK


def clock_of_absence(definitions: Definitions, person: str) -> ZoneClock:
    """By the person's own clock; of whom that is not known, by that of the first schedule that names them."""
    record = definitions.people.get(person)
    if record is not None and record.time_zone:
        return clock_of_person(record)
    naming = (
        schedule.clock
        for schedule in definitions.schedules.values()
        for layer in schedule.layers
        for people in (layer.people, *(change.people for change in layer.changes))
        if any(person in entry for entry in people)
    )
    return next(naming, None) or clock_of_person(record)


def leave(definitions: Definitions, absence: Absence, now: Minute, name: Naming) -> Act:
    """Raises Rejected."""
    clock = clock_of_absence(definitions, absence.person)
    if absence.end <= absence.start:
        span = span_in_zone(absence.start, absence.end, clock)
        raise Rejected(f"Nothing was changed: {span} ends no later than it begins. Give it a later end.")
    for known in definitions.absences:
        if known.person == absence.person and known.start <= absence.start and absence.end <= known.end:
            raise Rejected(
                f"The absence has no effect, and nothing was changed: {absence_words(known, clock, name)} already."
            )
    act = Act(
        sentence=absence_words(absence, clock, name),
        before=definitions,
        after=with_absence(definitions, absence),
        start=absence.start,
        end=absence.end if absence.end < NEVER else max(absence.start, now) + AHEAD,
        undo=UNDO,
        absence=absence,
    )
    return act if act.moves else act.noted("No shift falls out by it in that time, as the schedules stand.")


def opened_gaps(act: Act, name: Naming) -> Iterator[Gap]:
    """Times at which nobody is on call after it, and somebody was before."""
    for move in act.moves:
        schedule = act.after.schedules.get(move.schedule)
        if schedule is not None and move.before and not move.after:
            yield from gaps_of(schedule, move.start, move.end, name)
