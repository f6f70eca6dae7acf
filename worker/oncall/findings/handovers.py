"""Handovers while somebody is at work or asleep: inside a window, or between 22:00 and 07:00."""

from bisect import bisect_right
from collections.abc import Iterator

from worker.oncall.findings.finding import Finding, note
from worker.oncall.findings.spans import joined
from worker.oncall.findings.survey import Survey, Walk
from worker.oncall.findings.wording import PLAN, Times, times_more
from worker.oncall.schedule.layer import Layer
from worker.oncall.schedule.wall_clock import DAY, WEEK, Minute
from worker.oncall.schedule.windows import TO_MONDAY, Windows
from worker.oncall.wording import layer_told

IN_WINDOW = "handover-in-window"
AT_NIGHT = "handover-at-night"
_EVENING, _MORNING = 22 * 60, 7 * 60


def find_handovers(survey: Survey) -> Iterator[Finding]:
    """A layer with a zone of its own is asked by it: that is where its people live."""
    for walk in survey.walks.values():
        for place, layer in enumerate(walk.schedule.layers):
            moments = _handovers(walk, place, layer)
            if inside := [moment for moment in moments if _is_inside(layer, moment)]:
                yield _finding(IN_WINDOW, walk, layer, inside, "while its window is open")
            if nightly := [moment for moment in moments if _is_night(layer.clock.reading(moment))]:
                yield _finding(AT_NIGHT, walk, layer, nightly, "at night")


def _handovers(walk: Walk, place: int, layer: Layer) -> list[Minute]:
    """Those at which another has the turn, and which people see: somebody of the layer is on call before or after."""
    found: list[Minute] = []
    instant = layer.handover_after(walk.start)
    while instant < min(walk.end, layer.last_instant):
        if layer.entry(instant) != layer.entry(instant - 1) and _is_seen(walk, place, instant):
            found.append(instant)
        instant = layer.handover_after(instant)
    return found


def _is_seen(walk: Walk, place: int, instant: Minute) -> bool:
    after = bisect_right(walk.by_layers, instant, key=lambda stretch: stretch.start) - 1
    before = after - 1 if walk.by_layers[after].start == instant else after
    return any(each.layer == place for number in (max(before, 0), after) for each in walk.by_layers[number].places)


def _is_inside(layer: Layer, instant: Minute) -> bool:
    """A layer without windows has no inside; where one is open for days, some handovers have to be in it."""
    if layer.windows is None:
        return False
    wall = layer.clock.reading(instant)
    was_open, edge = layer.windows.at(wall - 1)
    return was_open and edge != wall and _is_open_for(layer.windows, wall) < DAY


def _is_open_for(windows: Windows, wall: Minute) -> int:
    """How long the time around it is, in minutes, in which a window is open without a break."""
    into = (wall + TO_MONDAY) % WEEK
    weeks = (-WEEK, 0, WEEK)
    around = joined((each.opens + week, each.opens + week + each.length) for each in windows.weekly for week in weeks)
    return next(end - start for start, end in around if start <= into < end)


def _is_night(wall: Minute) -> bool:
    return not _MORNING <= wall % DAY < _EVENING


def _is_by_windows(layer: Layer) -> bool:
    return layer.every is not None and layer.every.unit == "window"


def _finding(kind: str, walk: Walk, layer: Layer, moments: list[Minute], when: str) -> Finding:
    name = walk.schedule.name
    day = "Let the windows open by day" if _is_by_windows(layer) else "Move `starts` to the day"
    return note(
        kind,
        f"layer:{name}/{layer.name}",
        f"The {layer_told(layer.name)} of {name} hands over {when}: {Times(layer.clock, walk.start).at(moments[0])}"
        f"{times_more(len(moments) - 1)} ({layer.clock.name}).",
        why="Whoever goes and whoever comes cannot talk, or what is going on changes hands in the middle of it."
        if kind == IN_WINDOW
        else "Whoever comes is asleep, and whoever goes cannot tell them what is going on.",
        remedy=f"Move `starts` to a time at which both are there and no window is open, such as its beginning: {PLAN}"
        if kind == IN_WINDOW
        else f"{day}, such as 09:00: {PLAN}",
    )
