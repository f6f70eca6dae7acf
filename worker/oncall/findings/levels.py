"""Levels, and single targets of them, that can never be told: nobody is, or ever will be, where they look."""

from collections.abc import Iterator, Sequence

from worker.oncall.definitions import NotifyTarget, Policy
from worker.oncall.findings.finding import Finding, fault, note
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import PLAN, meant
from worker.oncall.schedule.layer import Entry, Layer
from worker.oncall.schedule.overrides import Kind
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import NEVER, Minute

KIND = "level-never-told"


def find_untold_levels(survey: Survey) -> Iterator[Finding]:
    for policy in survey.definitions.policies.values():
        for number, level in enumerate(policy.levels, 1):
            yield from _of(survey, policy, f"Level {number}", level.notify)
        if policy.last_resort:
            yield from _of(survey, policy, "The last resort", policy.last_resort)


def _of(survey: Survey, policy: Policy, rung: str, targets: Sequence[NotifyTarget]) -> Iterator[Finding]:
    reasons = [reason for target in targets if (reason := _never(survey, target))]
    if len(reasons) == len(targets):
        yield fault(
            KIND,
            f"policy:{policy.name}",
            f"{rung} of the policy {policy.name} can never be told: {'; '.join(reasons) or 'it names nobody'}.",
            why="It is passed over, whatever happens.",
            remedy=f"Correct whom it notifies: {PLAN}",
        )
    else:
        for reason in reasons:
            yield note(
                KIND,
                f"policy:{policy.name}",
                f"{rung} of the policy {policy.name} names somebody who can never be told: {reason}.",
                why="The others of the level are told without them.",
                remedy=f"Correct whom it notifies: {PLAN}",
            )


def _never(survey: Survey, target: NotifyTarget) -> str:
    """Why, as a clause; empty where it may be told at some time."""
    if target.kind == "person":
        known = "@" in target.name or target.name in survey.definitions.people
        return "" if known else f"{target} stands nowhere in people"
    if target.kind != "schedule":
        return ""
    schedule = survey.definitions.schedules.get(target.name)
    if schedule is None:
        return f"there is no schedule {target.name}{meant(target.name, survey.definitions.schedules)}"
    most = most_people(schedule, survey.start)
    if most == 0:
        return f"the schedule {target.name} names nobody, now or later"
    return f"{target}, and {target.name} never names more than {most}" if target.rank > most else ""


def most_people(schedule: Schedule, start: Minute) -> int:
    """At least as many as the schedule names at any time from then on."""
    gone = {each.person for each in schedule.absences.all if each.start <= start and each.end >= NEVER}
    by_priority: dict[int, int] = {}
    for layer in schedule.layers:
        if layer.last_instant > start:
            by_priority[layer.priority] = by_priority.get(layer.priority, 0) + _most_of(layer, start, gone)
    ahead = [each.kind for each in schedule.overrides if each.end.instant(schedule.clock) > start]
    covered = int(Kind.COVER in ahead)
    return max(covered, *by_priority.values(), 0) + ahead.count(Kind.ADD)


def _most_of(layer: Layer, start: Minute, gone: set[str]) -> int:
    later = [change.people for change in layer.changes if change.begins.instant(layer.clock) > start]
    return max(_together(layer, entries, gone) for entries in (layer.people_at(start), *later))


def _together(layer: Layer, entries: Sequence[Entry], gone: set[str]) -> int:
    """Of one turn and those behind it, at the most."""
    count = len(entries)
    depth = min(layer.depth, count) if layer.every else count
    turns = (
        {person for turn in range(place, place + depth) for person in entries[turn % count]} for place in range(count)
    )
    return max((len(people - gone) for people in turns), default=0)
