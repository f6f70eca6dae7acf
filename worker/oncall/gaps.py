"""Gaps of a schedule: when it names nobody, and what each of its layers says to that."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from worker.oncall.schedule.layer import Layer, Silence
from worker.oncall.schedule.schedule import Schedule, Stretch
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.why import Naming, layer_words

_NAMED = 5


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
    reasons = tuple(_reasons(schedule, stretch.start, name))
    if running is None:
        return Gap(schedule, stretch.start, stretch.until, reasons)
    return replace(running, end=stretch.until, reasons=tuple(dict.fromkeys((*running.reasons, *reasons))))


def _reasons(schedule: Schedule, instant: Minute, name: Naming) -> Iterator[str]:
    if not schedule.layers:
        yield "the schedule has no layer"
    for layer in schedule.layers:
        silence = layer.naming(instant, schedule.absences).silence
        if silence is not None:
            yield f"{layer_words(layer)} {silence}{_who(layer, instant, silence, name)}"


def _who(layer: Layer, instant: Minute, silence: Silence, name: Naming) -> str:
    if silence is not Silence.AWAY:
        return ""
    people = [name(each.person) for each in layer.naming(instant).people]
    more = f" and {len(people) - _NAMED} more" if len(people) > _NAMED else ""
    return f" ({', '.join(people[:_NAMED])}{more})"
