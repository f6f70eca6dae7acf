"""Overrides that put nobody in: whoever they are to replace is not on call then, or is away."""

from collections.abc import Iterator
from dataclasses import replace

from worker.oncall.findings.finding import Finding, note
from worker.oncall.findings.spans import Span
from worker.oncall.findings.survey import Survey, Walk
from worker.oncall.findings.wording import override_command
from worker.oncall.schedule.overrides import Kind, Override
from worker.oncall.schedule.schedule import Schedule

KIND = "override-changes-nothing"
# Each is asked with all that were made before it.
_MOST = 500


def find_idle_overrides(survey: Survey) -> Iterator[Finding]:
    for walk in survey.walks.values():
        for override, span in _idle(walk):
            yield _finding(survey, walk, override, span)


def _idle(walk: Walk) -> Iterator[tuple[Override, Span]]:
    ahead = [(each, span) for each in walk.schedule.overrides if (span := _span(walk, each))[0] < span[1]]
    for number, (override, span) in enumerate(ahead[:_MOST]):
        if override.kind is Kind.REPLACE:
            before = replace(walk.schedule, overrides=tuple(each for each, _ in ahead[:number]))
            if not _is_on_call(before, override.replaces, span):
                yield override, span


def _span(walk: Walk, override: Override) -> Span:
    """As far as it lies in the days ahead."""
    clock = walk.schedule.clock
    return max(walk.start, override.start.instant(clock)), min(walk.end, override.end.instant(clock))


def _is_on_call(schedule: Schedule, person: str, span: Span) -> bool:
    return any(person in stretch.people for stretch in schedule.stretches(*span))


def _finding(survey: Survey, walk: Walk, override: Override, span: Span) -> Finding:
    clock, name = walk.schedule.clock, walk.schedule.name
    person, replaced = survey.name(override.person), survey.name(override.replaces)
    return note(
        KIND,
        f"schedule:{name}",
        f"{person} stands in for {replaced} in {name} {walk.times.span(span)}, and {replaced} is not on call then.",
        why=f"Whoever is away has no turn that could be taken over: {person} is not called.",
        remedy=f"Have {person} take the time, whoever has it: {override_command(name, clock, span, override.person)}",
    )
