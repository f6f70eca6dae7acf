"""What a calendar says of a shift; of incidents it says nothing."""

from worker.domain.text import clean_line, shortened
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.shifts import Shift
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.why import Naming, why

_RANKS = ("primary", "secondary", "tertiary")
_LINE = 200


def rank_word(rank: int) -> str:
    return _RANKS[rank] if rank < len(_RANKS) else f"no. {rank + 1}"


def summary(schedule: str, rank: int, name: str = "") -> str:
    """`name` where the calendar is not that of one person."""
    who = f": {_line(name)}" if name else ""
    return f"On call: {_line(schedule)} ({rank_word(rank)}){who}"


def about(schedule: Schedule, shift: Shift, name: Naming) -> str:
    """What put the person there, and when that is by the schedule's own clock."""
    because = why(schedule, schedule.at(shift.start), shift.place, name)
    override = shift.place.override
    reason = f" ({_line(override.reason)})" if override and override.reason else ""
    times = f"{_time(schedule, shift.start)} to {_time(schedule, shift.end)} ({schedule.clock.name})"
    return f"{because[:1].upper()}{because[1:]}{reason}.\n{times}"


def _time(schedule: Schedule, minute: Minute) -> str:
    shown = schedule.clock.shown(minute)
    return f"{shown:%a} {shown.day} {shown:%b %Y %H:%M %Z}"


def _line(text: str) -> str:
    return shortened(clean_line(text), _LINE)
