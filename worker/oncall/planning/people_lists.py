"""The people of a layer that goes on: another list is a dated change, and what was stays as it was."""

from collections.abc import Sequence
from dataclasses import replace

from worker.oncall.schedule.layer import Change, Entry, Layer
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.wall_clock import NEVER, Minute


def moment_of(instant: Minute, now: Minute, layer: Layer) -> Moment:
    """As people read it: on the wall clock, but for the present minute."""
    return Moment(instant, is_instant=True) if instant == now else Moment(layer.clock.reading(instant))


def next_handover(layer: Layer, now: Minute) -> Minute:
    """The present where turns never change."""
    handover = layer.handover_after(now)
    return handover if handover < NEVER else now


def changes_after(layer: Layer, instant: Minute) -> tuple[Change, ...]:
    return tuple(change for change in layer.changes if change.begins.instant(layer.clock) > instant)


def changes_before(layer: Layer, instant: Minute) -> tuple[Change, ...]:
    return tuple(change for change in layer.changes if change.begins.instant(layer.clock) < instant)


def has_past(layer: Layer, now: Minute) -> bool:
    """Whether it may have named anybody before."""
    lists = (layer.people, *(change.people for change in changes_before(layer, now)))
    return layer.first_instant < min(now, layer.last_instant) and any(lists)


def with_list_of(stored: Layer, given: Layer, now: Minute, *, at_once: bool) -> Layer:
    """The stored layer with the list of the given one, from its next handover on or at once.

    What the given layer says of the future counts too; where it says nothing, its list is the last one for good.
    """
    pending, standing = changes_after(stored, now), stored.people_at(now)
    last = given.people_at(now)
    if not given.changes and _is_same_list(_last(stored, now), last) and not (at_once and pending):
        return stored
    if _is_same_list(standing, last):
        return _with_changes(stored, (*changes_before(stored, now + 1), *changes_after(given, now)))
    instant = now if at_once else next_handover(stored, now)
    following = changes_after(given, instant)
    wanted = given.people_at(instant)
    if not _is_same_list(standing, wanted):
        following = (Change(moment_of(instant, now, stored), wanted), *following)
    # Two changes of one minute would be one row.
    past = changes_before(stored, min(now + 1, instant))
    return _with_changes(stored, (*past, *following))


def begun_at(layer: Layer, instant: Minute, now: Minute) -> Layer:
    """The layer as it is, but that it names nobody before; its turns are counted from its start none the less."""
    if layer.first_instant >= instant:
        return layer
    people, first = _in_turn(layer, instant)
    change = Change(moment_of(instant, now, layer), people, first)
    return replace(layer, people=(), changes=(change, *changes_after(layer, instant)))


def _in_turn(layer: Layer, instant: Minute) -> tuple[tuple[Entry, ...], Entry | None]:
    """The list then, and who has the turn; a list that names an entry twice begins with whoever has it."""
    people = layer.people_at(instant)
    if layer.every is None or not people:
        return people, None
    if len(set(map(frozenset, people))) == len(people):
        # An empty turn cannot be named as the first, but the list can begin with it.
        first = layer.entry(instant)
        return (people, first) if first else (_from_turn(layer, instant, people), None)
    return _from_turn(layer, instant, people), None


def _from_turn(layer: Layer, instant: Minute, people: Sequence[Entry]) -> tuple[Entry, ...]:
    bare = replace(layer, changes=changes_before(layer, instant + 1))
    number = bare.turn(instant)
    begins = (bare.turn_begins(number + place) for place in range(len(people)))
    return tuple(bare.entry(max(instant, each)) for each in begins)


def _last(layer: Layer, now: Minute) -> tuple[Entry, ...]:
    """The list that is in force when all changes have come."""
    pending = sorted(changes_after(layer, now), key=lambda change: change.begins.instant(layer.clock))
    return pending[-1].people if pending else layer.people_at(now)


def _is_same_list(stored: tuple[Entry, ...], given: tuple[Entry, ...]) -> bool:
    """Where nobody can be named as the first, the list was turned until it began with whoever had the turn."""
    if stored == given or len(stored) != len(given):
        return stored == given
    is_turned = () in given or len(set(map(frozenset, given))) < len(given)
    return is_turned and any(given[place:] + given[:place] == stored for place in range(len(given)))


def _with_changes(layer: Layer, changes: tuple[Change, ...]) -> Layer:
    return layer if changes == layer.changes else replace(layer, changes=changes)
