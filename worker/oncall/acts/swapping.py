"""Two people take each other's time: two overrides that belong together."""

from dataclasses import dataclass

from worker.domain.errors import Rejected
from worker.oncall.acts.act import Act, with_overrides
from worker.oncall.acts.covering import check_lasts, names_of, people_between
from worker.oncall.acts.words import UNDO, span_in_zone, swap_words
from worker.oncall.definitions import Definitions
from worker.oncall.planning.words import time_words
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.overrides import Kind, Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.shifts import whole_shifts
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.why import Naming

_NAME = "swap"


@dataclass(frozen=True, slots=True)
class Given:
    """The time that a person gives to the other."""

    person: str
    start: Minute
    end: Minute


def shift_at(schedule: Schedule, person: str, instant: Minute, name: Naming) -> Given:
    """The person's shift then. Raises Rejected."""
    for shift in whole_shifts(schedule, instant, instant + 1):
        if shift.person == person:
            return Given(person, shift.start, shift.end)
    raise Rejected(
        f"The swap was not made: {name(person)} is not on call for {schedule.name} at "
        f"{time_words(instant, schedule.clock)} ({schedule.clock.name}); it is "
        f"{names_of(schedule.at(instant).people, name)}."
    )


def swap(definitions: Definitions, schedule: Schedule, mine: Given, theirs: Given, *, reason: str, name: Naming) -> Act:
    """Raises Rejected."""
    if mine.person == theirs.person:
        raise Rejected(f"The swap was not made: {name(mine.person)} cannot swap with themselves.")
    for given in (mine, theirs):
        check_lasts(given.start, given.end, schedule)
        _check_has_it(schedule, given, name)
    if mine.start < theirs.end and theirs.start < mine.end:
        raise Rejected("The swap was not made: the two times overlap. Swap times that have no part in common.")
    halves = (_half(mine, theirs.person, reason), _half(theirs, mine.person, reason))
    act = Act(
        sentence=swap_words(halves, schedule, name),
        before=definitions,
        after=with_overrides(definitions, schedule.name, halves),
        start=min(mine.start, theirs.start),
        end=max(mine.end, theirs.end),
        undo=UNDO,
        overrides=halves,
        schedule=schedule.name,
    )
    return act.noted(*(note for given in (mine, theirs) for note in _partly(schedule, given, name)))


def _half(given: Given, other: str, reason: str) -> Override:
    start, end = (Moment(each, is_instant=True) for each in (given.start, given.end))
    return Override(Kind.REPLACE, other, start, end, given.person, swap=_NAME, reason=reason)


def _check_has_it(schedule: Schedule, given: Given, name: Naming) -> None:
    on_call = people_between(schedule, given.start, given.end)
    if given.person not in on_call:
        raise Rejected(
            f"The swap was not made: {name(given.person)} is not on call for {schedule.name}, "
            f"{span_in_zone(given.start, given.end, schedule.clock)}; it is {names_of(on_call, name)}."
        )


def _partly(schedule: Schedule, given: Given, name: Naming) -> list[str]:
    stretches = schedule.stretches(given.start, given.end)
    if all(given.person in stretch.people for stretch in stretches):
        return []
    span = span_in_zone(given.start, given.end, schedule.clock)
    return [f"{name(given.person)} is not on call all the time, {span}: the swap counts where they are."]
