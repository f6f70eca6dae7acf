"""Follow-the-sun seams that open in some seasons: while only one of two zones has changed its clock, or all summer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from worker.oncall.findings.finding import Finding, note
from worker.oncall.findings.spans import Span, joined, length, without
from worker.oncall.findings.survey import Survey, Walk
from worker.oncall.findings.wording import PLAN, lasting
from worker.oncall.schedule.layer import Layer
from worker.oncall.schedule.wall_clock import DAY, WEEK, Minute, ZoneClock
from worker.oncall.wording import listed

KIND = "seam-opens"
_AHEAD = 366
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Offsets = Mapping[str, int]
"""By zone, in minutes."""


@dataclass(frozen=True, slots=True)
class _Season:
    """A time in which no clock is changed; `closed`: the minutes of its weeks in which no layer has a window open."""

    start: Minute
    end: Minute
    closed: list[Span]


def find_seams(survey: Survey) -> Iterator[Finding]:
    for walk in survey.walks.values():
        clock = walk.schedule.clock
        layers = [layer for layer in walk.schedule.layers if layer.last_instant > survey.end]
        zones = {layer.clock.name: layer.clock for layer in layers}
        if len(zones) > 1:
            seasons = _seasons(layers, {clock.name: clock} | zones, clock.name, survey.start)
            best = min(seasons, key=lambda season: length(season.closed))
            for season in seasons:
                if length(season.closed) > length(best.closed):
                    yield _seam(walk, list(zones), season, best)


def _seasons(layers: Sequence[Layer], clocks: Mapping[str, ZoneClock], zone: str, start: Minute) -> list[_Season]:
    """Those of the coming year, in order; weeks are those of that zone."""
    limits = [start, *_changes(list(clocks.values()), start), start + _AHEAD * DAY]
    return [
        _Season(begins, ends, _closed(layers, _offsets_in(clocks, begins, ends), zone))
        for begins, ends in pairwise(limits)
    ]


def _offsets_in(clocks: Mapping[str, ZoneClock], start: Minute, end: Minute) -> Offsets:
    """Zones that change their clocks on one day do so at different hours of it."""
    settled = min(start + DAY, end - 1)
    return {name: _offset(clock, settled) for name, clock in clocks.items()}


def _changes(clocks: Sequence[ZoneClock], start: Minute) -> list[Minute]:
    """The instants at which one of the clocks is changed."""
    days = [(day, _offsets(clocks, day)) for day in range(start, start + _AHEAD * DAY + 1, DAY)]
    return [_change(clocks, before, after) for (before, was), (after, now) in pairwise(days) if was != now]


def _change(clocks: Sequence[ZoneClock], before: Minute, after: Minute) -> Minute:
    was = _offsets(clocks, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offsets(clocks, middle) == was else (before, middle)
    return after


def _offsets(clocks: Sequence[ZoneClock], instant: Minute) -> list[int]:
    return [_offset(clock, instant) for clock in clocks]


def _offset(clock: ZoneClock, instant: Minute) -> int:
    offset = clock.shown(instant).utcoffset()
    assert offset is not None  # noqa: S101 (every zone has one)
    return round(offset.total_seconds() / 60)


def _closed(layers: Sequence[Layer], offsets: Offsets, zone: str) -> list[Span]:
    """The minutes after Monday 00:00 of that zone at which no layer has a window open, whoever has the turn."""
    opened: list[Span] = []
    for layer in layers:
        if layer.windows is None:
            return []
        ahead = offsets[zone] - offsets[layer.clock.name]
        for window in layer.windows.weekly:
            opens = (window.opens + ahead) % WEEK
            opened += [(opens, opens + window.length), (opens - WEEK, opens - WEEK + window.length)]
    return without([(0, WEEK)], joined(opened))


def _seam(walk: Walk, zones: Sequence[str], season: _Season, best: _Season) -> Finding:
    name, clock = walk.schedule.name, walk.schedule.clock
    opened = without(season.closed, best.closed) or season.closed
    times = "; ".join(_weekly(opened))
    return note(
        KIND,
        f"schedule:{name}",
        f"The clocks of {listed(zones)} lie otherwise to each other {walk.times.span((season.start, season.end))} "
        f"than at the rest of the year: no layer of {name} has a window open {times} ({clock.name}), "
        f"{lasting(length(season.closed) - length(best.closed))} a week more.",
        why="The seam between two regions opens: nobody is on call then.",
        remedy=f"Let the windows of one region reach that far into the other's: {PLAN}",
    )


def _weekly(spans: Sequence[Span]) -> Iterator[str]:
    """`Mon, Tue 07:00 to 08:00`: the days on which it is the same are told together."""
    days: dict[tuple[int, int], list[str]] = {}
    for start, end in spans:
        days.setdefault((start % DAY, end - start), []).append(_WEEKDAYS[start // DAY])
    for (start, minutes), names in days.items():
        when = "every day" if len(names) == len(_WEEKDAYS) else ", ".join(names)
        yield f"{when} {_time(start)} to {_time(start + minutes)}"


def _time(minute: Minute) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
