"""Gaps of a schedule: when it names nobody, and what each of its layers says to that."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from worker.oncall.schedule.layer import Layer, Silence
from worker.oncall.schedule.schedule import Schedule, Stretch
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.why import Naming
from worker.oncall.wording import layer_told, listed


@dataclass(frozen=True, slots=True)
class Gap:
    """`reasons` in the order in which they come up, each once."""

    schedule: Schedule
    start: Minute
    end: Minute
    reasons: tuple[str, ...]


def gaps_of(schedule: Schedule, start: Minute, end: Minute, name: Naming) -> Iterator[Gap]:
    """What reaches over the ends is cut there."""
    running: Gap | None = None
    for stretch in schedule.stretches(start, end):
        if not stretch.places:
            running = _longer(running, schedule, stretch, name)
        elif running is not None:
            yield running
            running = None
    if running is not None:
        yield running


def _longer(running: Gap | None, schedule: Schedule, stretch: Stretch, name: Naming) -> Gap:
    reasons = tuple(reasons_at(schedule, stretch.start, name))
    if running is None:
        return Gap(schedule, stretch.start, stretch.until, reasons)
    return replace(running, end=stretch.until, reasons=tuple(dict.fromkeys((*running.reasons, *reasons))))


def reasons_at(schedule: Schedule, instant: Minute, name: Naming) -> Iterator[str]:
    """What each layer says where none of them names anybody."""
    if not schedule.layers:
        yield "it has no layers"
    for layer in schedule.layers:
        silence = layer.naming(instant, schedule.absences).silence
        away = _away(layer, instant, name) if silence is Silence.AWAY else ""
        yield f"{layer_told(layer.name)} {silence}{away}"


def _away(layer: Layer, instant: Minute, name: Naming) -> str:
    return f": {listed([name(each.person) for each in layer.naming(instant).people])}"
