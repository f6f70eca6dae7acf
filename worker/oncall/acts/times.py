"""Times as people say them of an act: now, a time of the day, or a moment in full."""

import re

from worker.domain.text import quoted
from worker.oncall.asking import AskedInstant
from worker.oncall.schedule.moments import Moment, leaps, read_question
from worker.oncall.schedule.wall_clock import DAY, Minute, ZoneClock, minute_of

_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
WAYS = "now, 20:00 (the next one), 2026-03-02T09:00, or 2026-03-02T08:00Z"


def read_time(text: str, clock: ZoneClock, now: Minute, earliest: Minute) -> AskedInstant:
    """A time of the day is the first one that is not before `earliest`. Raises ValueError."""
    word = text.strip()
    if word.casefold() == "now":
        return AskedInstant(now)
    if time := _TIME_OF_DAY.fullmatch(word):
        return _taken(_next(int(time[1]) * 60 + int(time[2]), clock, earliest), clock)
    try:
        return _taken(read_question(word), clock)
    except ValueError as error:
        if word[:1].isdigit():
            raise
        raise ValueError(f"{quoted(text)!r} is no time; write {WAYS}") from error


def read_span(text: str, clock: ZoneClock, now: Minute) -> tuple[AskedInstant, AskedInstant | None]:
    """`FROM/TO`; of a single time there is no end. Raises ValueError."""
    first, slash, last = text.partition("/")
    start = read_time(first, clock, now, now)
    if not slash:
        return start, None
    end = read_time(last, clock, now, start.minute + 1)
    if end.minute <= start.minute:
        raise ValueError(f"{quoted(text)!r} ends no later than it begins")
    return start, end


def _next(minutes: Minute, clock: ZoneClock, earliest: Minute) -> Moment:
    """On that day by the clock, else on the next."""
    shown = minute_of(clock.shown(earliest).replace(tzinfo=None))
    today = Moment(shown - shown % DAY + minutes)
    return today if today.instant(clock) >= earliest else Moment(today.minute + DAY)


def _taken(moment: Moment, clock: ZoneClock) -> AskedInstant:
    said = leaps(moment, clock)
    return AskedInstant(moment.instant(clock), (said,) if said else ())
