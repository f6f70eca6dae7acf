"""Names, times and commands as findings say them: times by the wall clock of a schedule."""

import shlex
from collections.abc import Sequence

from worker.oncall.findings.spans import Span
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.wall_clock import DAY, Minute, ZoneClock, minute_of

PLAN = "`tocsin roster plan FILE --yes`"
_NAMED = 5


def told(clock: ZoneClock, instant: Minute) -> str:
    """`Sat 5 Dec 2026 09:00`; where that time comes twice, with the zone's abbreviation, which tells the two apart."""
    shown = clock.shown(instant)
    twice = shown.utcoffset() != shown.replace(fold=1 - shown.fold).utcoffset()
    return f"{shown:%a} {shown.day} {shown:%b %Y %H:%M}{f' {shown:%Z}' if twice else ''}"


def told_span(clock: ZoneClock, span: Span) -> str:
    return f"from {told(clock, span[0])} to {told(clock, span[1])}"


def told_spans(clock: ZoneClock, spans: Sequence[Span]) -> str:
    """The first, and how many more."""
    return f"{told_span(clock, spans[0])}{times_more(len(spans) - 1)}"


def times_more(number: int) -> str:
    return f", and {number} more time{'' if number == 1 else 's'}" if number else ""


def lasting(minutes: int) -> str:
    """`2 d 3 h`, `1 h 30 min`."""
    days, rest = divmod(minutes, DAY)
    hours, left = divmod(rest, 60)
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (left, "min")) if number]
    return " ".join(parts[:2])


def listed(names: Sequence[str]) -> str:
    """`ada, ben and 3 more`."""
    if len(names) <= _NAMED:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""
    return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"


def typed(clock: ZoneClock, instant: Minute) -> str:
    """As a command takes it: the wall clock's, or in UTC where that would be taken for another instant."""
    wall = Moment(minute_of(clock.shown(instant).replace(tzinfo=None)))
    return str(wall if wall.instant(clock) == instant else Moment(instant, is_instant=True))


def override_command(schedule: str, clock: ZoneClock, span: Span) -> str:
    """For whoever takes the span; who that is has to be filled in."""
    limits = f"--from {typed(clock, span[0])} --to {typed(clock, span[1])}"
    return f"`tocsin roster override {shlex.quote(schedule)} --person NAME {limits}`"
