"""The layers of a stored schedule when a file defines it anew: nobody's past is touched.

A layer that only gets other people goes on, with a dated change. One whose turns, windows, zone, depth or priority
change ends, and stays under another name for the past; the one with its name begins when it ends. All layers that end
do so at one moment, the next handover among them, so that no mixture of old and new is ever in force.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from worker.oncall.planning.people_lists import (
    begun_at,
    changes_before,
    has_past,
    moment_of,
    next_handover,
    with_list_of,
)
from worker.oncall.planning.words import list_words, time_words
from worker.oncall.schedule.layer import Layer
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import NEVER, Minute
from worker.oncall.wording import layer_told

_LONGEST_NAME = 100
_PAST_NAME = re.compile(r"(?P<name>.{1,100}) until \d{4}-\d{2}-\d{2}( \d{1,2})?", re.ASCII)


@dataclass
class Redefinition:
    """`layers` and what is said of them, in the order of the result."""

    layers: tuple[Layer, ...] = ()
    sentences: list[str] = field(default_factory=list)


def redefine(stored: Schedule, given: Schedule, now: Minute, *, at_once: bool) -> Redefinition:
    return _Layers(stored, given, now, at_once=at_once).redefined()


class _Layers:
    def __init__(self, stored: Schedule, given: Schedule, now: Minute, *, at_once: bool) -> None:
        self._schedule = stored.name
        self._zone = given.clock.name
        self._stored = stored.layers
        self._given = given.layers
        self._known = {layer.name.casefold(): layer for layer in stored.layers}
        self._now = now
        self._at_once = at_once
        self._going_on = self._find_going_on()
        self._moment = self._moment_of_structure()
        self._result = Redefinition()
        # Names of what has to stay apart: those of the file, and those that stand there already.
        self._names = {layer.name.casefold() for layer in (*stored.layers, *given.layers)}

    def redefined(self) -> Redefinition:
        ended: dict[str, Layer] = {}
        current: list[Layer] = []
        for layer in self._given:
            known = self._known.get(layer.name.casefold())
            new, old = self._next(known, layer)
            if new is not None:
                current.append(new)
            if known is not None and old is not None:
                ended[known.name.casefold()] = old
        following = {layer.name.casefold(): layer for layer in current}
        for layer in self._missing():
            successor = following.get(self._successor(layer))
            old = self._removed(layer) if successor is None else self._ended_before(layer, successor)
            if old is not None:
                ended[layer.name.casefold()] = old
        self._result.layers = tuple(map(self._with_its_zone, self._in_order(current, ended)))
        return self._result

    def _with_its_zone(self, layer: Layer) -> Layer:
        """What is kept has the zone that it has had, whatever the schedule's becomes."""
        needs_own = layer.clock.name != self._zone and not layer.has_own_zone
        return replace(layer, has_own_zone=True) if needs_own else layer

    def _find_going_on(self) -> frozenset[str]:
        """Layers of which nothing changes but their people and their end."""
        same = [each for each in self._given if self._is_same(self._known.get(each.name.casefold()), each)]
        names = [each.name.casefold() for each in same]
        # Those of one priority name their people in this order.
        moved = {
            priority
            for priority in {each.priority for each in same}
            if [each.name.casefold() for each in same if each.priority == priority]
            != [
                each.name.casefold()
                for each in self._stored
                if each.priority == priority and each.name.casefold() in names
            ]
        }
        return frozenset(each.name.casefold() for each in same if each.priority not in moved)

    def _is_same(self, stored: Layer | None, given: Layer) -> bool:
        if stored is None or differences(stored, given):
            return False
        # What has ended does not come back: it begins anew.
        return stored.last_instant > self._now or given.last_instant <= self._now

    def _moment_of_structure(self) -> Minute:
        """When all that ends does."""
        if self._at_once:
            return self._now
        leaving = (
            layer
            for layer in self._stored
            if layer.name.casefold() not in self._going_on
            and has_past(layer, self._now)
            and layer.last_instant > self._now
        )
        handovers = [layer.handover_after(self._now) for layer in leaving]
        return min((each for each in handovers if each < NEVER), default=self._now)

    def _is_ending(self, layer: Layer) -> bool:
        """It has ended, or does so by then anyway."""
        return layer.last_instant <= (
            self._now if self._at_once else max(self._moment, next_handover(layer, self._now))
        )

    def _next(self, stored: Layer | None, given: Layer) -> tuple[Layer | None, Layer | None]:
        """What stands under the name from now on, and what is kept for the past."""
        if stored is None:
            return self._added(given), None
        if not has_past(stored, self._now):
            return self._not_begun(stored, given), None
        if given.name.casefold() in self._going_on:
            return self._continued(stored, given), None
        return self._replaced(stored, given)

    def _added(self, given: Layer) -> Layer | None:
        if given.last_instant <= self._moment:
            self._say("skip", given, "it has ended already")
            return None
        new = begun_at(given, self._moment, self._now)
        self._say("add", given, f"{list_words(given.people_at(self._moment))} {self._from(new, self._moment)}")
        return new

    def _not_begun(self, stored: Layer, given: Layer) -> Layer:
        """It has named nobody yet, so that it can become anything; where another one ends then, it waits for it."""
        is_same = given.name.casefold() in self._going_on and stored.last_instant == given.last_instant
        if is_same and not self._at_once and with_list_of(stored, given, self._now, at_once=False) is stored:
            return self._with_form_of(stored, given)
        begins = _begins(stored)
        if self._at_once or stored.people or begins == NEVER:
            begins = self._now
        new = begun_at(given, begins, self._now)
        if new != stored:
            self._say(
                "change", given, f"it has not begun; {list_words(given.people_at(begins))} {self._from(new, begins)}"
            )
        return new

    def _continued(self, stored: Layer, given: Layer) -> Layer:
        layer = with_list_of(stored, given, self._now, at_once=self._at_once)
        if layer is not stored:
            self._say_list(stored, layer)
        if given.last_instant != layer.last_instant and max(given.last_instant, layer.last_instant) > self._now:
            ends = given.ends if given.last_instant > self._now else Moment(self._now, is_instant=True)
            layer = replace(layer, ends=ends)
            until = f"ends {self._time(layer, layer.last_instant)}" if ends else "goes on without an end"
            self._say("change", layer, until)
        return self._with_form_of(layer, given)

    def _with_form_of(self, layer: Layer, given: Layer) -> Layer:
        """As the file writes what means the same."""
        own_zone = layer.has_own_zone or given.has_own_zone
        formed = replace(layer, name=given.name, windows=given.windows, clock=given.clock, has_own_zone=own_zone)
        return layer if formed == layer else formed

    def _replaced(self, stored: Layer, given: Layer) -> tuple[Layer, Layer]:
        moment = max(self._moment, given.first_instant) if given.first_instant > self._now else self._moment
        old = self._ended(stored, moment, renamed=True)
        new = begun_at(given, moment, self._now)
        what = ", ".join(differences(stored, given)) or "its place, or that it begins again"
        self._say("change", given, f"{what}, {self._from(new, moment)}; what was stays as {layer_told(old.name)}")
        return new, old

    def _removed(self, stored: Layer) -> Layer | None:
        if not has_past(stored, self._now):
            if not self._is_ending(stored):
                self._say("remove", stored, "it has named nobody yet")
            return None
        if self._is_ending(stored):
            return stored
        old = self._ended(stored, self._moment, renamed=False)
        self._say("end", stored, f"it is not in the file, and ends {self._time(old, old.last_instant)}")
        return old

    def _successor(self, layer: Layer) -> str:
        """Of what an earlier import has left under another name, the layer that begins when it ends; else empty."""
        found = _PAST_NAME.fullmatch(layer.name)
        successor = self._known.get(found["name"].casefold()) if found else None
        is_in_file = successor and any(each.name.casefold() == successor.name.casefold() for each in self._given)
        ends_then = successor and is_in_file and self._now < layer.last_instant == _begins(successor)
        return successor.name.casefold() if successor and ends_then else ""

    def _ended_before(self, layer: Layer, successor: Layer) -> Layer:
        begins = max(self._now, _begins(successor))
        if begins == layer.last_instant:
            return layer
        old = replace(layer, ends=moment_of(begins, self._now, layer))
        self._say("change", layer, f"it ends {self._time(old, begins)}")
        return old

    def _ended(self, layer: Layer, moment: Minute, *, renamed: bool) -> Layer:
        ends = layer.ends if layer.last_instant <= moment else moment_of(moment, self._now, layer)
        changes = changes_before(layer, moment)
        name = self._past_name(layer, min(layer.last_instant, moment)) if renamed else layer.name
        return replace(layer, name=name, ends=ends, changes=changes)

    def _past_name(self, layer: Layer, ends: Minute) -> str:
        day = f"{layer.clock.shown(ends):%Y-%m-%d}"
        names = (f"until {day}{f' {number}' if number > 1 else ''}" for number in range(1, _LONGEST_NAME))
        name = next(
            name
            for suffix in names
            if (name := f"{layer.name[: _LONGEST_NAME - len(suffix) - 1]} {suffix}").casefold() not in self._names
        )
        self._names.add(name.casefold())
        return name

    def _missing(self) -> Sequence[Layer]:
        given = {layer.name.casefold() for layer in self._given}
        return [layer for layer in self._stored if layer.name.casefold() not in given]

    def _in_order(self, current: Sequence[Layer], ended: Mapping[str, Layer]) -> Iterator[Layer]:
        """Of one priority those that stood there keep their order, and so do those of the file."""
        rest = [(name, ended.get(name)) for name in (layer.name.casefold() for layer in self._stored)]
        priorities = dict.fromkeys(layer.priority for layer in (*self._stored, *self._given))
        for priority in priorities:
            yield from _merged([each for each in current if each.priority == priority], rest, priority)

    def _from(self, layer: Layer, moment: Minute) -> str:
        return f"from {self._time(layer, max(moment, layer.first_instant))} on"

    @staticmethod
    def _time(layer: Layer, instant: Minute) -> str:
        return f"{time_words(instant, layer.clock, year=True)} ({layer.clock.name})"

    def _say(self, what: str, layer: Layer, sentence: str) -> None:
        self._result.sentences.append(f"{what:<7} schedule {self._schedule}, {layer_told(layer.name)}: {sentence}")

    def _say_list(self, stored: Layer, layer: Layer) -> None:
        new = [change for change in layer.changes if change not in stored.changes]
        before = list_words(stored.people_at(self._now))
        for change in new:
            when = self._time(layer, change.begins.instant(layer.clock))
            self._say("change", layer, f"{before} -> {list_words(change.people)} from {when} on")
        if not new:
            self._say("change", layer, f"a change that was to come is withdrawn; it stays {before}")


def _merged(current: Iterable[Layer], rest: Sequence[tuple[str, Layer | None]], priority: int) -> Iterator[Layer]:
    """Before each layer that goes on stand those which stood before it and have ended."""
    waiting = [(name, layer) for name, layer in rest if layer is None or layer.priority == priority]
    for layer in current:
        name = layer.name.casefold()
        if any(each == name and old is None for each, old in waiting):
            while waiting:
                each, old = waiting.pop(0)
                if old is not None:
                    yield old
                if each == name:
                    break
        yield layer
    yield from (old for _, old in waiting if old is not None)


def _begins(layer: Layer) -> Minute:
    """From when on it may name anybody."""
    if layer.people:
        return layer.first_instant
    instants = (change.begins.instant(layer.clock) for change in layer.changes if change.people)
    return max(layer.first_instant, min(instants, default=NEVER))


def differences(stored: Layer, given: Layer) -> list[str]:
    """Of what cannot change without the past."""
    pairs = {
        "time_zone": (stored.clock.name, given.clock.name),
        "starts": (_starts(stored), _starts(given)),
        "every": (stored.every, given.every),
        "windows": (_weekly(stored), _weekly(given)),
        "depth": (stored.depth, given.depth),
        "priority": (stored.priority, given.priority),
    }
    words = {
        "starts": (stored.starts, given.starts),
        "windows": (stored.windows, given.windows),
    }
    return [
        f"{name} {' -> '.join('none' if each is None else str(each) for each in words.get(name, pair))}"
        for name, pair in pairs.items()
        if pair[0] != pair[1]
    ]


def _starts(layer: Layer) -> Minute:
    return layer.first_instant if layer.starts else -NEVER


def _weekly(layer: Layer) -> frozenset[object] | None:
    return frozenset(layer.windows.weekly) if layer.windows else None
