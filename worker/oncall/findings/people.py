"""People whom nobody can tell anything: without an address, or named nowhere but in a list."""

from collections.abc import Iterator
from itertools import chain

from worker.oncall.definitions import PersonRecord
from worker.oncall.findings.finding import Finding, fault, note
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import PLAN, places_told
from worker.oncall.schedule.layer import Layer
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.wording import layer_told, listed

UNKNOWN = "unknown-person"
NO_ADDRESS = "person-without-address"
ABSENCE = "absence-of-nobody"
SHARED_ADDRESS = "address-of-several"


def find_unreachable_people(survey: Survey) -> Iterator[Finding]:
    named = _named(survey)
    for person, places in named.items():
        record = survey.definitions.people.get(person)
        if record is None and "@" not in person:
            yield _unknown(person, list(places))
        if record is not None and not record.email:
            yield _without_address(record, list(places))
    yield from _shared_addresses(survey)
    for person in _absent(survey):
        if person not in named and person not in survey.definitions.people:
            yield _absence(person)


def _shared_addresses(survey: Survey) -> Iterator[Finding]:
    """Whoever is named by the address alone is the first of them."""
    keys: dict[str, list[str]] = {}
    for person in survey.definitions.people.values():
        if person.email:
            keys.setdefault(person.email.casefold(), []).append(person.key)
    for address, same in keys.items():
        if len(same) > 1:
            yield note(
                SHARED_ADDRESS,
                f"person:{same[0]}",
                f"{listed(same)} have one address: {address}.",
                why="If that is one person, they count as several: on call twice, and away only once.",
                remedy=f"Keep one of them, and name it everywhere: {PLAN}",
            )


def _named(survey: Survey) -> dict[str, dict[str, None]]:
    """Each person who is on call or told, from now on, and where they stand."""
    found: dict[str, dict[str, None]] = {}
    for name, schedule in survey.definitions.schedules.items():
        for person, place in _people_of(schedule, survey.start):
            found.setdefault(person, {})[f"{name}, {place}"] = None
    for name, policy in survey.definitions.policies.items():
        targets = [target for level in policy.levels for target in level.notify]
        for target in (*targets, *policy.last_resort):
            if target.kind == "person":
                found.setdefault(target.name, {})[f"policy {name}"] = None
    return found


def _absent(survey: Survey) -> dict[str, None]:
    """Whoever is away at some time from now on."""
    of_schedules = (schedule.absences.all for schedule in survey.definitions.schedules.values())
    absences = chain(survey.definitions.absences, *of_schedules)
    return dict.fromkeys(absence.person for absence in absences if absence.end > survey.start)


def _people_of(schedule: Schedule, start: Minute) -> Iterator[tuple[str, str]]:
    for layer in schedule.layers:
        for person in _people_of_layer(layer, start):
            yield person, layer_told(layer.name)
    for override in schedule.overrides:
        if override.end.instant(schedule.clock) > start:
            yield override.person, "an override"
            if override.replaces:
                yield override.replaces, "an override"


def _people_of_layer(layer: Layer, start: Minute) -> Iterator[str]:
    """Those of the list in force, and of the ones to come."""
    if layer.last_instant <= start:
        return
    later = [change.people for change in layer.changes if change.begins.instant(layer.clock) > start]
    for entries in (layer.people_at(start), *later):
        for entry in entries:
            yield from entry


def _unknown(person: str, places: list[str]) -> Finding:
    return fault(
        UNKNOWN,
        f"person:{person}",
        f"{person} {places_told(places)} stands nowhere in people, and is no address.",
        why="Nothing can be assigned to them, and nothing tells them.",
        remedy=f"Add them to people, with name and email, or correct the name: {PLAN}",
    )


def _without_address(record: PersonRecord, places: list[str]) -> Finding:
    """Teams is asked for the address, and Boards too, unless the record names them there."""
    missing = [
        what
        for what, known in (("a mention in Teams", record.object_id), ("a work item", record.boards_identity))
        if not known
    ]
    return fault(
        NO_ADDRESS,
        f"person:{record.key}",
        f"{record.name} {places_told(places)} has no email.",
        why=f"Without it, and without object_id or boards_identity, they get neither {listed(missing)}."
        if missing
        else "Messages of one's own go to the address.",
        remedy=f"Fill in their email: {PLAN}",
    )


def _absence(person: str) -> Finding:
    return note(
        ABSENCE,
        f"person:{person}",
        f"{person} is away, and stands in no schedule and no policy.",
        why="If the name is a slip, whoever is meant is called while they are away.",
        remedy="Take it out with `tocsin roster remove`, and tell the right one with `tocsin roster away`.",
    )
