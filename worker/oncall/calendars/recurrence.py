"""The occurrences of an event that comes again: by the wall clock of its zone, within bounds.

Only rules that come again by days, weeks and months are read. Of all others there are more than any rota needs, and
some that a program calculates on for ever.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from dateutil.rrule import DAILY, FR, HOURLY, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, rrule

from worker.oncall.schedule.wall_clock import Minute, ZoneClock, instant_at, minute_of

_FREQUENCIES = {"HOURLY": HOURLY, "DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY}
_DAYS = {"MO": MO, "TU": TU, "WE": WE, "TH": TH, "FR": FR, "SA": SA, "SU": SU}
_UNTIL = re.compile(r"(\d{8})(?:T(\d{4})(?:\d{2})?(Z)?)?", re.ASCII | re.IGNORECASE)
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})
_MOST = 1000


class Recurrence:
    """Of a rule that is understood; raises ValueError with what is not."""

    def __init__(self, rule: str, start: Minute, clock: ZoneClock) -> None:
        parts = dict(_part(each) for each in rule.split(";") if each.strip())
        if unknown := sorted(parts.keys() - _PARTS):
            raise ValueError(f"{', '.join(unknown)[:100]} in its rule is not understood")
        frequency = parts.get("FREQ", "")
        if frequency not in _FREQUENCIES:
            raise ValueError("its rule comes again neither by hours, days, weeks nor months")
        self._frequency = _FREQUENCIES[frequency]
        self._interval = _number(parts.get("INTERVAL", "1"))
        self._count = _number(parts["COUNT"]) if "COUNT" in parts else None
        self._until = _read_until(parts["UNTIL"], clock) if "UNTIL" in parts else None
        self._days = _read_days(parts)
        self._first_day = _DAYS.get(parts.get("WKST", "MO"), MO)
        self._start = start

    def walls(self, end: Minute) -> Iterator[Minute]:
        """When each begins before `end`, on the wall clock; the first is the event's own."""
        yield self._start
        until = end if self._until is None else min(end, self._until + 1)
        every = rrule(
            self._frequency,
            dtstart=_naive(self._start),
            interval=self._interval,
            count=self._count,
            byweekday=self._days,
            wkst=self._first_day,
        )
        for wall in takewhile(lambda wall: wall < until, (minute_of(each) for each in every)):
            if wall != self._start:
                yield wall


def _part(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().upper(), value.strip().upper()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_MOST))) or not 1 <= int(text) <= _MOST:
        raise ValueError("a number in its rule is not understood")
    return int(text)


def _read_days(parts: dict[str, str]) -> list[object] | None:
    """Only where each step has such a day: of others there may never be one."""
    if "BYDAY" not in parts:
        return None
    days = [day.strip() for day in parts["BYDAY"].split(",")]
    is_plain = parts["FREQ"] == "WEEKLY" or (parts["FREQ"] == "DAILY" and parts.get("INTERVAL", "1") == "1")
    if not is_plain or not all(day in _DAYS for day in days):
        raise ValueError("BYDAY in its rule is not understood")
    return [_DAYS[day] for day in days]


def _read_until(text: str, clock: ZoneClock) -> Minute:
    """On the wall clock of the event; of a day the last minute."""
    found = _UNTIL.fullmatch(text)
    if found is None:
        raise ValueError("UNTIL in its rule cannot be read")
    day, time, is_utc = found.groups()
    try:
        wall = minute_of(datetime.strptime(f"{day}{time or '2359'}", "%Y%m%d%H%M"))  # noqa: DTZ007 (a wall clock's)
    except ValueError:
        raise ValueError("UNTIL in its rule cannot be read") from None
    return clock.reading(wall) if is_utc else wall


def _naive(wall: Minute) -> datetime:
    return instant_at(wall).replace(tzinfo=None)
