"""People who are on call in two schedules at once."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from worker.oncall.findings.finding import Finding, note
from worker.oncall.findings.spans import Span, common, joined
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import lasting, override_command
from worker.oncall.wording import listed

KIND = "on-call-twice"


def find_double_duty(survey: Survey) -> Iterator[Finding]:
    """One for each person, with all the schedules."""
    for person, schedules in survey.by_person(lambda walk: walk.on_call).items():
        if found := _overlaps(schedules):
            yield _twice(survey, person, found)


def _overlaps(schedules: Mapping[str, list[Span]]) -> dict[str, list[Span]]:
    """By schedule: when another has the person too."""
    found: dict[str, list[Span]] = {}
    for one, other in combinations(schedules, 2):
        if both := common(schedules[one], schedules[other]):
            found.setdefault(one, []).extend(both)
            found.setdefault(other, []).extend(both)
    return found


def _twice(survey: Survey, person: str, found: Mapping[str, list[Span]]) -> Finding:
    spans = joined(span for each in found.values() for span in each)
    names = list(found)
    walk, other = survey.walks[names[0]], survey.walks[names[-1]].schedule
    total = sum(end - start for start, end in spans)
    return note(
        KIND,
        f"person:{person}",
        f"{survey.name(person)} is on call in {listed(names)} at once: {walk.times.spans(spans)} "
        f"({walk.schedule.clock.name}), {lasting(total)} in all.",
        why="Two incidents at once have one person between them; a second level that is the same person is none.",
        remedy=f"Have somebody else take one: {override_command(other.name, other.clock, found[other.name][0])}",
    )
