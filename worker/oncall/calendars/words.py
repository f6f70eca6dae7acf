"""What a calendar says of a shift; of incidents it says nothing."""

from worker.domain.text import clean_line, shortened
from worker.oncall.schedule.overrides import Kind, Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.shifts import Shift
from worker.oncall.schedule.wall_clock import Minute

_RANKS = ("primary", "secondary", "tertiary")
_LINE = 200


def rank_word(rank: int) -> str:
    return _RANKS[rank] if rank < len(_RANKS) else f"no. {rank + 1}"


def summary(schedule: str, rank: int, name: str = "") -> str:
    """`name` where the calendar is not that of one person."""
    who = f": {_line(name)}" if name else ""
    return f"On call: {_line(schedule)} ({rank_word(rank)}){who}"


def why(schedule: Schedule, shift: Shift) -> str:
    """What put the person there, and when that is by the schedule's own clock."""
    times = f"{_time(schedule, shift.start)} to {_time(schedule, shift.end)} ({schedule.clock.name})"
    return f"{_reason(schedule, shift)}\n{times}"


def _reason(schedule: Schedule, shift: Shift) -> str:
    place = shift.place
    if place.override is not None:
        return _by_override(place.override)
    name = _line(schedule.layers[place.layer].name)
    if place.began is None:
        return f"Layer {name}, without turns."
    if place.behind:
        return f"Layer {name}, behind the turn since {_time(schedule, place.began)}."
    return f"Layer {name}, turn since {_time(schedule, place.began)}."


def _by_override(override: Override) -> str:
    match override.kind:
        case Kind.COVER:
            does = "covers"
        case Kind.ADD:
            does = "added"
        case Kind.REPLACE:
            does = f"stands in for {_line(override.replaces)}" + (", swapped" if override.swap else "")
    by = f" by {_line(override.created_by)}" if override.created_by else ""
    reason = f": {_line(override.reason)}" if override.reason else ""
    return f"Override{by}, {does}{reason}."


def _time(schedule: Schedule, minute: Minute) -> str:
    return f"{schedule.clock.shown(minute):%a %d %b %Y %H:%M %Z}"


def _line(text: str) -> str:
    return shortened(clean_line(text), _LINE)
