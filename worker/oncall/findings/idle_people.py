"""A rotation whose period and windows give some people nothing: their turns always fall where no window is open."""

from collections.abc import Iterator
from dataclasses import replace
from math import gcd

from worker.oncall.findings.finding import Finding, note
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import PLAN
from worker.oncall.schedule.layer import Entry, Layer
from worker.oncall.schedule.wall_clock import DAY, WEEK, Minute
from worker.oncall.schedule.windows import TO_MONDAY, Windows
from worker.oncall.wording import layer_told, listed

KIND = "idle-person"
# Longer turns always hold a whole week, and with it each window.
_LENGTHS = {"hour": 60, "day": DAY}


def find_idle_people(survey: Survey) -> Iterator[Finding]:
    for name, walk in survey.walks.items():
        for layer in walk.schedule.layers:
            begins = (change.begins.instant(layer.clock) for change in layer.changes)
            lists = [survey.start, *sorted(instant for instant in begins if survey.start < instant < survey.end)]
            idle = dict.fromkeys(person for instant in lists for person in idle_people(layer, instant))
            if idle:
                yield _idle(survey, name, layer, list(idle))


def idle_people(layer: Layer, instant: Minute) -> list[str]:
    """Those of the list in force then whose turn it is at no time of any window, as long as that list counts."""
    if layer.every is None or layer.starts is None or layer.windows is None or layer.every.unit not in _LENGTHS:
        return []
    length = _LENGTHS[layer.every.unit] * layer.every.count
    entries = _entries(layer, instant)
    if length >= WEEK or layer.last_instant <= instant:
        return []
    first = layer.starts.wall(layer.clock) + layer.turn(instant) * length
    busy = {
        person
        for number, entry in enumerate(entries)
        if _meets_a_window(layer.windows, first + number * length, length, len(entries) * length)
        for person in entry
    }
    return list(dict.fromkeys(person for entry in entries for person in entry if person not in busy))


def _entries(layer: Layer, instant: Minute) -> list[Entry]:
    """In the order of their turns, beginning with whoever has it then."""
    so_far = tuple(change for change in layer.changes if change.begins.instant(layer.clock) <= instant)
    lasting, count = replace(layer, changes=so_far), len(layer.people_at(instant))
    return [_entry(lasting, layer.turn(instant) + number, count) for number in range(count)]


def _entry(layer: Layer, number: int, count: int) -> Entry:
    """Of that turn, or of a later round where the clock leaps over it."""
    while layer.turn(layer.turn_begins(number)) != number:
        number += count
    return layer.entry(layer.turn_begins(number))


def _meets_a_window(windows: Windows, start: Minute, length: int, every: int) -> bool:
    """Whether turns of that length, the first of which begins at `start`, ever meet a window as they come round.

    A turn can begin at each of the times of a week that lie a multiple of `period` apart.
    """
    period = gcd(every, WEEK)
    begins = start + TO_MONDAY
    return any(
        (window.opens - begins) % period < length or (begins - window.opens) % period < window.length
        for window in windows.weekly
    )


def _idle(survey: Survey, name: str, layer: Layer, people: list[str]) -> Finding:
    share = "never the first place" if layer.depth > 1 else "nothing, ever"
    return note(
        KIND,
        f"layer:{name}/{layer.name}",
        f"The {layer_told(layer.name)} of {name} gives {listed([survey.name(person) for person in people])} {share}: "
        f"each turn of theirs (every {layer.every}) falls where no window ({layer.windows}) is open.",
        why="The others do all the work.",
        remedy=f"Count the turns by windows, every: 1 window: {PLAN}",
    )
