"""Overrides by one person: cover, replace, add; one that changes nothing is refused, with why."""

from dataclasses import dataclass

from worker.domain.errors import Rejected
from worker.oncall.acts.act import Act, with_overrides
from worker.oncall.acts.words import UNDO, override_words, span_in_zone
from worker.oncall.definitions import Definitions
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.overrides import Kind, Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.shifts import next_people
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.why import Naming

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Cover:
    """`replaces` is whom alone the person stands in for; with `beside` the others stay on call."""

    person: str
    start: Minute
    end: Minute
    replaces: str = ""
    beside: bool = False
    reason: str = ""

    def override(self) -> Override:
        kind = Kind.REPLACE if self.replaces else Kind.ADD if self.beside else Kind.COVER
        start, end = (Moment(each, is_instant=True) for each in (self.start, self.end))
        return Override(kind, self.person, start, end, self.replaces, reason=self.reason)


def cover(definitions: Definitions, schedule: Schedule, asked: Cover, now: Minute, name: Naming) -> Act:
    """Raises Rejected."""
    check_lasts(asked.start, asked.end, schedule)
    override = asked.override()
    act = Act(
        sentence=override_words(override, schedule, name),
        before=definitions,
        after=with_overrides(definitions, schedule.name, [override]),
        start=asked.start,
        end=asked.end,
        undo=UNDO,
        overrides=(override,),
        schedule=schedule.name,
    )
    if not act.moves:
        raise Rejected(f"The override has no effect, and nothing was changed: {_why(schedule, asked, name)}")
    return act.noted(*_notes(schedule, asked, now, name))


def end_of_turn(schedule: Schedule, now: Minute) -> Minute:
    """When others would be on call than now. Raises Rejected."""
    following = next_people(schedule, now)
    if following is None:
        raise Rejected(
            f"Nothing was changed: who is on call for {schedule.name} does not change for more than a year. Say for "
            f"how long you take it, as in `tocsin roster take {schedule.name} 2h`."
        )
    return following[0]


def check_lasts(start: Minute, end: Minute, schedule: Schedule) -> None:
    """Raises Rejected."""
    if end <= start:
        raise Rejected(
            f"Nothing was changed: {span_in_zone(start, end, schedule.clock)} ends no later than it begins. Give it a "
            "later end."
        )


def people_between(schedule: Schedule, start: Minute, end: Minute) -> tuple[str, ...]:
    """Who is on call at some time then."""
    stretches = schedule.stretches(start, end)
    return tuple(dict.fromkeys(person for stretch in stretches for person in stretch.people))


def names_of(people: tuple[str, ...], name: Naming) -> str:
    more = f" and {len(people) - _NAMED} more" if len(people) > _NAMED else ""
    return f"{', '.join(map(name, people[:_NAMED]))}{more}" if people else "nobody"


def _why(schedule: Schedule, asked: Cover, name: Naming) -> str:
    span, person = span_in_zone(asked.start, asked.end, schedule.clock), name(asked.person)
    on_call = people_between(schedule, asked.start, asked.end)
    if asked.replaces == asked.person:
        return f"{person} cannot stand in for themselves."
    if asked.replaces:
        whom = names_of(on_call, name)
        return f"{name(asked.replaces)} is not on call for {schedule.name}, {span}; it is {whom}."
    alone = "" if asked.beside else " alone"
    return f"{person}{alone} is on call for {schedule.name} already, {span}."


def _notes(schedule: Schedule, asked: Cover, now: Minute, name: Naming) -> list[str]:
    notes = []
    if asked.end <= now:
        notes.append("This time is over: it changes what is said of it, and nobody is called by it.")
    away = [each for each in schedule.absences.all if each.person == asked.person]
    if any(each.start < asked.end and asked.start < each.end for each in away):
        notes.append(f"{name(asked.person)} is away then, and is called all the same: who takes a shift has it.")
    return notes
