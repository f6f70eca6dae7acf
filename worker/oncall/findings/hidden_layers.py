"""Layers that nobody ever sees: whenever they name somebody, a higher one does too."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from worker.oncall.findings.finding import Finding, note
from worker.oncall.findings.survey import Survey, Walk
from worker.oncall.findings.wording import PLAN
from worker.oncall.schedule.schedule import Stretch
from worker.oncall.schedule.wall_clock import DAY, NEVER

KIND = "hidden-layer"
# An empty turn of a higher layer may come round late; a year holds every rotation of people.
_AHEAD = 366 * DAY
_STRETCHES = 20_000


def find_hidden_layers(survey: Survey) -> Iterator[Finding]:
    for name, walk in survey.walks.items():
        for place in sorted(_unseen(walk)):
            layer = walk.schedule.layers[place]
            if _names_somebody(walk, place):
                yield note(
                    KIND,
                    f"layer:{name}/{layer.name}",
                    f"Nobody ever sees the layer {layer.name} of {name}: whenever it names somebody, "
                    "a layer before it does.",
                    why="Its people are called only if all those before them are away.",
                    remedy=f"If that is not meant, give it a higher priority, or the others windows: {PLAN}",
                )


def _unseen(walk: Walk) -> set[int]:
    """The layers whose people are on call at no time of the coming year, by their places in the schedule."""
    layers = walk.schedule.layers
    unseen = {place for place, layer in enumerate(layers) if layer.priority < max(each.priority for each in layers)}
    unseen -= {
        place for place in unseen if walk.end >= layers[place].last_instant or layers[place].first_instant > walk.end
    }
    for stretch in chain(walk.by_layers, _later(walk)):
        unseen -= {place.layer for place in stretch.places}
        if not unseen:
            break
    return unseen


def _later(walk: Walk) -> Iterator[Stretch]:
    schedule = replace(walk.schedule, overrides=())
    return islice(schedule.stretches(walk.end, walk.start + _AHEAD), _STRETCHES)


def _names_somebody(walk: Walk, place: int) -> bool:
    """At some time of the days ahead."""
    layer, instant = walk.schedule.layers[place], walk.start
    while instant < walk.end:
        naming = layer.naming(instant, walk.schedule.absences)
        if naming.people:
            return True
        instant = min(naming.until, NEVER)
    return False
