"""How long a turn lasts, and which one it is: counted on the wall clock, in closed form."""

import calendar
import re
from dataclasses import dataclass

from worker.domain.text import quoted
from worker.oncall.schedule.wall_clock import DAY, WEEK, Minute, instant_at, minute_of
from worker.oncall.schedule.windows import Windows

_LENGTHS = {"hour": 60, "day": DAY, "week": WEEK}
_WRITTEN = re.compile(r"(?:(\d{1,4})\s+)?(hour|day|week|month|window)s?", re.ASCII | re.IGNORECASE)
_MOST = 1000
EXAMPLE = "1 week; the units are hours, days, weeks, months and windows"


@dataclass(frozen=True, slots=True)
class Every:
    """`unit` is hour, day, week, month or window."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"


def read_every(text: str) -> Every:
    """Raises ValueError."""
    found = _WRITTEN.fullmatch(" ".join(text.split()))
    if found is None:
        raise ValueError(f"{quoted(text)!r} is no length of a turn; write {EXAMPLE}")
    count = int(found[1] or 1)
    if not 1 <= count <= _MOST:
        raise ValueError(f"{quoted(text)!r}: a turn lasts 1 to {_MOST} {found[2].lower()}s")
    return Every(count, found[2].lower())


@dataclass(frozen=True, slots=True)
class Turns:
    """The grid of handovers; it never moves. Turn 0 begins at `starts`, or with the first window that opens then."""

    every: Every
    starts: Minute
    windows: Windows | None = None

    def number(self, wall: Minute) -> int:
        """Of the turn that has begun last; below 0 where none has."""
        if self.every.unit == "window":
            return (self._windows.opened(self.starts, wall) - 1) // self.every.count if wall >= self.starts else -1
        if self.every.unit == "month":
            return self._months(wall) // self.every.count
        return (wall - self.starts) // (_LENGTHS[self.every.unit] * self.every.count)

    def begins(self, number: int) -> Minute:
        """The wall clock at which that turn begins."""
        if self.every.unit == "window":
            return self._windows.opening(self.starts, number * self.every.count)
        if self.every.unit == "month":
            return _months_after(self.starts, number * self.every.count)
        return self.starts + number * self.every.count * _LENGTHS[self.every.unit]

    @property
    def _windows(self) -> Windows:
        if self.windows is None:
            raise ValueError("turns are counted by windows, and no window is named")
        return self.windows

    def _months(self, wall: Minute) -> int:
        """Whole months since the start; the same day of the month, or its last, begins one."""
        start, now = instant_at(self.starts), instant_at(wall)
        months = (now.year - start.year) * 12 + now.month - start.month
        return months if wall >= _months_after(self.starts, months) else months - 1


def _months_after(start: Minute, months: int) -> Minute:
    first = instant_at(start)
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    day = min(first.day, calendar.monthrange(year, month + 1)[1])
    return minute_of(first.replace(year=year, month=month + 1, day=day))
