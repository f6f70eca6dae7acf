"""Which notices a time has in it: read off the schedules alone, so that every worker finds the same ones.

What is told is the shift as its person sees it. Somebody who is on call before and after a boundary hears nothing of
it. A turn with windows, or one that others cover for a while, is one shift with pauses: it is announced once, before
its first hour, and so are turns that one person has one after the other. A pause in which nobody else is on call is no
handover; one in which somebody takes over is, and so is its end.
"""

from collections.abc import Iterator

from worker.oncall.notices.notice import Notice, NoticeKind
from worker.oncall.schedule.overrides import Place
from worker.oncall.schedule.schedule import Schedule, Stretch
from worker.oncall.schedule.wall_clock import DAY, Minute

# No window is closed for longer than a week; whoever comes back after that is told anew.
_LONGEST_PAUSE = 8 * DAY


def beginnings(schedule: Schedule, after: Minute, until: Minute) -> Iterator[Notice]:
    """For each shift that begins in the half-open time: whose it is."""
    for before, now in _changes(schedule, after, until):
        for place in _missing(now, before):
            if not _had_it_before(schedule, place, now.start):
                yield Notice(NoticeKind.BEFORE, schedule.name, now.start, coming=(place.person,))


def handovers(schedule: Schedule, after: Minute, until: Minute) -> Iterator[Notice]:
    """For each change of who is on call in the half-open time: who goes and who comes."""
    for before, now in _changes(schedule, after, until):
        going, coming = _missing(before, now), _missing(now, before)
        if not coming:
            going = [place for place in going if not has_it_again(schedule, place, now.start)]
        elif not going:
            coming = [place for place in coming if not _had_it_before(schedule, place, now.start)]
        if going or coming:
            yield Notice(NoticeKind.HANDOVER, schedule.name, now.start, _names(going), _names(coming))


def has_it_again(schedule: Schedule, place: Place, instant: Minute) -> bool:
    """Whether who goes then comes back to what put them there, and only pauses."""
    for stretch in schedule.stretches(instant, instant + _LONGEST_PAUSE):
        again = _place_of(place.person, stretch)
        if again is not None and _same_reason(again, place):
            return _had_since(schedule, again, stretch.start, instant - 1) < instant
    return False


def _had_it_before(schedule: Schedule, place: Place, instant: Minute) -> bool:
    """Whether who comes then has been on call for the same reason already."""
    since = _had_since(schedule, place, instant, instant - _LONGEST_PAUSE)
    return any(
        _same_reason(earlier, place)
        for stretch in schedule.stretches(since, instant)
        if (earlier := _place_of(place.person, stretch)) is not None
    )


def _had_since(schedule: Schedule, place: Place, instant: Minute, earliest: Minute) -> Minute:
    """Since when, at the earliest, the person has had without a break what puts them on call at the instant."""
    if place.override is not None:
        return max(place.override.start.instant(schedule.clock), earliest)
    layer, since = schedule.layers[place.layer], instant
    while since > earliest:
        began, holders = layer.holding(since - 1)
        if place.person not in holders:
            break
        since = began
    return max(since, earliest)


def _changes(schedule: Schedule, after: Minute, until: Minute) -> Iterator[tuple[Stretch, Stretch]]:
    """What was, and what is from its start on, wherever other people are named than before."""
    before = schedule.at(after - 1)
    for now in schedule.stretches(after, until):
        if set(now.people) != set(before.people):
            yield before, now
        before = now


def _missing(here: Stretch, there: Stretch) -> list[Place]:
    return [place for place in here.places if place.person not in there.people]


def _place_of(person: str, stretch: Stretch) -> Place | None:
    return next((place for place in stretch.places if place.person == person), None)


def _same_reason(one: Place, other: Place) -> bool:
    return one.override == other.override and (one.override is not None or one.layer == other.layer)


def _names(places: list[Place]) -> tuple[str, ...]:
    return tuple(place.person for place in places)
