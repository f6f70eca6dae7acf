"""The hours of a week in which something counts: `mon-fri 18:00-08:00`, or a span `fri 17:00 - mon 08:00`.

A window belongs to the day on which it opens. All times are the wall clock's.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from worker.domain.text import quoted
from worker.oncall.schedule.wall_clock import DAY, WEEK, Minute

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = r"[a-z]{3,9}"
_TIME = r"(\d{1,2}:\d{2})"
_DAILY = re.compile(rf"(?:(?P<days>{_DAY}(?:\s*[-,]\s*{_DAY}){{0,13}})\s+)?{_TIME}\s*-\s*{_TIME}", re.ASCII)
_SPAN = re.compile(rf"({_DAY})\s+{_TIME}\s*-\s*({_DAY})\s+{_TIME}", re.ASCII)
_LONGEST = 200
_MOST = 50
# 1970-01-01 was a Thursday.
TO_MONDAY = 3 * DAY
EXAMPLE = "mon-fri 18:00-08:00, or fri 17:00 - mon 08:00"


@dataclass(frozen=True, slots=True)
class Window:
    """Opens each week at `opens` minutes after Monday 00:00 and stays open for `length` minutes."""

    opens: Minute
    length: int


@dataclass(frozen=True)
class Windows:
    """As they were written, and what that means."""

    written: tuple[str, ...]
    weekly: tuple[Window, ...]

    def at(self, wall: Minute) -> tuple[bool, Minute]:
        """Whether one is open then, and the next time at which one opens or closes."""
        into = (wall + TO_MONDAY) % WEEK
        edges, opens = self._week
        number = bisect_right(edges, into)
        following = edges[number] if number < len(edges) else edges[0] + WEEK
        return opens[number - 1], wall + following - into

    def opened(self, start: Minute, wall: Minute) -> int:
        """How many have opened from `start` on, up to and at `wall`."""
        weeks, rest = divmod(wall - start, WEEK)
        first = (start + TO_MONDAY) % WEEK
        return weeks * len(self.weekly) + sum((window.opens - first) % WEEK <= rest for window in self.weekly)

    def opening(self, start: Minute, number: int) -> Minute:
        """When the one with that number, from 0, opens, of those that do from `start` on."""
        first = (start + TO_MONDAY) % WEEK
        order = sorted((window.opens - first) % WEEK for window in self.weekly)
        weeks, nth = divmod(number, len(order))
        return start + weeks * WEEK + order[nth]

    @cached_property
    def overlap(self) -> bool:
        """Whether two of them are open at once; to touch is not to overlap."""
        order = sorted(self.weekly, key=lambda window: window.opens)
        following = [window.opens for window in order[1:]] + [order[0].opens + WEEK]
        return any(window.opens + window.length > opens for window, opens in zip(order, following, strict=True))

    @cached_property
    def _week(self) -> tuple[Sequence[Minute], Sequence[bool]]:
        """The edges of a week in order, and whether one is open from each on; the last goes on into the first."""
        closing = {(window.opens + window.length) % WEEK for window in self.weekly}
        edges = sorted({window.opens for window in self.weekly} | closing)
        return edges, [any((edge - each.opens) % WEEK < each.length for each in self.weekly) for edge in edges]

    def __str__(self) -> str:
        return "; ".join(self.written)


def read_windows(written: Iterable[str]) -> Windows:
    """Raises ValueError, naming what cannot be read."""
    texts = tuple(" ".join(text.split()) for text in written)
    weekly = dict.fromkeys(window for text in texts for window in _read(text))
    if not weekly:
        raise ValueError(f"no window is named; write {EXAMPLE}")
    if len(weekly) > _MOST:
        raise ValueError(f"more than {_MOST} windows a week")
    return Windows(texts, tuple(weekly))


def _read(text: str) -> Sequence[Window]:
    line = text.casefold().replace("\N{EN DASH}", "-")
    if len(line) > _LONGEST:
        raise ValueError(f"{quoted(text)!r} is too long for a window; write {EXAMPLE}")
    if span := _SPAN.fullmatch(line):
        first_day, opens, last_day, closes = span.groups()
        start = _day(first_day) * DAY + _time(opens)
        length = (_day(last_day) * DAY + _time(closes, is_end=True) - start) % WEEK
        return (Window(start, length or WEEK),)
    if daily := _DAILY.fullmatch(line):
        opens, closes = daily.group(2), daily.group(3)
        start, end = _time(opens), _time(closes, is_end=True)
        length = end - start if end > start else end - start + DAY
        return [Window(day * DAY + start, length) for day in _days(daily["days"])]
    raise ValueError(f"{quoted(text)!r} is no window; write {EXAMPLE}")


def _days(text: str | None) -> Sequence[int]:
    if text is None:
        return range(7)
    found: dict[int, None] = {}
    for part in text.split(","):
        first, *rest = part.split("-")
        if len(rest) > 1:
            raise ValueError(f"{quoted(part)!r} names no days; write mon-fri, or sat,sun")
        start = _day(first)
        end = _day(rest[0]) if rest else start
        found |= dict.fromkeys((start + day) % 7 for day in range((end - start) % 7 + 1))
    return tuple(found)


def _day(text: str) -> int:
    name = text.strip()
    if name in _DAYS:
        return _DAYS.index(name)
    if name in _NAMES:
        return _NAMES.index(name)
    raise ValueError(f"{quoted(text)!r} is no day; they are {', '.join(_DAYS)}")


def _time(text: str, *, is_end: bool = False) -> Minute:
    hours, minutes = map(int, text.split(":"))
    if (hours, minutes) == (24, 0) and is_end:
        return DAY
    if hours > 23 or minutes > 59:  # noqa: PLR2004 (the clock's)
        raise ValueError(f"{text} is no time of the day" + ("; 24:00 stands only as an end" if hours == 24 else ""))  # noqa: PLR2004
    return hours * 60 + minutes
