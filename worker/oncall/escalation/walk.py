"""The next level of a policy that names somebody, past those that do not: these take no time."""

from collections.abc import Iterator
from dataclasses import dataclass

from worker.oncall.definitions import Level, Policy
from worker.oncall.escalation.directory import Directory
from worker.oncall.escalation.state import LAST_RESORT, Place, Roles
from worker.oncall.schedule.wall_clock import Minute


@dataclass(frozen=True, slots=True)
class Skipped:
    """A level that names nobody, and why, as clauses."""

    place: Place
    vacancies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """Whom to tell at `place`, for how long to wait then (0 behind the last resort), and what was passed over."""

    place: Place
    people: tuple[str, ...]
    wait: Minute = 0
    skipped: tuple[Skipped, ...] = ()
    is_round_empty: bool = False
    """The last round named nobody at all, so that the last resort comes at once."""


def walk(policy: Policy, after: Place, instant: Minute, roles: Roles, directory: Directory) -> Walk:
    """From the place that was told last."""
    skipped: list[Skipped] = []
    is_named = after.level > 0
    while True:
        for place, level in _rest_of_round(policy, after):
            if people := directory.people(level.notify, instant, roles):
                return Walk(place, people, level.wait, tuple(skipped))
            skipped.append(Skipped(place, directory.vacancies(level.notify, instant, roles)))
        if not is_named or after.round > policy.repeat:
            people = directory.people(policy.last_resort, instant, roles)
            return Walk(LAST_RESORT, people, skipped=tuple(skipped), is_round_empty=not is_named)
        after, is_named = Place(after.round + 1, 0), False


def _rest_of_round(policy: Policy, after: Place) -> Iterator[tuple[Place, Level]]:
    for number in range(after.level, len(policy.levels)):
        yield Place(after.round, number + 1), policy.levels[number]
