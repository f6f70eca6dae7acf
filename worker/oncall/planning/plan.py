"""What stored definitions become when those of a file are imported: people see it first, and the past stays."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from worker.oncall.definitions import Definitions, PersonRecord, ServiceRecord
from worker.oncall.planning.layers import redefine
from worker.oncall.planning.records import merged, sentence_of
from worker.oncall.planning.words import time_words
from worker.oncall.reading.build import Spelling, spelling_of, spelt_layer, spelt_override, spelt_policy
from worker.oncall.schedule.absences import Absence, Absences
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.overrides import Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import NEVER, Minute, ZoneClock, clock_of

ApplyAt = Literal["handover", "now"]


class Section(StrEnum):
    PEOPLE = "people"
    SCHEDULES = "schedules"
    SERVICES = "services"
    POLICIES = "policies"
    ABSENCES = "absences"


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A thing that is to be stored anew, by its section and name; an absence has its person's name."""

    section: Section
    name: str
    sentence: str


@dataclass(frozen=True)
class Plan:
    """`before` is what is stored, with people spelt as the file does; `notes` say what of the file is left out."""

    before: Definitions
    definitions: Definitions
    changes: tuple[PlannedChange, ...]
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(change.sentence for change in self.changes)

    def names(self, section: Section) -> tuple[str, ...]:
        """What of that section changes."""
        return tuple(dict.fromkeys(change.name for change in self.changes if change.section is section))


def plan(
    stored: Definitions,
    given: Definitions,
    now: Minute,
    *,
    apply_at: ApplyAt = "handover",
    with_exceptions: bool = False,
) -> Plan:
    """`with_exceptions`: overrides and absences of the file are added to those that people made; else left out.

    What the file does not name is left alone, and no override or absence is ever taken away.
    """
    people = _people(stored, given)
    spelling = spelling_of(people.values())
    planning = _Planning(_spelt(stored, spelling), _spelt(given, spelling), people, now, at_once=apply_at == "now")
    return planning.plan(with_exceptions=with_exceptions)


class _Planning:
    def __init__(
        self, before: Definitions, given: Definitions, people: Mapping[str, PersonRecord], now: Minute, *, at_once: bool
    ) -> None:
        self._before = before
        self._given = given
        self._people = people
        self._now = now
        self._at_once = at_once
        self._changes: list[PlannedChange] = []
        self._notes: list[str] = []

    def plan(self, *, with_exceptions: bool) -> Plan:
        self._compare(Section.PEOPLE, "person", self._before.people, self._people)
        schedules = dict(self._before.schedules)
        for name, schedule in self._given.schedules.items():
            schedules[name] = self._schedule(self._before.schedules.get(name), schedule)
        services = self._services()
        policies = {**self._before.policies, **self._given.policies}
        self._compare(Section.POLICIES, "policy", self._before.policies, policies)
        absences = self._before.absences
        own = {name: self._before.own_absences(name) for name in schedules}
        if with_exceptions:
            absences = self._added_to(absences, self._given.absences, "")
            for name in self._given.schedules:
                own[name] = self._added_to(own[name], self._given.own_absences(name), name)
            schedules |= self._with_overrides(schedules)
        else:
            self._note_exceptions()
        definitions = Definitions(
            people=self._people,
            services=services,
            schedules={
                name: replace(schedule, absences=Absences((*absences, *own[name])))
                for name, schedule in schedules.items()
            },
            policies=policies,
            absences=absences,
        )
        return Plan(self._before, definitions, tuple(self._changes), tuple(self._notes))

    def _schedule(self, stored: Schedule | None, given: Schedule) -> Schedule:
        if stored is None:
            layers = ", ".join(layer.name for layer in given.layers)
            self._say(Section.SCHEDULES, given.name, f"add     schedule {given.name}: {layers or 'no layers'}")
            return replace(given, overrides=(), absences=Absences())
        redefined = redefine(stored, given, self._now, at_once=self._at_once)
        sentences = [*self._of_the_schedule(stored, given), *redefined.sentences]
        for sentence in sentences:
            self._say(Section.SCHEDULES, stored.name, sentence)
        if not sentences and redefined.layers != stored.layers:
            self._say(Section.SCHEDULES, stored.name, f"rewrite schedule {stored.name}: in other words, the same")
        return replace(
            stored,
            clock=given.clock,
            layers=redefined.layers,
            overrides=tuple(_kept(override, stored.clock, given.clock) for override in stored.overrides),
            description=given.description or stored.description,
        )

    @staticmethod
    def _of_the_schedule(stored: Schedule, given: Schedule) -> Iterator[str]:
        if stored.clock.name != given.clock.name:
            yield f"change  schedule {stored.name}: time zone {stored.clock.name} -> {given.clock.name}"
        if given.description and given.description != stored.description:
            yield f"change  schedule {stored.name}: description"

    def _services(self) -> Mapping[str, ServiceRecord]:
        known = {name.casefold(): name for name in self._before.services}
        services = dict(self._before.services)
        for name, service in self._given.services.items():
            stored = known.get(name.casefold(), name)
            services[stored] = replace(merged(self._before.services.get(stored), service), name=stored)
        self._compare(Section.SERVICES, "service", self._before.services, services)
        return services

    def _compare(self, section: Section, kind: str, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        for name, record in after.items():
            if sentence := sentence_of(kind, name, before.get(name), record):
                self._say(section, name, sentence)

    def _added_to(self, stored: tuple[Absence, ...], given: Iterable[Absence], schedule: str) -> tuple[Absence, ...]:
        """`schedule`: of which alone they are, or none."""
        known = {(each.person, each.start, each.end) for each in stored}
        added = [each for each in given if (each.person, each.start, each.end) not in known]
        for absence in added:
            if schedule:
                self._say(Section.SCHEDULES, schedule, f"add     absence in {schedule} of {_absence_words(absence)}")
            else:
                self._say(Section.ABSENCES, absence.person, f"add     absence of {_absence_words(absence)}")
        return (*stored, *added)

    def _with_overrides(self, schedules: Mapping[str, Schedule]) -> dict[str, Schedule]:
        found: dict[str, Schedule] = {}
        for name, given in self._given.schedules.items():
            schedule = schedules[name]
            known = {_identity(override, schedule.clock) for override in schedule.overrides}
            added = [each for each in given.overrides if _identity(each, given.clock) not in known]
            found[name] = replace(schedule, overrides=(*schedule.overrides, *added))
            for override in added:
                when = time_words(override.start.instant(given.clock), given.clock, year=True)
                self._say(
                    Section.SCHEDULES, name, f"add     override of {name}: {override.kind} {override.person}, {when}"
                )
        return found

    def _note_exceptions(self) -> None:
        overrides = sum(len(schedule.overrides) for schedule in self._given.schedules.values())
        absences = len(self._given.absences) + sum(
            len(self._given.own_absences(name)) for name in self._given.schedules
        )
        for number, what in ((overrides, "overrides"), (absences, "absences")):
            if number:
                self._notes.append(f"{what} of the file, {number} of them, are left out: people make them.")

    def _say(self, section: Section, name: str, sentence: str) -> None:
        self._changes.append(PlannedChange(section, name, sentence))


def _people(stored: Definitions, given: Definitions) -> dict[str, PersonRecord]:
    """A person of the file is the stored one with that key, in whatever case."""
    known = {key.casefold(): key for key in stored.people}
    people = dict(stored.people)
    for key, person in given.people.items():
        name = known.get(key.casefold(), key)
        people[name] = merged(stored.people.get(name), person)
    return people


def _spelt(definitions: Definitions, spelling: Spelling) -> Definitions:
    """Whoever has a record now is named by its key everywhere."""
    absences = tuple(map(_spelt_absence(spelling), definitions.absences))
    return replace(
        definitions,
        schedules={name: _spelt_schedule(each, spelling) for name, each in definitions.schedules.items()},
        policies={name: spelt_policy(each, spelling) for name, each in definitions.policies.items()},
        absences=absences,
    )


def _spelt_schedule(schedule: Schedule, spelling: Spelling) -> Schedule:
    return replace(
        schedule,
        layers=tuple(spelt_layer(layer, spelling) for layer in schedule.layers),
        overrides=tuple(spelt_override(override, spelling) for override in schedule.overrides),
        absences=Absences(tuple(map(_spelt_absence(spelling), schedule.absences.all))),
    )


def _spelt_absence(spelling: Spelling) -> Callable[[Absence], Absence]:
    return lambda absence: replace(absence, person=spelling(absence.person))


def _kept(override: Override, before: ZoneClock, after: ZoneClock) -> Override:
    """At the instants that it has had, where the schedule gets another zone."""
    if before.name == after.name:
        return override
    start, end = (Moment(each.instant(before), is_instant=True) for each in (override.start, override.end))
    return replace(override, start=start, end=end)


def _identity(override: Override, clock: ZoneClock) -> tuple[object, ...]:
    """What it does, whoever wrote it how."""
    span = override.start.instant(clock), override.end.instant(clock)
    return override.kind, override.person, override.replaces, *span


def _absence_words(absence: Absence) -> str:
    clock = clock_of("UTC")
    until = f" until {time_words(absence.end, clock, year=True)}" if absence.end < NEVER else ", for good"
    return f"{absence.person} from {time_words(absence.start, clock, year=True)}{until} (UTC)"
