"""From what is given to definitions: one spelling of each person, absences in every schedule, layers with a clock."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from worker.oncall.definitions import Definitions, Level, NotifyTarget, PersonRecord, Policy
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.reading.given_schedule import GivenAbsence, GivenSchedule
from worker.oncall.schedule.absences import Absence, Absences
from worker.oncall.schedule.layer import Entry, Layer
from worker.oncall.schedule.overrides import Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import ZoneClock, clock_of

Spelling = Callable[[str], str]
"""From a person as written to the one spelling of them."""


def build(given: GivenDefinitions) -> Definitions:
    people = {key: person.record(key) for key, person in given.people.items()}
    spelling = spelling_of(people.values())
    absences = tuple(
        absence_of(each, clock_of_person(people.get(spelling(each.person))), spelling) for each in given.absences
    )
    return Definitions(
        people=people,
        services={name: service.record(name) for name, service in given.services.items()},
        schedules={name: schedule(name, each, spelling, absences) for name, each in given.schedules.items()},
        policies={name: spelt_policy(policy.policy(name), spelling) for name, policy in given.policies.items()},
        absences=absences,
    )


def spelling_of(people: Iterable[PersonRecord]) -> Spelling:
    """Keys and addresses are compared without regard to case; whoever has no record is as written."""
    known: dict[str, str] = {}
    for person in people:
        known.setdefault(person.email.casefold(), person.key)
    for person in people:
        known[person.key.casefold()] = person.key

    def spell(person: str) -> str:
        word = person.casefold()
        return known.get(word) or known.setdefault(word, person)

    return spell


def schedule(name: str, given: GivenSchedule, spelling: Spelling, absences: tuple[Absence, ...] = ()) -> Schedule:
    """`absences` are those of all schedules."""
    clock = given.time_zone
    own = tuple(absence_of(each, clock, spelling) for each in given.absences)
    layers = tuple(spelt_layer(layer.layer(place, clock), spelling) for place, layer in enumerate(given.layers))
    overrides = tuple(
        spelt_override(half, spelling)
        for number, each in enumerate(given.overrides)
        for half in each.overrides(f"swap-{number}")
    )
    return Schedule(name, clock, layers, overrides, Absences((*absences, *own)), given.description)


def spelt_layer(layer: Layer, spelling: Spelling) -> Layer:
    changes = tuple(
        replace(change, people=_entries(change.people, spelling), first=_entry(change.first, spelling))
        for change in layer.changes
    )
    return replace(layer, people=_entries(layer.people, spelling), changes=changes)


def spelt_override(override: Override, spelling: Spelling) -> Override:
    replaced = spelling(override.replaces) if override.replaces else ""
    return replace(override, person=spelling(override.person), replaces=replaced)


def absence_of(given: GivenAbsence, clock: ZoneClock, spelling: Spelling, key: str = "") -> Absence:
    absence = given.absence(clock)
    return replace(absence, person=spelling(absence.person), key=key)


def clock_of_person(person: PersonRecord | None) -> ZoneClock:
    """Where a time has no offset, the person's own clock is meant, else UTC."""
    return clock_of(person.time_zone if person and person.time_zone else "UTC")


def _entries(people: tuple[Entry, ...], spelling: Spelling) -> tuple[Entry, ...]:
    return tuple(tuple(map(spelling, entry)) for entry in people)


def _entry(entry: Entry | None, spelling: Spelling) -> Entry | None:
    return None if entry is None else tuple(map(spelling, entry))


def spelt_policy(policy: Policy, spelling: Spelling) -> Policy:
    def target(each: NotifyTarget) -> NotifyTarget:
        return replace(each, name=spelling(each.name)) if each.kind == "person" else each

    levels = tuple(Level(tuple(map(target, level.notify)), level.wait) for level in policy.levels)
    return replace(policy, levels=levels, last_resort=tuple(map(target, policy.last_resort)))
