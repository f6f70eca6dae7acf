"""The rotation that an old calendar's shifts follow, if they do: people taking turns of one length, in order."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from worker.oncall.calendars.old_shifts import OldShift, Segment
from worker.oncall.schedule.layer import Entry
from worker.oncall.schedule.turns import Every
from worker.oncall.schedule.wall_clock import DAY, WEEK, Minute, ZoneClock

_MOST_TURNS = 5000
_LONGEST_LIST = 60
_FEWEST = 2
# Overrides are in an export as well: most turns must be as the list says, and it must have come round.
_AS_LISTED = 0.75
_ROUNDS = 2
_UNITS = ((WEEK, "week"), (DAY, "day"), (60, "hour"))
_LARGEST_COUNT = 1000


@dataclass(frozen=True, slots=True)
class Rotation:
    """`starts` is on the wall clock."""

    starts: Minute
    every: Every
    people: tuple[Entry, ...]


def find_rotation(found: Sequence[Segment], shifts: Sequence[OldShift], clock: ZoneClock) -> Rotation | None:
    """`found` is what the shifts come to. None where there is a gap."""
    if not found or any(one.end != other.start for one, other in pairwise(found)):
        return None
    lengths = [(shift.start, clock.reading(shift.end) - clock.reading(shift.start)) for shift in shifts]
    length = Counter(length for _, length in lengths).most_common(1)[0][0]
    every = _every(length)
    if every is None:
        return None
    starts = clock.reading(min(start for start, each in lengths if each == length))
    number = (clock.reading(found[-1].end) - starts) // length
    if not _ROUNDS <= number <= _MOST_TURNS:
        return None
    turns = [_whole_turn(found, clock, starts + turn * length, length) for turn in range(number)]
    people = _list(turns)
    return Rotation(starts, every, people) if people else None


def _every(length: int) -> Every | None:
    for minutes, unit in _UNITS:
        if length and length % minutes == 0 and length // minutes <= _LARGEST_COUNT:
            return Every(length // minutes, unit)
    return None


def _whole_turn(found: Sequence[Segment], clock: ZoneClock, wall: Minute, length: int) -> Entry:
    """Who was on call throughout it; nobody where that changed."""
    start, end = clock.reached(wall), clock.reached(wall + length)
    place = bisect_right(found, start, key=lambda segment: segment.start) - 1
    return found[place].people if place >= 0 and end <= found[place].end else ()


def _list(turns: Sequence[Entry]) -> tuple[Entry, ...]:
    """The shortest that as many turns as any other follow; empty where too few do, and for one who is always there."""
    best: tuple[Entry, ...] = ()
    most = 0
    for size in range(_FEWEST, min(_LONGEST_LIST, len(turns) // _ROUNDS) + 1):
        columns = [Counter(turn for turn in turns[place::size] if turn) for place in range(size)]
        agreeing = sum(max(column.values(), default=0) for column in columns)
        if agreeing > most and all(columns):
            best, most = tuple(column.most_common(1)[0][0] for column in columns), agreeing
    return best if most >= _AS_LISTED * len(turns) and len(set(best)) >= _FEWEST else ()
