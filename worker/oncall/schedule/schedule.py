"""Who is on call at an instant, why, and until when: the one function that every question is answered by."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from worker.oncall.schedule.absences import NOBODY_AWAY, Absences
from worker.oncall.schedule.layer import Layer, Naming
from worker.oncall.schedule.overrides import Override, Place, apply, each_once
from worker.oncall.schedule.wall_clock import NEVER, Minute, ZoneClock

_NOTHING: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Who is on call from `start` until `until`, the first is primary; nobody is an answer too."""

    start: Minute
    until: Minute
    places: tuple[Place, ...]

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(place.person for place in self.places)


@dataclass(frozen=True)
class Schedule:
    """`overrides` stand in the order of their creation. `version` and `changed_by` are of its row, 0 for a file's."""

    name: str
    clock: ZoneClock
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: Absences = NOBODY_AWAY
    description: str = ""
    version: int = 0
    changed_by: str = ""

    def at(self, instant: Minute) -> Stretch:
        """Who is on call then; `until` is when that may change next, be it to the same people."""
        return self._at(instant, {})

    def _at(self, instant: Minute, known: dict[int, Naming]) -> Stretch:
        """`known` is what layers named before, and is brought up to date."""
        places, until = self._by_layers(instant, known)
        overrides, changes = self._overrides_at(instant)
        for override in overrides:
            places = apply(override, places)
        return Stretch(instant, min(until, changes), tuple(places))

    def stretches(self, start: Minute, end: Minute) -> Iterator[Stretch]:
        """All of the time between, without gap or overlap; neighbours may name the same people."""
        instant = start
        known: dict[int, Naming] = {}
        while instant < end:
            stretch = self._at(instant, known)
            until = min(stretch.until, end)
            yield Stretch(instant, until, stretch.places)
            instant = until

    def _by_layers(self, instant: Minute, known: dict[int, Naming]) -> tuple[list[Place], Minute]:
        """Those of the highest priority that names somebody count; a layer that names nobody hides nobody."""
        until = NEVER
        for layers in self._by_priority:
            places: list[Place] = []
            for number, layer in layers:
                naming = known.get(number)
                if naming is None or naming.until <= instant:
                    naming = known[number] = layer.naming(instant, self.absences)
                until = min(until, naming.until)
                places += [Place(named.person, number, named.behind, named.began) for named in naming.people]
            if places:
                return each_once(places), until
        return [], until

    @cached_property
    def _by_priority(self) -> Sequence[Sequence[tuple[int, Layer]]]:
        found: dict[int, list[tuple[int, Layer]]] = {}
        for number, layer in enumerate(self.layers):
            found.setdefault(layer.priority, []).append((number, layer))
        return [found[priority] for priority in sorted(found, reverse=True)]

    def _overrides_at(self, instant: Minute) -> tuple[Sequence[Override], Minute]:
        edges, in_force = self._override_edges
        number = bisect_right(edges, instant)
        following = edges[number] if number < len(edges) else NEVER
        return (in_force[edges[number - 1]] if number else _NOTHING), following

    @cached_property
    def _override_edges(self) -> tuple[Sequence[Minute], Mapping[Minute, Sequence[Override]]]:
        """When overrides begin or end, and which are in force from each on, in the order of their creation."""
        spans = [(each.start.instant(self.clock), each.end.instant(self.clock)) for each in self.overrides]
        beginning: dict[Minute, list[int]] = {}
        ending: dict[Minute, list[int]] = {}
        for number, (start, end) in enumerate(spans):
            if start < end:
                beginning.setdefault(start, []).append(number)
                ending.setdefault(end, []).append(number)
        edges = sorted(beginning.keys() | ending.keys())
        in_force: dict[Minute, Sequence[Override]] = {}
        active: set[int] = set()
        for edge in edges:
            active -= set(ending.get(edge, ()))
            active |= set(beginning.get(edge, ()))
            in_force[edge] = tuple(self.overrides[number] for number in sorted(active))
        return edges, in_force
