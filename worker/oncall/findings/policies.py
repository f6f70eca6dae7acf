"""Policies that can end in nobody: no level, or no last resort, names anybody at some time."""

from collections.abc import Iterator

from worker.oncall.definitions import Policy
from worker.oncall.findings.finding import Finding, fault, note
from worker.oncall.findings.spans import Span
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.targets import silence_of_all
from worker.oncall.findings.wording import PLAN, Times
from worker.oncall.schedule.wall_clock import clock_of

KIND = "policy-ends-in-nobody"
_REMEDY = f'Give it a last resort that is always there, last_resort: ["person:NAME"]: {PLAN}'


def find_dead_ends(survey: Survey) -> Iterator[Finding]:
    for policy in survey.definitions.policies.values():
        resort = [] if survey.has_last_resort else silence_of_all(survey, policy.last_resort)
        if not resort:
            continue
        everybody = (target for level in policy.levels for target in level.notify)
        if nobody := silence_of_all(survey, (*everybody, *policy.last_resort)):
            yield _tells_nobody(survey, policy, nobody)
        elif not policy.last_resort:
            yield _unfinished(policy, "It has no last resort")
        else:
            yield _unfinished(policy, f"Its last resort may be nobody: {_told(survey, policy, resort)}")


def _tells_nobody(survey: Survey, policy: Policy, spans: list[Span]) -> Finding:
    return fault(
        KIND,
        f"policy:{policy.name}",
        f"No level of the policy {policy.name} names anybody, and no last resort: {_told(survey, policy, spans)}.",
        why="Nobody is told of an incident that begins then; roles are nobody's until somebody takes them.",
        remedy=_REMEDY,
    )


def _unfinished(policy: Policy, what: str) -> Finding:
    return note(
        KIND,
        f"policy:{policy.name}",
        f"The policy {policy.name} can end in nobody. {what}.",
        why="When nobody of its levels has answered, nobody else is told.",
        remedy=_REMEDY,
    )


def _told(survey: Survey, policy: Policy, spans: list[Span]) -> str:
    if spans == [(survey.start, survey.end)]:
        return "at no time of the days ahead is it anybody for certain"
    return _times(survey, policy).spans(spans)


def _times(survey: Survey, policy: Policy) -> Times:
    """Those of the first schedule that it names."""
    targets = (target for level in policy.levels for target in level.notify)
    names = (target.name for target in (*targets, *policy.last_resort) if target.kind == "schedule")
    known = next((survey.walks[name] for name in names if name in survey.walks), None)
    return known.times if known else Times(clock_of("UTC"), survey.start)
