"""What a calendar was given out with: a shift that changes says so, one that vanished is cancelled until it is past.

The memory is one text for each person, since what a calendar program holds is what it was told before.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from worker.oncall.calendars.shown_shifts import MOST, Shown, ShownShift
from worker.oncall.schedule.wall_clock import Minute

_GONE = "This shift is not this person's any more."
# Those that were cancelled stand beside those that are shown.
_MOST_KEPT = 2 * MOST


@dataclass(frozen=True, slots=True)
class Published:
    """`sequence` rises with each change, `modified` is when the last one was."""

    shift: ShownShift
    sequence: int
    modified: Minute
    is_cancelled: bool = False


def uid_of(shift: ShownShift) -> str:
    """Of schedule, person and beginning: the same however often and wherever it is asked for."""
    named = json.dumps([shift.schedule, shift.person, shift.began], ensure_ascii=True)
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}@tocsin"


def as_new(shown: Shown, now: Minute) -> list[Published]:
    """For a file, which nobody remembers."""
    return [Published(shift, 0, now) for shift in shown.shifts]


def follow(before: Iterable[Published], shown: Shown, now: Minute, unreadable: Collection[str] = ()) -> list[Published]:
    """What is given out now; the same as before wherever nothing changed.

    `unreadable` are schedules of which nothing can be said now: their shifts stand.
    """
    known = {uid_of(each.shift): each for each in before}
    shifts = [_recognised(shift, known.values()) for shift in shown.shifts]
    standing = [_standing(known.pop(uid_of(shift), None), shift, now) for shift in shifts]
    return sorted([*standing, *_vanished(known.values(), shown, now, unreadable)], key=_order)[:_MOST_KEPT]


def _recognised(shift: ShownShift, before: Iterable[Published]) -> ShownShift:
    """One that began longer ago than is looked keeps the beginning that it was given out with."""
    if shift.began is not None:
        return shift
    for each in before:
        if (each.shift.schedule, each.shift.rank) == (shift.schedule, shift.rank) and (
            each.shift.began is not None and each.shift.start <= shift.start < each.shift.end
        ):
            return replace(shift, began=each.shift.began, start=each.shift.start)
    return shift


def _standing(before: Published | None, shift: ShownShift, now: Minute) -> Published:
    if before is None:
        return Published(shift, 0, now)
    if before.shift == shift and not before.is_cancelled:
        return before
    return _changed(before, shift, now, is_cancelled=False)


def _vanished(
    known: Iterable[Published], shown: Shown, now: Minute, unreadable: Collection[str]
) -> Iterator[Published]:
    for each in known:
        if each.shift.end <= now:
            continue
        # Beyond what is shown by this clock another's may have shown it.
        is_beyond = each.shift.start >= shown.until
        if each.is_cancelled or is_beyond or each.shift.schedule in unreadable:
            yield each
        else:
            yield _changed(each, replace(each.shift, why=_GONE), now, is_cancelled=True)


def _changed(before: Published, shift: ShownShift, now: Minute, *, is_cancelled: bool) -> Published:
    return Published(shift, before.sequence + 1, max(now, before.modified), is_cancelled)


def _order(each: Published) -> tuple[Minute, str, int]:
    return each.shift.start, each.shift.schedule, each.shift.rank


def to_text(published: Iterable[Published]) -> str:
    """Of one person, who is named once where it is kept."""
    rows = [
        [
            each.shift.schedule,
            each.shift.rank,
            each.shift.began,
            each.shift.start,
            each.shift.end,
            each.shift.why,
            each.sequence,
            each.modified,
            each.is_cancelled,
        ]
        for each in published
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str, person: str) -> Sequence[Published]:
    """Raises ValueError where it is damaged."""
    try:
        return [
            Published(ShownShift(str(schedule), person, int(rank), began, int(start), int(end), str(why)), *last)
            for schedule, rank, began, start, end, why, *last in json.loads(text or "[]")
        ]
    except (TypeError, ValueError, RecursionError):
        raise ValueError("the memory of a calendar is damaged") from None
