"""A time as people write it into a schedule: the wall clock's, or an instant where it names its offset."""

import re
from dataclasses import dataclass
from datetime import datetime

from worker.domain.text import quoted
from worker.oncall.schedule.wall_clock import Minute, ZoneClock, instant_at, minute_of

_WRITTEN = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})([T ](?P<time>\d{2}:\d{2})(?P<seconds>:\d{2}(\.\d+)?)?)?"
    r"(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
EXAMPLE = "2026-03-02T09:00, or with its offset 2026-03-02T08:00Z"


@dataclass(frozen=True, slots=True)
class Moment:
    """`minute` is the wall clock's of whoever asks, or an instant's."""

    minute: Minute
    is_instant: bool = False

    def instant(self, clock: ZoneClock) -> Minute:
        return self.minute if self.is_instant else clock.reached(self.minute)

    def wall(self, clock: ZoneClock) -> Minute:
        return clock.reading(self.minute) if self.is_instant else self.minute

    def __str__(self) -> str:
        written = instant_at(self.minute).strftime("%Y-%m-%dT%H:%M")
        return f"{written}Z" if self.is_instant else written


def read_moment(text: str) -> Moment:
    """Raises ValueError: no date, a part of a minute, or a year that nobody plans for."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{quoted(text)!r} is no time; write {EXAMPLE}")
    if (found["seconds"] or "").strip(":0."):
        raise ValueError(f"{quoted(text)!r}: times are whole minutes")
    offset = (found["offset"] or "").upper()
    if offset and not found["time"]:
        raise ValueError(f"{quoted(text)!r} is a day with an offset; write its time too, as {EXAMPLE}")
    try:
        read = datetime.fromisoformat(f"{found['date']}T{found['time'] or '00:00'}{offset}")
    except ValueError:
        raise ValueError(f"{quoted(text)!r} is no day or time of the calendar") from None
    if not _FIRST_YEAR <= read.year <= _LAST_YEAR:
        raise ValueError(f"{quoted(text)!r} lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return Moment(minute_of(read), is_instant=bool(offset))


def read_question(text: str) -> Moment:
    """As read_moment, for a time that is asked about: of its seconds the minute counts in which they lie."""
    found = _WRITTEN.fullmatch(text.strip())
    seconds = found["seconds"] if found else None
    return read_moment(text.strip().replace(seconds, "", 1) if seconds else text)


def leaps(moment: Moment, clock: ZoneClock) -> str:
    """What is taken where the wall clock shows the time never or twice, as a sentence; else empty."""
    if moment.is_instant:
        return ""
    taken = moment.instant(clock)
    shown = clock.shown(taken)
    written = f"{instant_at(moment.minute):%Y-%m-%d %H:%M}"
    if minute_of(shown.replace(tzinfo=None)) != moment.minute:
        return f"{written} does not exist in {clock.name}, where the clock is set forward: {shown:%H:%M %Z} is taken."
    if shown.utcoffset() != shown.replace(fold=1).utcoffset():
        return f"{written} comes twice in {clock.name}, where the clock is set back: the first, {shown:%Z}, is taken."
    return ""


def moment_at(instant: Minute, clock: ZoneClock) -> Moment:
    """As that clock shows it; with its offset where the clock's time would be taken for another instant."""
    wall = Moment(minute_of(clock.shown(instant).replace(tzinfo=None)))
    return wall if wall.instant(clock) == instant else Moment(instant, is_instant=True)
