"""What a zone's wall clock has shown, and when it shows a time first: the one rule for every change of the clock.

A boundary is reached at the first instant at which the wall clock shows that time or a later one. Whoever compares
with the highest time shown so far needs no other rule: that reading never falls; in a repeated hour it stands still.
"""

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

Minute = int
"""Whole minutes since 1970-01-01T00:00: of an instant in UTC, of a wall clock as it shows them."""

DAY = 1440
WEEK = 7 * DAY
NEVER: Minute = 2**40
"""Later than every instant that can be asked for."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNK = 19  # some 364 days: a power of two, so that finding it is a shift
# The clock was never set by more than a day, and no zone is more than a day from UTC.
_MARGIN = 3 * DAY


def minute_of(moment: datetime) -> Minute:
    """The minute in which an aware instant lies; of a naive time, the wall clock's."""
    since = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (since - _EPOCH) // timedelta(minutes=1)


def instant_at(minute: Minute) -> datetime:
    """The instant at which that minute begins, in UTC."""
    return _EPOCH + timedelta(minutes=minute)


class ZoneClock:
    """The wall clock of one IANA zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._chunks: dict[int, _Offsets] = {}

    @property
    def name(self) -> str:
        return self.zone.key

    def reading(self, instant: Minute) -> Minute:
        """The highest time that the wall clock has shown up to then."""
        return self._offsets(instant).reading(instant)

    def reached(self, wall: Minute) -> Minute:
        """The first instant at which the wall clock shows that time or a later one."""
        return self._offsets(wall).reached(wall)

    def shown(self, instant: Minute) -> datetime:
        """What people read off it then, which a repeated hour shows twice."""
        return instant_at(instant).astimezone(self.zone)

    def _offsets(self, minute: Minute) -> "_Offsets":
        number = minute >> _CHUNK
        found = self._chunks.get(number)
        if found is None:
            start = number << _CHUNK
            found = self._chunks[number] = _Offsets(self.zone, start - _MARGIN, start + (1 << _CHUNK) + _MARGIN)
        return found


class _Offsets:
    """The offsets of a zone between two instants; `high`: what the clock had shown when each began to hold."""

    def __init__(self, zone: ZoneInfo, start: Minute, end: Minute) -> None:
        self._starts = [start]
        self._offsets = [_offset(zone, start)]
        for probe in range(start + DAY, end + DAY, DAY):
            offset = _offset(zone, probe)
            if offset != self._offsets[-1]:
                self._starts.append(_change_between(zone, probe - DAY, probe))
                self._offsets.append(offset)
        self._highs = [start + self._offsets[0]]
        for number in range(1, len(self._starts)):
            self._highs.append(self._last_reading(number - 1))
        self._ends = [self._last_reading(number) for number in range(len(self._starts) - 1)]

    def _last_reading(self, number: int) -> Minute:
        return max(self._highs[number], self._starts[number + 1] - 1 + self._offsets[number])

    def reading(self, instant: Minute) -> Minute:
        number = bisect_right(self._starts, instant) - 1
        return max(self._highs[number], instant + self._offsets[number])

    def reached(self, wall: Minute) -> Minute:
        number = bisect_left(self._ends, wall)
        return max(self._starts[number], wall - self._offsets[number])


def _offset(zone: ZoneInfo, instant: Minute) -> int:
    offset = datetime.fromtimestamp(instant * 60, zone).utcoffset()
    assert offset is not None  # noqa: S101 (every zone has one)
    return offset // timedelta(minutes=1)


def _change_between(zone: ZoneInfo, before: Minute, after: Minute) -> Minute:
    """The first minute with the later offset."""
    later = _offset(zone, after)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == later:
            after = middle
        else:
            before = middle
    return after


@cache
def clock_of(zone: str) -> ZoneClock:
    """The clock of a zone that is known; raises ZoneInfoNotFoundError."""
    return ZoneClock(ZoneInfo(zone))
