"""What the kinds of findings look at: the definitions, and each schedule's days ahead, walked once for all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from worker.oncall.definitions import Definitions, ServiceRecord
from worker.oncall.findings.spans import Span, common, joined
from worker.oncall.findings.wording import Times
from worker.oncall.on_call import Roster
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.schedule.absences import NOBODY_AWAY
from worker.oncall.schedule.schedule import Schedule, Stretch
from worker.oncall.schedule.wall_clock import DAY, Minute
from worker.oncall.sources import schedules_of
from worker.oncall.stored.row import BrokenRow


@dataclass(frozen=True)
class Walk:
    """One schedule from `start` to `end`."""

    schedule: Schedule
    start: Minute
    end: Minute

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        return tuple(self.schedule.stretches(self.start, self.end))

    @cached_property
    def by_layers(self) -> tuple[Stretch, ...]:
        """As if there were no overrides."""
        return self._without(overrides=()) if self.schedule.overrides else self.stretches

    @cached_property
    def all_there(self) -> tuple[Stretch, ...]:
        """As if nobody were ever away."""
        return self._without(absences=NOBODY_AWAY) if self.schedule.absences.all else self.stretches

    @cached_property
    def gaps(self) -> list[Span]:
        return joined((each.start, each.until) for each in self.stretches if not each.places)

    @cached_property
    def on_call(self) -> Mapping[str, list[Span]]:
        """By person."""
        return _by_person(self.stretches)

    @cached_property
    def in_turn(self) -> Mapping[str, list[Span]]:
        """By person; without those who are on call because they come next."""
        first = (
            replace(each, places=tuple(place for place in each.places if not place.behind)) for each in self.stretches
        )
        return _by_person(first)

    @property
    def times(self) -> Times:
        return Times(self.schedule.clock, self.start)

    def _without(self, **fields: object) -> tuple[Stretch, ...]:
        return tuple(replace(self.schedule, **fields).stretches(self.start, self.end))  # type: ignore[arg-type]


def _by_person(stretches: Iterable[Stretch]) -> Mapping[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for stretch in stretches:
        for person in stretch.people:
            found.setdefault(person, []).append((stretch.start, stretch.until))
    return {person: joined(spans) for person, spans in found.items()}


@dataclass(frozen=True)
class Survey:
    """From `start`, for `days`. `roster` is the simple table, which answers where schedules do not.

    `unreadable`: rows of definitions that could not be read. `has_last_resort`: whether the settings name whom a
    policy without a last resort of its own ends with.
    """

    definitions: Definitions
    start: Minute
    days: int = 30
    roster: Roster = field(default_factory=lambda: Roster(rows=(), unreadable=()))
    unreadable: Sequence[BrokenRow] = ()
    has_last_resort: bool = False

    @property
    def holds_something(self) -> bool:
        return bool(self.unreadable) or self.definitions != Definitions()

    @cached_property
    def scheduled(self) -> frozenset[str]:
        """The services that schedules answer for, in small letters."""
        names = (*self.definitions.services, *self.definitions.schedules)
        return frozenset(name.casefold() for name in names if self.schedules_of(name))

    @property
    def end(self) -> Minute:
        return self.start + self.days * DAY

    @cached_property
    def walks(self) -> Mapping[str, Walk]:
        return {name: Walk(each, self.start, self.end) for name, each in self.definitions.schedules.items()}

    def by_person(self, of: Callable[[Walk], Mapping[str, list[Span]]]) -> Mapping[str, Mapping[str, list[Span]]]:
        """What each walk has by person, by person and schedule."""
        found: dict[str, dict[str, list[Span]]] = {}
        for name, walk in self.walks.items():
            for person, spans in of(walk).items():
                found.setdefault(person, {})[name] = spans
        return found

    def service(self, name: str) -> ServiceRecord | None:
        """Whatever the case of its letters."""
        return self._services_by_word.get(name.casefold())

    def schedules_of(self, service: str) -> tuple[str, ...]:
        """Those that answer for it and are known, as they are spelt."""
        found = (self._schedules_by_word.get(name.casefold()) for name in schedules_of(self.definitions, service))
        return tuple(name for name in found if name is not None)

    def knows_schedule(self, name: str) -> bool:
        return name.casefold() in self._schedules_by_word

    def unanswered(self, service: str) -> list[Span]:
        """When nobody is called for the service: neither by schedules nor by rows, its own or the default ones."""
        if self.roster.on_call(service).people:
            return []
        found = [(self.start, self.end)]
        for name in dict.fromkeys((*self.schedules_of(service), *self.schedules_of(DEFAULT_SERVICE))):
            found = common(found, self.walks[name].gaps)
        return found

    def name(self, person: str) -> str:
        """As people call them."""
        record = self.definitions.people.get(person)
        return record.name if record else person

    @cached_property
    def _services_by_word(self) -> Mapping[str, ServiceRecord]:
        return {name.casefold(): service for name, service in self.definitions.services.items()}

    @cached_property
    def _schedules_by_word(self) -> Mapping[str, str]:
        return {name.casefold(): name for name in self.definitions.schedules}
