"""Layers that nobody ever sees: whenever they name somebody, a higher one does too."""

from collections.abc import Iterator

from worker.oncall.findings.finding import Finding, note
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import PLAN
from worker.oncall.schedule.layer import Layer
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import DAY, Minute
from worker.oncall.wording import layer_told

KIND = "hidden-layer"
# An empty turn of a higher layer may come round late; a year holds every rotation of people.
_AHEAD = 366 * DAY
_STEPS = 20_000


def find_hidden_layers(survey: Survey) -> Iterator[Finding]:
    for name, schedule in survey.definitions.schedules.items():
        for layer in schedule.layers:
            if _is_hidden(schedule, layer, survey.start):
                yield note(
                    KIND,
                    f"layer:{name}/{layer.name}",
                    f"Nobody ever sees the {layer_told(layer.name)} of {name}: whenever it names somebody, "
                    "a layer of higher priority does.",
                    why="Its people are called only if all those before them are away.",
                    remedy=f"If that is not meant, give it a higher priority, or the others windows: {PLAN}",
                )


def _is_hidden(schedule: Schedule, layer: Layer, start: Minute) -> bool:
    """Whether it names somebody within a year, and never alone; not where that takes too long to say."""
    higher = [each for each in schedule.layers if each.priority > layer.priority]
    instant, names_somebody = start, False
    for _ in range(_STEPS):
        if instant >= start + _AHEAD:
            return names_somebody
        naming = layer.naming(instant, schedule.absences)
        if naming.people:
            names_somebody = True
            hiding = _named_until(schedule, higher, instant)
            if hiding is None:
                return False
            instant = hiding
        else:
            instant = naming.until
    return False


def _named_until(schedule: Schedule, layers: list[Layer], instant: Minute) -> Minute | None:
    """Until when one of the layers names somebody; None where none does."""
    namings = (layer.naming(instant, schedule.absences) for layer in layers)
    return next((naming.until for naming in namings if naming.people), None)
