"""Times to come that the wall clock never shows, or shows twice: which instant is taken for them."""

from collections.abc import Iterator

from worker.oncall.findings.finding import Finding, note
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import PLAN
from worker.oncall.schedule.layer import Layer
from worker.oncall.schedule.moments import Moment, leaps
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import ZoneClock
from worker.oncall.wording import layer_told

KIND = "time-leapt"


def find_leaps(survey: Survey) -> Iterator[Finding]:
    for name, schedule in survey.definitions.schedules.items():
        told = {
            (thing, sentence): None
            for thing, moment, clock in _moments(schedule)
            if moment.instant(clock) >= survey.start and (sentence := leaps(moment, clock))
        }
        for thing, sentence in told:
            yield note(
                KIND,
                f"schedule:{name}",
                f"{thing} of {name}: {sentence}",
                why="Whoever wrote it may have meant another instant.",
                remedy=f"If so, write the time with its offset, or another one: {PLAN}",
            )


def _moments(schedule: Schedule) -> Iterator[tuple[str, Moment, ZoneClock]]:
    for layer in schedule.layers:
        for moment in _of_layer(layer):
            yield f"The {layer_told(layer.name)}", moment, layer.clock
    for override in schedule.overrides:
        for moment in (override.start, override.end):
            yield f"An override for {override.person}", moment, schedule.clock


def _of_layer(layer: Layer) -> Iterator[Moment]:
    yield from (moment for moment in (layer.starts, layer.ends) if moment)
    yield from (change.begins for change in layer.changes)
