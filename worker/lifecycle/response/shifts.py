"""When the shifts of those who are at work on an incident end, and whose have."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from worker.domain.response.response import PersonRef, Response
from worker.domain.response.roles import COMMANDER, COMMUNICATIONS
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.policy_clock import minute_now, wall_time_of
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import DAY, Minute

# Nobody is asked today about a shift that ends after the week.
_LOOK_AHEAD = 8 * DAY


def next_end_of_shift(response: Response, known: Circumstances) -> datetime | None:
    """When one of them may be on call no more; None where no schedule names any of them."""
    minute, _ = minute_now(response.clock, known.now)
    people = {ref.person for ref in at_work(response)}
    stretches = (schedule.at(minute) for schedule in _watched(known))
    ends = [stretch.until for stretch in stretches if people.intersection(stretch.people)]
    end = min(ends, default=minute + _LOOK_AHEAD)
    return wall_time_of(response.clock, end, timedelta()) if end < minute + _LOOK_AHEAD else None


def off_shift(response: Response, known: Circumstances, since: datetime) -> tuple[PersonRef, ...]:
    """Who of them was on call just before then, and is so by no schedule now."""
    before, now = minute_now(response.clock, since)[0] - 1, minute_now(response.clock, known.now)[0]
    were, are = (set(_on_call(known, minute)) for minute in (before, now))
    return tuple(ref for ref in at_work(response) if ref.person in were - are)


def at_work(response: Response) -> tuple[PersonRef, ...]:
    """Whose it is, and whoever has a role."""
    roles = [span.person for span in response.roles if span.until is None]
    return tuple({ref.person: ref for ref in (*filter(None, [response.owner]), *roles)}.values())


def _on_call(known: Circumstances, minute: Minute) -> Iterator[str]:
    for schedule in _watched(known):
        yield from schedule.at(minute).people


def _watched(known: Circumstances) -> Iterator[Schedule]:
    """Those that the policies name, and those of the roles that are called."""
    levels = [level for policy in known.directory.policies for level in policy.levels]
    named = [target.name.casefold() for level in levels for target in level.notify if target.kind == "schedule"]
    for name in dict.fromkeys((*named, COMMANDER, COMMUNICATIONS)):
        if (schedule := known.directory.schedules.get(name)) is not None:
            yield schedule
