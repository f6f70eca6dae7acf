"""Whose shifts move when definitions become others: told before it is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from worker.oncall.definitions import Definitions, PersonRecord
from worker.oncall.planning.words import span_words
from worker.oncall.schedule.schedule import Schedule, Stretch
from worker.oncall.schedule.wall_clock import WEEK, Minute, ZoneClock

_RANKS = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class Move:
    """From `start` until `end`: who is no longer on call for the schedule, who is instead, who has another place.

    `before` and `after` are all who are on call then, in order; `sentences` say it to people.
    """

    schedule: str
    start: Minute
    end: Minute
    before: tuple[str, ...]
    after: tuple[str, ...]
    sentences: tuple[str, ...] = ()

    @property
    def lost(self) -> tuple[str, ...]:
        return tuple(person for person in self.before if person not in self.after)

    @property
    def gained(self) -> tuple[str, ...]:
        return tuple(person for person in self.after if person not in self.before)


def whose_shifts_move(before: Definitions, after: Definitions, start: Minute, weeks: int = 8) -> list[Move]:
    """By schedule and time; one that only one of both has counts as naming nobody in the other."""
    end = start + weeks * WEEK
    names = _Names({**before.people, **after.people})
    moves: list[Move] = []
    for name in dict.fromkeys((*after.schedules, *before.schedules)):
        old, new = before.schedules.get(name), after.schedules.get(name)
        clock = [schedule for schedule in (old, new) if schedule][-1].clock
        moves += (names.told(move, clock) for move in _moves(name, old, new, start, end))
    return moves


def _moves(name: str, old: Schedule | None, new: Schedule | None, start: Minute, end: Minute) -> Iterator[Move]:
    """Neighbours of which the same is to be said are one."""
    last: Move | None = None
    for instant, until, before, after in _together(_stretches(old, start, end), _stretches(new, start, end)):
        if before == after:
            continue
        if last and last.end == instant and (last.before, last.after) == (before, after):
            last = Move(name, last.start, until, before, after)
            continue
        if last:
            yield last
        last = Move(name, instant, until, before, after)
    if last:
        yield last


def _stretches(schedule: Schedule | None, start: Minute, end: Minute) -> Iterator[Stretch]:
    return schedule.stretches(start, end) if schedule else iter((Stretch(start, end, ()),))


def _together(
    old: Iterator[Stretch], new: Iterator[Stretch]
) -> Iterator[tuple[Minute, Minute, tuple[str, ...], tuple[str, ...]]]:
    """Both cover the same time without a gap."""
    before, after = next(old, None), next(new, None)
    while before and after:
        yield max(before.start, after.start), min(before.until, after.until), before.people, after.people
        ended = min(before.until, after.until)
        before = next(old, None) if before.until == ended else before
        after = next(new, None) if after.until == ended else after


class _Names:
    def __init__(self, people: Mapping[str, PersonRecord]) -> None:
        self._people = people

    def told(self, move: Move, clock: ZoneClock) -> Move:
        span = span_words(move.start, move.end, clock)
        sentences = (*self._exchanges(move, span), *self._places(move, span))
        return Move(move.schedule, move.start, move.end, move.before, move.after, sentences)

    def _exchanges(self, move: Move, span: str) -> Iterator[str]:
        for lost, gained in zip_longest(move.lost, move.gained):
            if lost and gained:
                yield f"{self._name(lost)} gives {span} of {move.schedule} to {self._name(gained)}"
            elif lost:
                nobody = "" if move.after else "; nobody is on call then"
                yield f"{self._name(lost)} no longer has {span} of {move.schedule}{nobody}"
            elif gained:
                yield f"{self._name(gained)} gets {span} of {move.schedule}"

    def _places(self, move: Move, span: str) -> Iterator[str]:
        """Of whoever stays, where nobody going or coming explains it."""
        for person in move.after:
            if person in move.before and (was := move.before.index(person)) != (now := move.after.index(person)):
                yield f"{self._name(person)} is {_rank(now)} instead of {_rank(was)}, {span} of {move.schedule}"

    def _name(self, person: str) -> str:
        record = self._people.get(person)
        return record.name if record else person


def _rank(place: int) -> str:
    return _RANKS[place] if place < len(_RANKS) else f"number {place + 1}"
