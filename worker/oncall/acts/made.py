"""What people made by acts and may undo: overrides, swaps and absences that are not over."""

from collections.abc import Iterator
from dataclasses import dataclass

from worker.oncall.acts.leaving import clock_of_absence
from worker.oncall.acts.undoing import short_id, together
from worker.oncall.acts.words import absence_words, override_words, swap_words
from worker.oncall.definitions import Definitions
from worker.oncall.schedule.overrides import Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.why import Naming


@dataclass(frozen=True, slots=True)
class Made:
    """`id` is what undoes it; `by` is empty where nobody noted it. `end` is NEVER for who has left."""

    id: str
    kind: str
    sentence: str
    start: Minute
    end: Minute
    schedule: str = ""
    by: str = ""
    reason: str = ""


def made_by_people(definitions: Definitions, now: Minute, name: Naming) -> list[Made]:
    """In the order in which they begin."""
    found = [*_overrides(definitions, name), *_absences(definitions, name)]
    return sorted((each for each in found if each.end > now), key=lambda each: (each.start, each.id))


def _overrides(definitions: Definitions, name: Naming) -> Iterator[Made]:
    for schedule in definitions.schedules.values():
        groups: dict[str, list[Override]] = {}
        for each in schedule.overrides:
            groups.setdefault(together(each), []).append(each)
        for halves in groups.values():
            yield _override(schedule, halves, name)


def _override(schedule: Schedule, halves: list[Override], name: Naming) -> Made:
    first, is_swap = halves[0], len(halves) > 1
    return Made(
        id=first.swap if is_swap else short_id(first.key),
        kind="swap" if is_swap else first.kind.value,
        sentence=swap_words(halves, schedule, name) if is_swap else override_words(first, schedule, name),
        start=min(each.start.instant(schedule.clock) for each in halves),
        end=max(each.end.instant(schedule.clock) for each in halves),
        schedule=schedule.name,
        by=first.created_by,
        reason=first.reason,
    )


def _absences(definitions: Definitions, name: Naming) -> Iterator[Made]:
    for each in definitions.absences:
        said = absence_words(each, clock_of_absence(definitions, each.person), name)
        yield Made(each.key, "absence", said, each.start, each.end, reason=each.reason)
