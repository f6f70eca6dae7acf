"""One rotation of a schedule: whom it names at an instant, from when its turn is, and until when that holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from worker.oncall.schedule.absences import NOBODY_AWAY, Absences
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.turns import Every, Turns
from worker.oncall.schedule.wall_clock import NEVER, Minute, ZoneClock
from worker.oncall.schedule.windows import Windows

Entry = tuple[str, ...]
"""Who has a turn: one person, several together, or nobody."""


class Silence(StrEnum):
    """Why a layer names nobody."""

    NOT_BEGUN = "has not begun"
    ENDED = "has ended"
    NO_WINDOW = "has no window open"
    EMPTY_TURN = "has an empty turn"
    AWAY = "names people who are away"


@dataclass(frozen=True, slots=True)
class Change:
    """Another list of people from a moment on; `first` has the turn then."""

    begins: Moment
    people: tuple[Entry, ...]
    first: Entry | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A person of a layer; `behind` is how many turns stand before theirs, `began` when the turn in force did."""

    person: str
    behind: int
    began: Minute | None


@dataclass(frozen=True, slots=True)
class Naming:
    """Whom a layer names from the instant asked for until `until`; `silence` where it is nobody."""

    people: tuple[Named, ...]
    until: Minute
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class _Era:
    """A list of people in force from an instant on: the entry at `position` has turn `number`."""

    instant: Minute
    people: tuple[Entry, ...]
    number: int
    position: int


@dataclass(frozen=True)
class Layer:
    """`clock` is the layer's zone, its own (`has_own_zone`) or the schedule's."""

    name: str
    clock: ZoneClock
    people: tuple[Entry, ...]
    starts: Moment | None = None
    ends: Moment | None = None
    every: Every | None = None
    depth: int = 1
    priority: int = 0
    windows: Windows | None = None
    changes: tuple[Change, ...] = ()
    has_own_zone: bool = False

    def naming(self, instant: Minute, absences: Absences = NOBODY_AWAY) -> Naming:
        if instant < self.first_instant:
            return Naming((), self.first_instant, Silence.NOT_BEGUN)
        if instant >= self.last_instant:
            return Naming((), NEVER, Silence.ENDED)
        wall = self.clock.reading(instant)
        until = self.last_instant
        if self.windows is not None:
            is_open, edge = self.windows.at(wall)
            until = min(until, self.clock.reached(edge))
            if not is_open:
                return Naming((), until, Silence.NO_WINDOW)
        return self._in_turn(instant, wall, until, absences)

    def handover_after(self, instant: Minute) -> Minute:
        """When the next turn begins; NEVER where turns do not change."""
        if self._turns is None:
            return NEVER
        if instant < self.first_instant:
            return self.clock.reached(self._turns.begins(0))
        return self.clock.reached(self._turns.begins(self._turns.number(self.clock.reading(instant)) + 1))

    def entry(self, instant: Minute) -> Entry:
        """Who has the turn then, whether a window is open or not."""
        era = self._era(instant)
        return era.people[self._place(era, self.turn(instant))] if era.people else ()

    def turn(self, instant: Minute) -> int:
        """The number of the turn that has begun last; 0 before the first, and where turns do not change."""
        return max(0, self._turns.number(self.clock.reading(instant))) if self._turns else 0

    def turn_begins(self, number: int) -> Minute:
        """The instant at which the turn with that number does; the layer's first, where turns do not change."""
        return self.clock.reached(self._turns.begins(number)) if self._turns else self.first_instant

    def holding(self, instant: Minute) -> tuple[Minute, frozenset[str]]:
        """Who has the turn then and who stands behind it, and since when in this turn and list; whoever is away, or
        outside of their windows, has it too. Nobody before the first turn and after the end.
        """
        if not self.first_instant <= instant < self.last_instant:
            return instant, frozenset()
        era = self._era(instant)
        since = max(era.instant, self.first_instant)
        if self._turns is None:
            return since, frozenset(person for entry in era.people for person in entry)
        number = self._turns.number(self.clock.reading(instant))
        if number < 0 or not era.people:
            return instant, frozenset()
        place, count = self._place(era, number), len(era.people)
        entries = (era.people[(place + behind) % count] for behind in range(min(self.depth, count)))
        held = frozenset(person for entry in entries for person in entry)
        return max(since, self.clock.reached(self._turns.begins(number))), held

    def people_at(self, instant: Minute) -> tuple[Entry, ...]:
        """The list in force."""
        return self._era(instant).people

    @cached_property
    def first_instant(self) -> Minute:
        return self.starts.instant(self.clock) if self.starts else -NEVER

    @cached_property
    def last_instant(self) -> Minute:
        return self.ends.instant(self.clock) if self.ends else NEVER

    @cached_property
    def _turns(self) -> Turns | None:
        if self.every is None or self.starts is None:
            return None
        return Turns(self.every, self.starts.wall(self.clock), self.windows)

    def _in_turn(self, instant: Minute, wall: Minute, until: Minute, absences: Absences) -> Naming:
        era, following = self._era(instant), self._next_era(instant)
        until = min(until, following)
        if self._turns is None:
            everybody = [Named(person, 0, None) for entry in era.people for person in entry]
            return _present(everybody, instant, until, absences)
        number = self._turns.number(wall)
        until = min(until, self.clock.reached(self._turns.begins(number + 1)))
        if number < 0 or not era.people:
            return Naming((), until, Silence.EMPTY_TURN)
        began = self.clock.reached(self._turns.begins(number))
        place = self._place(era, number)
        named = [
            Named(person, behind, began)
            for behind in range(min(self.depth, len(era.people)))
            for person in era.people[(place + behind) % len(era.people)]
        ]
        return _present(named, instant, until, absences)

    @cached_property
    def _eras(self) -> Sequence[_Era]:
        """What each change did when it came; of two at the same instant the later of the list counts."""
        eras = [_Era(-NEVER, self.people, 0, 0)]
        dated = sorted(
            ((change.begins.instant(self.clock), change) for change in self.changes), key=lambda each: each[0]
        )
        for instant, change in dated:
            before, number = eras[-1], self.turn(instant)
            place = self._place(before, number) if before.people else 0
            eras.append(_Era(instant, change.people, number, _position(before.people, place, change)))
        return eras

    def _era(self, instant: Minute) -> _Era:
        return next(era for era in reversed(self._eras) if era.instant <= instant)

    def _next_era(self, instant: Minute) -> Minute:
        return next((era.instant for era in self._eras if era.instant > instant), NEVER)

    @staticmethod
    def _place(era: _Era, number: int) -> int:
        return (era.position + number - era.number) % len(era.people)


def _position(before: Sequence[Entry], place: int, change: Change) -> int:
    """Where in the new list the turn goes on: at `first`, else with whoever has it, else with the next who is there.

    Several together are the same in whatever order they are written.
    """
    new = [frozenset(entry) for entry in change.people]
    in_order = [*before[place:], *before[:place]] if change.first is None else [change.first]
    return next((new.index(frozenset(entry)) for entry in in_order if frozenset(entry) in new), 0)


def _present(named: Sequence[Named], instant: Minute, until: Minute, absences: Absences) -> Naming:
    """Those who are there, each once."""
    there: dict[str, Named] = {}
    for each in named:
        is_away, changes = absences.now(each.person, instant)
        until = min(until, changes)
        if not is_away:
            there.setdefault(each.person, each)
    if there:
        return Naming(tuple(there.values()), until)
    return Naming((), until, Silence.AWAY if named else Silence.EMPTY_TURN)
