"""Old events side by side: for each time all who were on call, in order."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worker.domain.errors import Rejected
from worker.oncall.schedule.layer import Entry
from worker.oncall.schedule.wall_clock import Minute

_TOGETHER = 50
# Grafana OnCall puts a priority before the name: the higher hides the lower.
_PRIORITY = re.compile(r"\s*\[L(\d)\]", re.IGNORECASE)
_RANKS = (
    (2, re.compile(r"\b(tertiary|third)\b", re.IGNORECASE)),
    (1, re.compile(r"\b(secondary|second|backup)\b", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class OldShift:
    """`order` is its event's place in the file."""

    people: Entry
    start: Minute
    end: Minute
    title: str
    order: int

    @property
    def priority(self) -> int:
        found = _PRIORITY.match(self.title)
        return int(found[1]) if found else 0

    @property
    def rank(self) -> int:
        return next((rank for rank, words in _RANKS if words.search(self.title)), 0)


@dataclass(frozen=True, slots=True)
class Segment:
    """The first of the people is primary."""

    start: Minute
    end: Minute
    people: Entry


def segments(shifts: Iterable[OldShift]) -> list[Segment]:
    """Without overlaps, in order; where nobody is on call there is none. Raises Rejected for a crowd."""
    edges: dict[Minute, tuple[list[OldShift], list[OldShift]]] = {}
    for shift in shifts:
        edges.setdefault(shift.start, ([], []))[0].append(shift)
        edges.setdefault(shift.end, ([], []))[1].append(shift)
    found: list[Segment] = []
    active: dict[int, OldShift] = {}
    before = 0
    for edge in sorted(edges):
        if active:
            append(found, Segment(before, edge, _people(list(active.values()))))
        began, ended = edges[edge]
        for shift in ended:
            active.pop(id(shift), None)
        active |= {id(shift): shift for shift in began}
        if len(active) > _TOGETHER:
            raise Rejected(f"More than {_TOGETHER} events of the calendar are at the same time; that is no rota.")
        before = edge
    return found


def append(found: list[Segment], segment: Segment) -> None:
    """What goes on with the same people is one."""
    last = found[-1] if found else None
    if last and (last.end, last.people) == (segment.start, segment.people):
        found[-1] = Segment(last.start, segment.end, last.people)
    else:
        found.append(segment)


def _people(shifts: Sequence[OldShift]) -> Entry:
    highest = max(shift.priority for shift in shifts)
    in_order = sorted(
        (shift for shift in shifts if shift.priority == highest), key=lambda shift: (shift.rank, shift.order)
    )
    return tuple(dict.fromkeys(person for shift in in_order for person in shift.people))
