"""Why a person is on call, in people's words, with times as the schedule's wall clock shows them."""

from collections.abc import Callable, Sequence

from worker.oncall.schedule.layer import Layer
from worker.oncall.schedule.overrides import Kind, Override, Place
from worker.oncall.schedule.schedule import Schedule, Stretch
from worker.oncall.schedule.turns import Every
from worker.oncall.schedule.wall_clock import DAY, Minute, ZoneClock
from worker.oncall.wording import layer_told

OF_A_ROW = "row of the on-call table"
# Within it a weekday says which day is meant.
_THIS_WEEK = 6 * DAY
_WEEKLY = Every(1, "week")

Naming = Callable[[str], str]
"""From a person as a schedule spells them to what people call them."""


def why(schedule: Schedule, stretch: Stretch, place: Place, name: Naming) -> str:
    """What put the person there, at the instant at which the stretch begins."""
    now, clock = stretch.start, schedule.clock
    if place.override is not None:
        return _by_override(place.override, now, clock, name)
    layer = schedule.layers[place.layer]
    if place.behind:
        before = _names(_in_turn(layer, stretch, place), name)
        later = "next turn" if place.behind == 1 else f"{place.behind} turns later"
        return f"{layer_told(layer.name)}, behind {before} ({later})"
    if place.began is None:
        return layer_told(layer.name)
    return f"{layer_told(layer.name)}, {_possessive(name(place.person))} turn since {told(place.began, now, clock)}"


def shift(schedule: Schedule, stretch: Stretch, place: Place, until: Minute | None, name: Naming) -> str:
    """The same in a few words, for beside a name: `week 48 of checkout, until Mon 09:00`."""
    end = "" if until is None else f", until {told(until, stretch.start, schedule.clock)}"
    return f"{_short(schedule, place, name)}{end}"


def _short(schedule: Schedule, place: Place, name: Naming) -> str:
    override = place.override
    if override is not None:
        return f"for {name(override.replaces)} in {schedule.name}" if override.replaces else f"cover of {schedule.name}"
    layer = schedule.layers[place.layer]
    if place.behind:
        return f"behind in {schedule.name}"
    if place.began is not None and layer.every == _WEEKLY:
        return f"week {layer.clock.shown(place.began).isocalendar().week} of {schedule.name}"
    return schedule.name


def told(instant: Minute, now: Minute, clock: ZoneClock) -> str:
    """`Tue 20:00` of the days to come, `Mon 8 Jun 09:00` else, with its year where that is another."""
    if 0 <= instant - now < _THIS_WEEK:
        return f"{clock.shown(instant):%a %H:%M}"
    return dated(instant, now, clock)


def dated(instant: Minute, now: Minute, clock: ZoneClock) -> str:
    """`Mon 8 Jun 09:00`, with its year where that is another."""
    shown, today = clock.shown(instant), clock.shown(now)
    year = f" {shown.year}" if shown.year != today.year else ""
    return f"{shown:%a} {shown.day} {shown:%b}{year} {shown:%H:%M}"


def _by_override(override: Override, now: Minute, clock: ZoneClock, name: Naming) -> str:
    until = told(override.end.instant(clock), now, clock)
    match override.kind:
        case Kind.COVER:
            return f"override by {name(override.person)} until {until}"
        case Kind.ADD:
            return f"added until {until}"
        case Kind.REPLACE:
            swapped = "by a swap, " if override.swap else ""
            return f"{swapped}stands in for {name(override.replaces)} until {until}"


def _in_turn(layer: Layer, stretch: Stretch, place: Place) -> Sequence[str]:
    """Who has the turn, be they away."""
    there = [each.person for each in stretch.places if each.layer == place.layer and not each.behind]
    return there or layer.entry(stretch.start)


def _names(people: Sequence[str], name: Naming) -> str:
    return " and ".join(map(name, people)) or "an empty turn"


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"
