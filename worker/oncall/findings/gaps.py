"""Gaps: times at which a schedule names nobody, each with what every layer says to it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile

from worker.oncall.findings.finding import Finding, fault, note
from worker.oncall.findings.spans import Span, common
from worker.oncall.findings.survey import Survey, Walk
from worker.oncall.findings.wording import override_command
from worker.oncall.gaps import reasons_at
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.schedule.wall_clock import DAY, Minute
from worker.oncall.wording import listed

KIND = "gap"
_MOST = 100
_REASONS = 10
_BEYOND = 366 * DAY
_STRETCHES = 5_000


def find_gaps(survey: Survey) -> Iterator[Finding]:
    for name, walk in survey.walks.items():
        unanswered = {service: survey.unanswered(service) for service in _served(survey, name)}
        for gap in walk.gaps[:_MOST]:
            yield _gap(name, walk, gap, [service for service, spans in unanswered.items() if common([gap], spans)])
        if len(walk.gaps) > _MOST:
            left = walk.gaps[_MOST:]
            yield _more(name, walk, left, is_fault=any(common(left, spans) for spans in unanswered.values()))


def _served(survey: Survey, schedule: str) -> list[str]:
    """The services that it answers for, or would by its name if it is nobody's."""
    named = [service for service in survey.definitions.services if schedule in survey.schedules_of(service)]
    if schedule in survey.schedules_of(DEFAULT_SERVICE) and DEFAULT_SERVICE not in named:
        named.append(DEFAULT_SERVICE)
    return named or [schedule]


def _gap(name: str, walk: Walk, gap: Span, unanswered: list[str]) -> Finding:
    clock = walk.schedule.clock
    end = _ends(walk, gap)
    tell = fault if unanswered else note
    return tell(
        KIND,
        f"schedule:{name}",
        f"{name} names nobody {_when(walk, gap, end)} ({reason(walk, gap)}).",
        why=f"Nobody is called for {listed(unanswered)} then."
        if unanswered
        else "Somebody else answers for its services then: by another schedule, or by the on-call table.",
        remedy=f"Have somebody take it: {override_command(name, clock, (gap[0], end or gap[1]))}",
    )


def _ends(walk: Walk, gap: Span) -> Minute | None:
    """When somebody is on call again, be it after the days ahead; None where that is too far off to be seen."""
    if gap[1] < walk.end:
        return gap[1]
    later = walk.schedule.stretches(walk.end, walk.end + _BEYOND)
    return next((each.start for each in islice(later, _STRETCHES) if each.places), None)


def _when(walk: Walk, gap: Span, end: Minute | None) -> str:
    return walk.times.span((gap[0], end)) if end else f"from {walk.times.at(gap[0])} on"


def reason(walk: Walk, gap: Span) -> str:
    """What each layer says in each part, each thing once."""
    first = bisect_left(walk.stretches, gap[0], key=lambda stretch: stretch.start)
    parts = takewhile(lambda stretch: stretch.start < gap[1], islice(walk.stretches, first, None))
    found = dict.fromkeys(each for part in parts for each in reasons_at(walk.schedule, part.start, str))
    reasons = list(found)
    return ", ".join(reasons[:_REASONS]) + (", and more" if len(reasons) > _REASONS else "")


def _more(name: str, walk: Walk, left: Sequence[Span], *, is_fault: bool) -> Finding:
    tell = fault if is_fault else note
    return tell(
        KIND,
        f"schedule:{name}",
        f"{name} names nobody {len(left)} more times until {walk.times.at(left[-1][1])}.",
        why="A schedule with so many gaps is not what anybody meant.",
        remedy="List them all: `tocsin roster gaps`",
    )
